/** What is known of a series beside its data. */
import type { Cause } from '../ports/venue.ts';
import type { Series } from './series.ts';
import type { Period, Span } from './timeframe.ts';

/** Why a series could not be collected, and when it is tried again. */
export interface SeriesFailure extends Cause {
  sinceMs: number;
  /** Failures in a row. */
  attempts: number;
  /** Until then it is left out, so that it holds nobody up. */
  retryAtMs: number;
}

/** How far a range has been fetched. */
export interface Backfill extends Span {
  /** Everything before it is stored. */
  doneToMs: number;
  startedAtMs: number;
  /** Absent while it goes on. */
  endedAtMs?: number;
  candles: number;
  requests: number;
  /** `person`: asked for by somebody, and goes first. `history`: what collection.yaml wants to have of the past. */
  askedBy: 'person' | 'history';
  /** Why it stands still; tried again by the planner. */
  cause?: Cause;
}

/** A period with open gaps. */
export interface UnfilledPeriod {
  period: Period;
  /** How often it was asked for, the sealing included. */
  attempts: number;
  /** When it was asked for last; UTC epoch milliseconds. */
  askedAtMs: number;
}

export interface SeriesTotals {
  candles: number;
  /** In the candles table. */
  hotBytes: number;
  /** In cold files. */
  coldBytes: number;
  /** Blocks. */
  periods: number;
  /** Candles missing, by kind of gap. */
  missing: { open: number; noTrades: number; outage: number; quarantined: number };
  /** Made of trades, and changed by the venue after they were stored. */
  rebuilt: number;
  revised: number;
  quarantined: number;
}

export interface SeriesRecord {
  series: Series;
  lane: number;
  /** `kept`: not in the configuration any more; what there is stays readable. */
  status: 'collected' | 'kept';
  /** Collected from then on; UTC epoch milliseconds. */
  sinceMs: number;
  /** Of one that is `kept`: when it was collected last. What came before is still sealed. Absent where it never was. */
  untilMs?: number;
  /** Open time of the first candle that the venue has, once it is known. */
  listedFromMs?: number;
  failure?: SeriesFailure;
  backfill?: Backfill;
  /** Everything from then up to `sinceMs` was fetched, since collection.yaml wants that much of the past. */
  historyFromMs?: number;
  /** The last period whose block is complete, and which has a cold file. */
  sealed?: Period;
  /** Sealed ones that are asked for again, oldest first (`noteUnfilled`). */
  unfilled?: readonly UnfilledPeriod[];
  /** Of trades and funding: what was read last, or a time up to which there was nothing. */
  cursor?: { atMs: number; id?: string };
  /** As of the last sealed block. */
  totals: SeriesTotals;
  /** Grows with every write; 0 was never stored. */
  version: number;
}

export const noTotals: SeriesTotals = {
  ...{ candles: 0, hotBytes: 0, coldBytes: 0, periods: 0, rebuilt: 0, revised: 0, quarantined: 0 },
  missing: { open: 0, noTrades: 0, outage: 0, quarantined: 0 },
};
