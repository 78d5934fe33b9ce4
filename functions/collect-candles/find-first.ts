/** Finds where the candles of a market begin, without asking for every page of the time before. */
import type { Span } from '@nightdesk/core';
import { walkCandles } from '../shared/walk-candles.ts';
import type { Source } from './ask-span.ts';

export type FirstCandle =
  /** Nothing is before it. */
  | { kind: 'begins'; atMs: number }
  /** Nothing is in all of the span. */
  | { kind: 'nothing' }
  /** The venue does not tell what was at the beginning of the span. */
  | { kind: 'untold' }
  /** There was more to ask than was allowed; nothing is before it. */
  | { kind: 'later'; atMs: number };

const questionsMax = 30;

/** @throws VenueError where the venue does not answer */
export async function findFirst({ venue, market, series }: Source, span: Span) {
  let [atMs, questions] = [span.fromMs, 0];
  for await (const page of walkCandles(venue, market, { timeframe: series.timeframe, span, questionsMax })) {
    questions += page.questions;
    if (!page.isTold) return { first: { kind: 'untold' } as FirstCandle, questions };
    const [candle] = page.candles;
    if (candle !== undefined) return { first: { kind: 'begins', atMs: candle.openTimeMs } as FirstCandle, questions };
    atMs = page.span.toMs;
  }
  const first: FirstCandle = atMs >= span.toMs ? { kind: 'nothing' } : { kind: 'later', atMs };
  return { first, questions };
}
