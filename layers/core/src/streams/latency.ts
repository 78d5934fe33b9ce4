/** How long something takes: shares of the last minute, in memory that does not grow. */
import { SlidingMinute } from './sliding-minute.ts';
import type { LatencyFigures } from './stream-status.ts';

/** Each bucket ends so many times further than the one before: figures are at most a tenth too high, and never too low. */
const bucketRatio = 1.1;
/** The first bucket ends here; milliseconds. */
const bucketMsMin = 0.05;
/** 0.05 ms × 1.1^180 is 23 minutes; what is longer is in the last one. */
const bucketCount = 181;

const bucketOf = (valueMs: number): number =>
  Math.max(0, Math.min(bucketCount - 1, Math.ceil(Math.log(valueMs / bucketMsMin) / Math.log(bucketRatio))));

/** Where a bucket ends; milliseconds. */
const endOf = (bucket: number): number => bucketMsMin * bucketRatio ** bucket;

/** Times are of one clock that never goes back, milliseconds. */
export class LatencyHistogram {
  readonly #minute = new SlidingMinute(() => ({ counts: new Uint32Array(bucketCount), maxMs: 0 }));

  /** @param valueMs below zero, as clocks of others may make it, counts as zero */
  record(valueMs: number, nowMs: number): void {
    const slice = this.#minute.current(nowMs);
    const bucket = bucketOf(Math.max(valueMs, 0));
    slice.counts[bucket] = Number(slice.counts[bucket]) + 1;
    slice.maxMs = Math.max(slice.maxMs, valueMs);
  }

  /** Of the last minute; absent where there was nothing. */
  figures(nowMs: number): LatencyFigures | undefined {
    const slices = this.#minute.all(nowMs);
    const counts = Array.from({ length: bucketCount }, (_, bucket) =>
      slices.reduce((sum, slice) => sum + Number(slice.counts[bucket]), 0),
    );
    const total = counts.reduce((sum, count) => sum + count, 0);
    if (total === 0) return undefined;
    const max = Math.max(...slices.map(({ maxMs }) => maxMs));
    const share = (part: number): number => {
      const rank = Math.ceil(part * total);
      let seen = 0;
      const bucket = counts.findIndex((count) => {
        seen += count;
        return seen >= rank;
      });
      // The last bucket has no end of its own.
      return rounded(bucket === bucketCount - 1 ? max : Math.min(endOf(bucket), max));
    };
    return { p50: share(0.5), p90: share(0.9), p99: share(0.99), max: rounded(max) };
  }
}

/** To a thousandth of a millisecond: what is finer says nothing. */
const rounded = (valueMs: number): number => Math.round(valueMs * 1_000) / 1_000;
