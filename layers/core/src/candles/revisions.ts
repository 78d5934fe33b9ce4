/** Candles that a venue has changed after they were stored. */
import { type CandleColumns, type CandleRow, rowOf, type ValueColumn, valueColumns } from './columns.ts';

export interface Revision {
  openMs: number;
  before: CandleRow;
  after: CandleRow;
  /** Which values are others now. */
  changed: ValueColumn[];
}

/**
 * Candles of both that have other values now, oldest first; the slightest difference counts. A value that was not known and is told
 * now completes a candle, and one that is not told any more says nothing: neither is a revision.
 */
export function findRevisions(before: CandleColumns, after: CandleColumns): Revision[] {
  const revisions: Revision[] = [];
  let at = 0;
  for (const [index, openMs] of before.openMs.entries()) {
    while ((after.openMs[at] ?? Number.POSITIVE_INFINITY) < openMs) at += 1;
    if (after.openMs[at] !== openMs) continue;
    const changed = valueColumns.filter((name) => {
      const [old, young] = [before[name][index] as number, after[name][at] as number];
      return old !== young && !Number.isNaN(old) && !Number.isNaN(young);
    });
    if (changed.length > 0) revisions.push({ openMs, before: rowOf(before, index), after: rowOf(after, at), changed });
  }
  return revisions;
}

/**
 * What is newer, with the values that only the older ones tell: a venue that tells less in one place than in another takes nothing
 * away that is known.
 */
export function completeColumns(older: CandleColumns, newer: CandleColumns): CandleColumns {
  const place = new Map(Array.from(older.openMs, (openMs, index) => [openMs, index]));
  const completed = (name: ValueColumn) =>
    newer[name].map((value, index) => {
      const known = Number.isNaN(value) ? place.get(newer.openMs[index] as number) : undefined;
      return known === undefined ? value : (older[name][known] as number);
    });
  const { volume, quoteVolume, trades } = {
    ...{ volume: completed('volume'), quoteVolume: completed('quoteVolume'), trades: completed('trades') },
  };
  return { ...newer, volume, quoteVolume, trades };
}
