/** Why a series could not be collected, and whose trouble it is. */
import { type Cause, type SeriesFailure, VenueError } from '@nightdesk/core';

const minuteMs = 60_000;
const pauseMsMax = 60 * minuteMs;

/** 1, 2, 4, … 60 minutes. */
export function failureOf(cause: Cause, before: SeriesFailure | undefined, nowMs: number): SeriesFailure {
  const attempts = (before?.attempts ?? 0) + 1;
  const pauseMs = Math.min(minuteMs * 2 ** Math.min(attempts - 1, 10), pauseMsMax);
  return { ...cause, attempts, sinceMs: before?.sinceMs ?? nowMs, retryAtMs: nowMs + pauseMs };
}

/** Our own request limit, or a ban that is being waited out: the series is as good as before, and asked for at the next time. */
const ownCodes: ReadonlySet<string> = new Set(['not_sent', 'venue_blocked', 'rate_limited']);
/** The venue itself does not answer, whatever it is asked. */
const outageCodes: ReadonlySet<string> = new Set([
  ...['network', 'timeout', 'unavailable', 'maintenance', 'operation_failed', 'unparsable_answer'],
]);

export type Trouble =
  /** It was not asked after all. */
  | { kind: 'not_asked'; cause: Cause }
  /** It answers nobody, or so it seems. */
  | { kind: 'outage'; cause: Cause }
  /** It has something against this series. */
  | { kind: 'refused'; cause: Cause };

/** @throws the error itself where it is none of a venue: the job then fails, and is done again */
export function troubleOf(error: unknown): Trouble {
  if (!(error instanceof VenueError)) throw error;
  const cause = { code: error.code ?? 'bad_answer', message: error.message };
  if (ownCodes.has(cause.code)) return { kind: 'not_asked', cause };
  return { kind: outageCodes.has(cause.code) ? 'outage' : 'refused', cause };
}

export const unlistedCause = (venue: string, symbol: string): Cause => ({
  code: 'market_unavailable',
  message: `${venue} lists no market ${symbol}; take it out of collection.yaml if it is gone for good`,
});
