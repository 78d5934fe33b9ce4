/** Candles of a market as a venue answers with them: none before the listing, none of the future, and what faults make of them. */
import { type Candle, candleOf } from '../engine/candles.ts';
import type { MarketPast } from '../engine/market-past.ts';
import type { FaultBoard } from '../fault-board.ts';
import { disturbCandles, disturbPage, staleMs } from './candle-faults.ts';
import { type Span, spanAt } from './candle-spans.ts';

/** What a venue says of minutes in which nobody traded: candles with no volume at the last price, or nothing. */
export type QuietCandles = 'shown' | 'left-out';

export interface CandleQuestion {
  past: MarketPast;
  /** Name of the symbol at the venue and path of the request, for faults. */
  symbol: string;
  path: string;
  /** The candle that a time falls into. */
  spanAt(atMs: number): Span;
  /** The first candle opens at or after this. @default the listing */
  startMs?: number | undefined;
  /** The last candle opens at or before this. */
  endMs: number;
  limit: number;
  /** Which are given where there are more than the limit. */
  prefer: 'oldest' | 'newest';
}

export interface CandleVenue {
  readonly faults: FaultBoard;
  readonly quietCandles: QuietCandles;
}

/** A page is looked for in at most so many spans of time. */
const spansMax = 250_000;

export const spansOf = (interval: string) => (atMs: number) => spanAt(interval, atMs);

/** Oldest first, the last of them perhaps still forming. Each call is one occasion for the faults of candles. */
export function answerCandles(venue: CandleVenue, question: CandleQuestion, nowMs: number): Candle[] {
  const { symbol, path, past } = question;
  const subject = { method: 'GET', symbol, path };
  const known = candlesWithin(question, { nowMs, quiet: venue.quietCandles, staleMs: staleMs(venue.faults, subject) });
  const faulty = disturbCandles(venue.faults, { ...subject, seed: past.seed }, known);
  return disturbPage(venue.faults, subject, faulty);
}

interface View {
  nowMs: number;
  quiet: QuietCandles;
  /** How old what is shown of the last candles is. */
  staleMs: number;
}

/** What really was, oldest first. */
export function candlesWithin(question: CandleQuestion, { nowMs, quiet, staleMs: lateMs }: View): Candle[] {
  const found: Candle[] = [];
  for (const span of spansWithin(question, nowMs)) {
    // What is late is so at the end of time only; long past candles are what they were.
    const seenAtMs = Math.max(nowMs - lateMs, span.openMs - 1);
    const candle = candleOf(question.past, span, lateMs === 0 ? nowMs : seenAtMs);
    if (quiet === 'left-out' && candle.tradeCount === 0) continue;
    candle.closed = nowMs >= span.endMs;
    found.push(candle);
    if (found.length === question.limit) break;
  }
  return question.prefer === 'newest' ? found.reverse() : found;
}

function* spansWithin(
  { past, spanAt: at, startMs = 0, endMs, prefer }: CandleQuestion,
  nowMs: number,
): Generator<Span> {
  const listing = at(past.listedAtMs).openMs;
  const from = at(Math.max(startMs, listing));
  const firstMs = from.openMs < startMs ? from.endMs : from.openMs;
  const lastMs = Math.min(endMs, nowMs);
  let span = prefer === 'oldest' ? at(firstMs) : at(lastMs);
  for (let count = 0; count < spansMax && span.openMs >= firstMs && span.openMs <= lastMs; count++) {
    yield span;
    span = prefer === 'oldest' ? at(span.endMs) : at(span.openMs - 1);
  }
}
