/** Periods of which something is missing that the venue may still have. */
import type { SeriesRecord, UnfilledPeriod } from './series-record.ts';
import type { Period } from './timeframe.ts';

/** Most periods of a series that are asked for again; older ones are given up. */
export const unfilledMax = 30;
/** How often a period is asked for, the sealing included; then its gaps stay open until somebody asks (`npm run candles -- fill`). */
export const fillAttemptsMax = 8;
const pauseMinMs = 600_000;
const pauseMaxMs = 86_400_000;

/** How long a period is left alone after it was asked for `attempts` times: ten minutes, and twice as long each time, up to a day. */
export const fillPauseMs = (attempts: number): number => Math.min(pauseMinMs * 2 ** (attempts - 1), pauseMaxMs);

/** When a period is asked for again. */
export const fillDueMs = ({ attempts, askedAtMs }: UnfilledPeriod): number => askedAtMs + fillPauseMs(attempts);

/**
 * What a record says of its unfilled periods, after one of them was asked for.
 *
 * @param isOpen whether any of its gaps still is
 * @returns `undefined` where nothing is left
 */
export function noteUnfilled(
  { unfilled = [] }: Pick<SeriesRecord, 'unfilled'>,
  period: Period,
  { isOpen, askedAtMs }: { isOpen: boolean; askedAtMs: number },
): readonly UnfilledPeriod[] | undefined {
  const attempts = (unfilled.find((each) => each.period === period)?.attempts ?? 0) + 1;
  const others = unfilled.filter((each) => each.period !== period);
  const own = isOpen && attempts < fillAttemptsMax ? [{ period, attempts, askedAtMs }] : [];
  const all = [...others, ...own].sort((a, b) => (a.period < b.period ? -1 : 1)).slice(-unfilledMax);
  return all.length === 0 ? undefined : all;
}
