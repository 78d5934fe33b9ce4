/**
 * One sender at a time per key, across all functions, where the venue wants each request to carry a higher nonce than the one
 * before: two senders would overtake each other on the way. The key is leased for a moment, kept while there is something to
 * send, and handed on when others want it.
 *
 * Whoever holds the key may use nonces up to a bound that the row knows. So one who takes over from a holder that crashed
 * starts above every nonce that one may have used, and a request that was held up on the way is refused by the venue.
 */
import type { Clock } from '../ports/clock.ts';
import type { CoordinationRow, CoordinationStore, RowChange } from '../ports/coordination.ts';

/** How long a lease of the key lasts. Another function waits this long for one that crashed. */
export const laneMs = 1_000;
/** Half a lease before its end, it is renewed or, where others want it, handed on. */
const turnMs = laneMs / 2;
/** Whoever has handed the key on leaves it alone this long, which is longer than others take to notice. */
const restMs = 100;
const lookAgainMs = 40;
/** A wish for the key that was not repeated in this time is over. */
const wishMs = 250;
/** A lease that seems to last longer than this is from before the clock was set back. */
const farAheadMs = 60_000;
/** Nonces that a lease is good for: they mostly count milliseconds. */
const noncesPerLease = 2 * laneMs;
/** No call uses more. */
const noncesPerCallMax = 10;
/** A call that is not answered by then holds up the next one no longer; it has arrived, or it never will in time. */
const patienceMs = laneMs;
const turnsMax = 500;

export type LaneAnswer = { kind: 'held'; aboveNonce: number; untilNonce: number } | { kind: 'busy'; retryInMs: number };

interface LaneClaim {
  owner: string;
  /** The highest nonce the claimant has used or would use now. */
  nonce: number;
  nowMs: number;
}

/** Decides on a key's row, for `CoordinationStore.change`. */
export function claimLane({ owner, nonce, nowMs }: LaneClaim) {
  return (row: CoordinationRow = {}): RowChange<LaneAnswer> => {
    const mine = row.owner === owner;
    const lastNonce = Number(row.nonce ?? 0);
    const wished = Number(row.wishedAtMs ?? 0) > nowMs - wishMs && row.wishedBy !== owner;
    const change = (next: CoordinationRow, result: LaneAnswer): RowChange<LaneAnswer> => ({
      row: { ...row, ...next },
      // The nonce is worth keeping: a host whose clock is behind starts above it.
      expiresAtMs: nowMs + 24 * 3_600_000,
      result,
    });
    if (mine && wished) {
      return change({ owner: '', nonce, leftBy: owner, leftAtMs: nowMs }, { kind: 'busy', retryInMs: restMs });
    }
    const leftMs = Number(row.untilMs) - nowMs;
    const held = typeof row.owner === 'string' && row.owner !== '' && leftMs > 0 && leftMs < farAheadMs;
    const resting = row.leftBy === owner && Number(row.leftAtMs) > nowMs - restMs && wished;
    if (resting) return { result: { kind: 'busy', retryInMs: lookAgainMs } };
    if (held && !mine) {
      return change({ wishedBy: owner, wishedAtMs: nowMs }, { kind: 'busy', retryInMs: lookAgainMs });
    }
    const aboveNonce = mine ? nonce : lastNonce;
    const untilNonce = (mine ? nonce : Math.max(lastNonce, nonce)) + noncesPerLease;
    const answer: LaneAnswer = { kind: 'held', aboveNonce, untilNonce };
    return change({ owner, untilMs: nowMs + laneMs, nonce: untilNonce }, answer);
  };
}

/** Gives the key back, with the last nonce that was really used. */
export function leaveLane({ owner, nonce, nowMs }: LaneClaim) {
  return (row: CoordinationRow = {}): RowChange<void> => {
    if (row.owner !== owner) return { result: undefined };
    const left = { owner: '', nonce, leftBy: owner, leftAtMs: nowMs };
    return { row: { ...row, ...left }, expiresAtMs: nowMs + 24 * 3_600_000, result: undefined };
  };
}

export interface NonceLaneOptions {
  /** Key of the row. */
  key: string;
  /** Tells lanes apart, in other processes and in this one. */
  owner: string;
  store: CoordinationStore;
  clock: Clock;
  /** The row could not be reached. */
  onFailure?: (error: unknown) => void;
}

