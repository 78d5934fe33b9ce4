/** Candles of a market as a venue has them: none before the listing, and none of the future. */
import { type Candle, candleOf } from '../engine/candles.ts';
import type { MarketPast } from '../engine/market-past.ts';
import { type Span, spanAt, spansFrom, spansUntil } from './candle-spans.ts';

export interface CandleQuestion {
  /** A name of `candle-spans.ts`. */
  interval: string;
  /** The first candle opens at or after this; absent asks for the last ones. */
  startMs?: number | undefined;
  /** The last candle opens at or before this. */
  endMs: number;
  limit: number;
}

/** Spans of a question that the market was there for, oldest first. */
export function listedSpans(past: MarketPast, { interval, startMs, endMs, limit }: CandleQuestion): Span[] {
  const firstMs = spanAt(interval, past.listedAtMs).openMs;
  if (startMs !== undefined) return spansFrom(interval, { startMs: Math.max(startMs, firstMs), endMs, limit });
  return spansUntil(interval, { endMs, limit }).filter(({ openMs }) => openMs >= firstMs);
}

/** Oldest first, the last of them perhaps still forming. */
export function candlesOf(past: MarketPast, spans: readonly Span[], nowMs: number): Candle[] {
  return spans.map((span) => candleOf(past, span, nowMs));
}
