/** The trades of a day, of all files that have any of them, a part of the day at a time: a busy market has millions. */
import type { PublicTrade, Span } from '@nightdesk/core';
import type { TradesFile } from './cold-files.ts';
import { mergeTrades } from './merge-trades.ts';

/** About so many are held as objects at once: some hundred bytes each. */
const tradesAtOnce = 100_000;
/** A day is read in about so many parts at most, whatever its files say of themselves. */
const partsMax = 1_000;

const countOf = (files: readonly TradesFile[], span: Span): number =>
  files.reduce((sum, file) => sum + file.countAbout(span), 0);

/**
 * Every trade once, in order of time, in lists of which none is empty.
 *
 * @param files those that were brought in later come later
 */
export async function* mergeDay(files: readonly TradesFile[], span: Span): AsyncIterable<PublicTrade[]> {
  const countMax = Math.max(tradesAtOnce, countOf(files, span) / partsMax);
  for (const part of partsOf(files, span, countMax)) {
    const lists: PublicTrade[][] = [];
    for (const file of files) lists.push(await file.read(part));
    const merged = mergeTrades(lists);
    if (merged.length > 0) yield merged;
  }
}

/** Halves of halves, since a market that crashes has most trades of its day within an hour. Ends at a millisecond. */
function* partsOf(files: readonly TradesFile[], span: Span, countMax: number): Generator<Span> {
  const { fromMs, toMs } = span;
  const count = countOf(files, span);
  if (count === 0) return;
  const middleMs = Math.floor((fromMs + toMs) / 2);
  if (count <= countMax || middleMs === fromMs) {
    yield span;
    return;
  }
  yield* partsOf(files, { fromMs, toMs: middleMs }, countMax);
  yield* partsOf(files, { fromMs: middleMs, toMs }, countMax);
}