/** Of one request. */
interface Turn {
  over: Promise<void>;
  /** When it began: what waits behind it does not wait for it without an end. */
  beganAtMs?: number;
}

/** Hands the lane on to whoever waits. */
export type LeaveLane = () => void;

export class NonceLane {
  readonly #options: NonceLaneOptions;
  /** The last of those in this process who wait for their turn or have it. */
  #last: Turn = { over: Promise.resolve() };
  #waiting = 0;
  /** Resolves when the row has been given back, which must not happen after it was taken again. */
  #leaving: Promise<void> = Promise.resolve();
  #held: { untilMs: number; untilNonce: number } | undefined;
  #nonce = 0;

  constructor(options: NonceLaneOptions) {
    this.#options = options;
  }

  /**
   * Waits for the turn of one request. Without the row, requests go on in the order of this process alone: a nonce too low
   * is refused by the venue, and says so.
   *
   * @param ownNonce what the venue's own way of counting gives now
   * @returns what ends the turn, `undefined` when it does not come within `delayMsMax`
   */
  async enter(delayMsMax: number, ownNonce: () => number): Promise<LeaveLane | undefined> {
    const { clock } = this.#options;
    const endsAtMs = clock.nowMs() + delayMsMax;
    const before = this.#last;
    const { promise: over, resolve: end } = Promise.withResolvers<void>();
    const turn: Turn = { over };
    this.#last = turn;
    this.#waiting += 1;
    const leave = () => {
      this.#waiting -= 1;
      end();
      if (this.#waiting === 0) this.#leaving = this.#leaveRow();
    };
    if (this.#waiting > 1) await this.#waitFor(before, endsAtMs);
    if (await this.#hold(endsAtMs, ownNonce)) {
      turn.beganAtMs = clock.nowMs();
      return leave;
    }
    leave();
    return undefined;
  }

  /** Until a turn is over, or has lasted longer than anybody waits for, or it is too late for the one who waits. */
  async #waitFor(turn: Turn, endsAtMs: number): Promise<void> {
    const { clock } = this.#options;
    let isOver = false;
    const over = turn.over.then(() => {
      isOver = true;
    });
    while (!isOver) {
      const nowMs = clock.nowMs();
      const untilMs = Math.min((turn.beganAtMs ?? nowMs) + patienceMs, endsAtMs);
      if (nowMs >= untilMs) return;
      await Promise.race([over, clock.sleep(untilMs - nowMs)]);
    }
  }

  /** The next nonce: higher than every one before, and what the venue's own way of counting gives if that is. */
  next(ownNonce: number): number {
    this.#nonce = Math.max(this.#nonce + 1, Math.min(ownNonce, this.#held?.untilNonce ?? ownNonce));
    return this.#nonce;
  }

  async #hold(endsAtMs: number, ownNonce: () => number): Promise<boolean> {
    const { clock, store, key, owner, onFailure } = this.#options;
    await this.#leaving;
    for (let turn = 0; turn < turnsMax; turn += 1) {
      const nowMs = clock.nowMs();
      if (nowMs > endsAtMs) return false;
      const held = this.#held;
      if (held && nowMs < held.untilMs - turnMs && this.#nonce + noncesPerCallMax < held.untilNonce) return true;
      const nonce = Math.max(this.#nonce, ownNonce());
      try {
        const answer = await store.change(key, claimLane({ owner, nonce, nowMs }));
        if (answer.kind === 'held') {
          this.#nonce = Math.max(this.#nonce, answer.aboveNonce);
          this.#held = { untilMs: nowMs + laneMs, untilNonce: answer.untilNonce };
        } else {
          this.#held = undefined;
          await clock.sleep(answer.retryInMs);
        }
      } catch (error) {
        onFailure?.(error);
        this.#held = undefined;
        return true;
      }
    }
    return false;
  }

  async #leaveRow(): Promise<void> {
    const { clock, store, key, owner, onFailure } = this.#options;
    if (this.#held === undefined) return;
    this.#held = undefined;
    try {
      await store.change(key, leaveLane({ owner, nonce: this.#nonce, nowMs: clock.nowMs() }));
    } catch (error) {
      onFailure?.(error);
    }
  }
}
