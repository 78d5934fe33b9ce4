/** The answer over HTTP that a book begins with: none that is older than what the stream has told since is taken. */
import type { Clock } from '@nightdesk/core';
import { currentCall, VenueCall } from '../venue-call.ts';
import type { KnownPrices } from './book-tracker.ts';

/** The part of a `BookTracker` that has to do with how its book begins. */
export interface BeginningTracker {
  /** Of rule `chained`: the greatest number that the stream has told; a book that begins may not end before it. */
  readonly reachedNumber: number | undefined;
  reaches(number: number): void;
  knows(prices: KnownPrices): void;
}

export interface BeginningOptions {
  clock: Clock;
  /** Takes its turn in the budget of requests that all share. */
  fetch(): Promise<unknown>;
  /** Levels of each side that are asked for. */
  limit: number | undefined;
  trackers(): readonly BeginningTracker[];
  /** Of rule `chained`: the updates that ccxt has kept for the book until the answer is there. Absent where nobody checks them. */
  waiting(): readonly unknown[] | undefined;
}

/** What a book begins with leaves within this time, however many wait for their turn; milliseconds. */
const snapshotWithinMs = 60_000;
/** An answer that is too old comes of a server that lags, or an update was lost meanwhile: another one is asked for, so often. */
const fetchesMax = 4;
/** Between two of them; milliseconds. */
const fetchAgainMs = 500;

/** No answer was new enough. Named as ccxt names a book that does not go on, so that it is handled as that. */
export class BeginningTooOldError extends Error {
  override readonly name = 'InvalidNonce';
}

/**
 * ccxt passes over updates that do not follow the answer and calls the book good, which it then is not before the next update comes:
 * for ever, where none does. So this looks at them first.
 *
 * @throws BeginningTooOldError when the venue gave no answer that the updates follow.
 */
export async function fetchBeginning(options: BeginningOptions): Promise<unknown> {
  const { clock, fetch, limit, trackers } = options;
  const call = new VenueCall(clock.nowMs() + snapshotWithinMs);
  let reason: string | undefined;
  for (let count = 1; count <= fetchesMax; count++) {
    const snapshot = await currentCall.run(call, fetch);
    reason = objectionTo(snapshot, options);
    if (reason === undefined) {
      for (const tracker of trackers()) tracker.knows(knownOf(snapshot, limit));
      return snapshot;
    }
    if (count < fetchesMax) await clock.sleep(fetchAgainMs);
  }
  throw new BeginningTooOldError(reason);
}

/** @returns why the book would not be the venue's; nothing where it is */
function objectionTo(snapshot: unknown, { waiting, trackers }: BeginningOptions): string | undefined {
  const updates = waiting();
  if (updates === undefined) return undefined;
  const following = trackers();
  let number = Number((snapshot as { nonce?: unknown }).nonce);
  let objection: string | undefined;
  for (const update of updates) {
    const { U: first, u: last, pu: before } = update as { U?: unknown; u?: unknown; pu?: unknown };
    for (const tracker of following) tracker.reaches(Number(last));
    if (objection !== undefined || Number(last) <= number) continue;
    // At futures numbers are of all markets together, so that one which follows names the one before it (`pu`).
    if (Number(first) <= number + (before === undefined ? 1 : 0) || Number(before) === number) number = Number(last);
    else objection = `an answer up to ${number} came, and an update from ${String(first)} on`;
  }
  if (objection !== undefined) return objection;
  const reached = Math.max(...following.map(({ reachedNumber = 0 }) => reachedNumber), 0);
  return number < reached ? `an answer up to ${number} came after update ${reached}` : undefined;
}

type Levels = readonly (readonly unknown[])[];

/** A side with fewer levels than were asked for is all there is. */
function knownOf(snapshot: unknown, limit = Number.MAX_SAFE_INTEGER): KnownPrices {
  const { bids = [], asks = [] } = snapshot as { bids?: Levels; asks?: Levels };
  const worst = (side: Levels, choose: (...prices: number[]) => number, none: number): number =>
    side.length < limit ? none : choose(...side.map(([price]) => Number(price)));
  return { bid: worst(bids, Math.min, -Infinity), ask: worst(asks, Math.max, Infinity) };
}
