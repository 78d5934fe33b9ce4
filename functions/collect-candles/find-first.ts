/** Finds where the candles of a market begin, without asking for every page of the time before. */
import { openTimeOf, type Span } from '@nightdesk/core';
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

const dayMs = 86_400_000;
/** A market without a trade for so long before is taken for one that was not there. Most that were there show it in the last days. */
const [daysBefore, lastDays] = [1_000, 30];
const daysQuestionsMax = 12;

/**
 * Whether a market has nothing before a time. Where nobody traded for the first minutes, or days, of what was asked for, the first
 * candle there is not the first there is.
 *
 * @throws VenueError where the venue does not answer
 */
export async function hasNothingBefore({ venue, market, series }: Source, atMs: number) {
  const todayMs = openTimeOf('1d', atMs);
  const daysAgo = (days: number) => Math.max(0, todayMs - days * dayMs);
  const before = [
    { timeframe: series.timeframe, span: { fromMs: todayMs, toMs: atMs } },
    { timeframe: '1d', span: { fromMs: daysAgo(lastDays), toMs: todayMs } },
    { timeframe: '1d', span: { fromMs: daysAgo(daysBefore), toMs: daysAgo(lastDays) } },
  ];
  // Without candles of days it would take too many questions, and what is not known is not claimed.
  let [hasNothing, questions] = [venue.capabilities.timeframes.includes('1d'), 0];
  for (const { timeframe, span } of before) {
    if (!hasNothing) break;
    let toldToMs = span.fromMs;
    for await (const page of walkCandles(venue, market, { timeframe, span, questionsMax: daysQuestionsMax })) {
      questions += page.questions;
      hasNothing = page.isTold && page.candles.length === 0;
      toldToMs = page.span.toMs;
      if (!hasNothing) break;
    }
    hasNothing &&= toldToMs >= span.toMs;
  }
  return { hasNothing, questions };
}
