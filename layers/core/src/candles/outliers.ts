/** Candles that no other venue confirms. */
import type { QuarantinedCandle } from './candle-block.ts';
import { type CandleColumns, columnsOf, rowsOf } from './columns.ts';
import type { CandleCheck, CheckedCandles } from './quality.ts';

export interface Outlier {
  openMs: number;
  close: number;
  /** Of what other venues show at the time. */
  median: number;
  /** How many others there were. */
  others: number;
}

/** Fewer than this many others confirm nothing: each may be the one that is wrong. */
const confirmingMin = 2;

/**
 * Candles whose close is further than `percent` from the median of what other venues closed at in the same minute. Nothing is said
 * of a time at which fewer than two others have a candle, or fewer than two of them are within `percent` of that median: when
 * others contradict each other, nobody can say who is right.
 *
 * @param others of markets with the same base and quote asset, one for each venue
 */
export function findOutliers(columns: CandleColumns, others: readonly CandleColumns[], percent: number): Outlier[] {
  const isFar = (value: number, median: number) => Math.abs(value - median) > (median * percent) / 100;
  const places = others.map(() => 0);
  return Array.from(columns.openMs).flatMap((openMs, index) => {
    const closes = others.flatMap((other, which) => {
      let at = places[which] as number;
      while ((other.openMs[at] ?? Number.POSITIVE_INFINITY) < openMs) at += 1;
      places[which] = at;
      return other.openMs[at] === openMs ? [other.close[at] as number] : [];
    });
    if (closes.length < confirmingMin) return [];
    const median = medianOf(closes);
    if (closes.filter((each) => !isFar(each, median)).length < confirmingMin) return [];
    const close = columns.close[index] as number;
    return isFar(close, median) ? [{ openMs, close, median, others: closes.length }] : [];
  });
}

/** @param values at least one */
function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]] as [number, number];
  return (low + high) / 2;
}

/** Takes outliers out of the candles. */
export function quarantineOutliers(
  columns: CandleColumns,
  outliers: readonly Outlier[],
  { series, nowMs }: CandleCheck,
): CheckedCandles {
  if (outliers.length === 0) return { candles: columns, quarantined: [] };
  const found = new Map(outliers.map((outlier) => [outlier.openMs, outlier]));
  const quarantined: QuarantinedCandle[] = [];
  const rows = rowsOf(columns).filter((row) => {
    const outlier = found.get(row.openMs);
    if (outlier === undefined) return true;
    const message = `its close of ${outlier.close} is far from ${outlier.median}, the median of ${outlier.others} other venues`;
    const values = [row.openMs, row.open, row.high, row.low, row.close, row.volume ?? null];
    quarantined.push({ series, openMs: row.openMs, reason: 'outlier', message, values, atMs: nowMs });
    return false;
  });
  return { candles: columnsOf(rows), quarantined };
}
