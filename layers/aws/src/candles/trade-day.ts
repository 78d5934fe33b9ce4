/** The trades of a day, of all files that have any of them, a part of the day at a time: a busy market has millions. */
import type { PublicTrade, Span } from '@nightdesk/core';
import type { TradesFile } from './cold-files.ts';
import { mergeTrades } from './merge-trades.ts';

/** About so many are held as objects at once, where they are spread evenly: some hundred bytes each. */
const tradesAtOnce = 100_000;
const slicesMax = 96;

/**
 * Every trade once, in order of time, in lists of which none is empty.
 *
 * @param files those that were brought in later come later
 */
export async function* mergeDay(files: readonly TradesFile[], span: Span): AsyncIterable<PublicTrade[]> {
  const count = files.reduce((sum, file) => sum + file.countNear(span), 0);
  const slices = Math.min(slicesMax, Math.max(1, Math.ceil(count / tradesAtOnce)));
  const sliceMs = Math.ceil((span.toMs - span.fromMs) / slices);
  for (let fromMs = span.fromMs; fromMs < span.toMs; fromMs += sliceMs) {
    const slice = { fromMs, toMs: Math.min(span.toMs, fromMs + sliceMs) };
    const lists: PublicTrade[][] = [];
    for (const file of files) lists.push(await file.read(slice));
    const merged = mergeTrades(lists);
    if (merged.length > 0) yield merged;
  }
}
