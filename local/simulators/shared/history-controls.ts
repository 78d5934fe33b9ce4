/** `/__sim/candles`, `/__sim/markets`: what really was, whatever faults make venues say. */
import { z } from 'zod';
import type { Candle } from '../engine/candles.ts';
import type { SeededVenue } from '../engine/seeded-venue.ts';
import type { Instrument } from '../engine/types.ts';
import type { FaultBoard } from '../fault-board.ts';
import { shownCandles } from './candle-faults.ts';
import { candlesWithin, spansOf } from './candle-pages.ts';
import { isInterval } from './candle-spans.ts';
import { type ControlAnswer, type ControlInput, issuesOf, ok, problem } from './control-answer.ts';

/** A market by the venue's name; a spot market and a perpetual may share one. */
export interface ListedMarket {
  readonly symbol: string;
  readonly kind: 'spot' | 'perpetual';
  readonly instrument: Instrument;
}

/** What these calls need to know of a venue. */
export interface RememberingVenue {
  readonly market: SeededVenue;
  readonly faults: FaultBoard;
  nowMs(): number;
  markets(): readonly ListedMarket[];
}

const candlesMax = 100_000;

const time = z
  .string()
  .transform((text) => (/^\d+$/.test(text) ? Number(text) : Date.parse(text)))
  .refine((atMs) => Number.isFinite(atMs), 'must be epoch milliseconds or a time such as 2026-11-21T00:00:00Z');

const questionSchema = z.strictObject({
  symbol: z.string().min(1),
  kind: z.enum(['spot', 'perpetual']).default('spot'),
  timeframe: z.string().refine(isInterval, 'must be a timeframe such as 1m, 4h or 1d').default('1m'),
  from: time,
  /** The first time that is not asked for. */
  to: time,
  /** `faults`: as the venue shows them now. */
  as: z.enum(['truth', 'faults']).default('truth'),
});

/** Every candle of a time, those in which nobody traded too. */
export function listCandles(venue: RememberingVenue, { query }: ControlInput): ControlAnswer {
  const input = questionSchema.safeParse(Object.fromEntries(query));
  if (!input.success) return problem(400, issuesOf(input.error));
  const { symbol, kind, timeframe, from, to, as } = input.data;
  const found = venue.markets().find((one) => one.symbol === symbol && one.kind === kind);
  if (found === undefined) return problem(400, [{ field: 'symbol', message: `no ${kind} market "${symbol}"` }]);
  const past = venue.market.candleSource(found.instrument.id);
  const range = { startMs: from, endMs: to - 1, limit: candlesMax + 1, prefer: 'oldest' as const };
  const question = { past, symbol, path: '', spanAt: spansOf(timeframe), ...range };
  const known = candlesWithin(question, { nowMs: Math.floor(venue.nowMs()), quiet: 'shown', staleMs: 0 });
  if (known.length > candlesMax) {
    return problem(400, [{ field: 'to', message: `more than ${candlesMax} candles: ask for less at a time` }]);
  }
  const subject = { method: 'GET', symbol, seed: past.seed };
  const candles = as === 'truth' ? known : shownCandles(venue.faults, subject, known);
  return ok({ listedAtMs: past.listedAtMs, candles: candles.map(viewOf) });
}

function viewOf(candle: Candle) {
  const { openMs, open, high, low, close, baseVolume, quoteVolume, tradeCount, closed } = candle;
  return { openMs, open, high, low, close, baseVolume, quoteVolume, tradeCount, closed };
}

/** What is listed since when, and where there are minutes in which nobody trades. */
export function listMarkets(venue: RememberingVenue): ControlAnswer {
  const markets = venue.markets().map(({ symbol, kind, instrument }) => {
    const { listedAtMs, tradedShare } = venue.market.candleSource(instrument.id);
    return { symbol, kind, base: instrument.base, quote: instrument.quote, listedAtMs, tradedShare };
  });
  return ok({ markets });
}
