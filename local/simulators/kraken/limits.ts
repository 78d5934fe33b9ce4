/** Kraken's limits: counters that rise with calls and fall with time, per key, per account and pair, and per address. */
import { callLimitExceeded, orderLimitExceeded, temporaryLockout, tooManyRequests } from './errors.ts';

export interface Limits {
  /** Highest call counter of a key. */
  callCounterMax: number;
  callDecayPerSecond: number;
  /** Highest order counter of an account in one pair. */
  orderCounterMax: number;
  orderDecayPerSecond: number;
  /** Open orders of an account in one pair. */
  openOrdersMax: number;
  /** Highest counter of public calls of an address. */
  publicCounterMax: number;
  publicDecayPerSecond: number;
  /** Calls over a limit, one after the other, after which the key or address is shut out. */
  violationsBeforeBan: number;
  /** How long it is shut out; calls in that time begin it anew. */
  banMs: number;
}

/**
 * What Kraken itself allows a starter.
 * https://docs.kraken.com/exchange/guides/rest/ratelimits, https://docs.kraken.com/exchange/guides/general/ratelimits.
 * For public calls it promises one a second; how many more it bears at once is not documented.
 */
export const realLimits: Limits = {
  callCounterMax: 15,
  callDecayPerSecond: 0.33,
  orderCounterMax: 60,
  orderDecayPerSecond: 1,
  openOrdersMax: 60,
  publicCounterMax: 15,
  publicDecayPerSecond: 1,
  violationsBeforeBan: 10,
  banMs: 60_000,
};

/** Wide enough for load tests of 100 orders a second, each asked about once more; bans stay as they are. */
export const standardLimits: Limits = {
  ...realLimits,
  callCounterMax: 2_000,
  callDecayPerSecond: 1_000,
  orderCounterMax: 20_000,
  orderDecayPerSecond: 2_000,
  openOrdersMax: 1_000,
  publicCounterMax: 2_000,
  publicDecayPerSecond: 1_000,
};

/** What canceling or amending an order adds to its pair's counter, by the order's age. */
const cancelPenalties = [
  { underMs: 5_000, points: 8 },
  { underMs: 10_000, points: 6 },
  { underMs: 15_000, points: 5 },
  { underMs: 45_000, points: 4 },
  { underMs: 90_000, points: 2 },
  { underMs: 300_000, points: 1 },
];
const amendPenalties = [
  { underMs: 5_000, points: 3 },
  { underMs: 10_000, points: 2 },
  { underMs: 15_000, points: 1 },
];

/** A count that falls by itself. */
class DecayingCounter {
  readonly #decayPerMs: number;
  #value = 0;
  #atMs = 0;

  constructor(decayPerSecond: number) {
    this.#decayPerMs = decayPerSecond / 1000;
  }

  at(nowMs: number): number {
    this.#value = Math.max(0, this.#value - Math.max(0, nowMs - this.#atMs) * this.#decayPerMs);
    this.#atMs = nowMs;
    return this.#value;
  }

  add(nowMs: number, points: number): number {
    this.#value = this.at(nowMs) + points;
    return this.#value;
  }
}

interface CallState {
  readonly counter: DecayingCounter;
  violations: number;
  bannedUntilMs: number;
}

type CallKind = 'call' | 'public';

export class RateLimiter {
  readonly #limits: Limits;
  readonly #calls = new Map<string, CallState>();
  readonly #orders = new Map<string, DecayingCounter>();
  #rateLimitAnswers = 0;
  #bans = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  get counts(): { rateLimitAnswers: number; bans: number } {
    return { rateLimitAnswers: this.#rateLimitAnswers, bans: this.#bans };
  }

  /** Counts a call with a key. @throws KrakenError when it is one too many. */
  chargeKey(apiKey: string, points: number, nowMs: number): void {
    this.#charge('call', apiKey, { points, nowMs });
  }

  /** Counts a public call from an address. @throws KrakenError when it is one too many. */
  chargeAddress(address: string, nowMs: number): void {
    this.#charge('public', address, { points: 1, nowMs });
  }

  /** Counts a new order, also one that is refused later. @throws KrakenError when it is one too many. */
  chargeOrder(order: { accountId: string; pair: string }, nowMs: number): void {
    this.#chargeTrading(order, 1, nowMs);
  }

  /** @throws KrakenError when it is one too many. */
  chargeAmendment(order: { accountId: string; pair: string; ageMs: number }, nowMs: number): void {
    this.#chargeTrading(order, 1 + penaltyOf(amendPenalties, order.ageMs), nowMs);
  }

  /** Never refused, but the next new order may be. */
  chargeCancellation(order: { accountId: string; pair: string; ageMs: number }, nowMs: number): void {
    this.#orderCounter(order).add(nowMs, penaltyOf(cancelPenalties, order.ageMs));
  }

  reset(): void {
    this.#calls.clear();
    this.#orders.clear();
    this.#rateLimitAnswers = 0;
    this.#bans = 0;
  }

  #charge(kind: CallKind, name: string, { points, nowMs }: { points: number; nowMs: number }): void {
    const { max, decay } = this.#callLimit(kind);
    const key = `${kind} ${name}`;
    const state = this.#calls.get(key) ?? { counter: new DecayingCounter(decay), violations: 0, bannedUntilMs: 0 };
    this.#calls.set(key, state);
    if (nowMs < state.bannedUntilMs) {
      state.bannedUntilMs = nowMs + this.#limits.banMs;
      this.#rateLimitAnswers += 1;
      throw temporaryLockout();
    }
    if (state.counter.at(nowMs) + points <= max) {
      state.counter.add(nowMs, points);
      state.violations = 0;
      return;
    }
    state.violations += 1;
    this.#rateLimitAnswers += 1;
    if (state.violations > this.#limits.violationsBeforeBan) {
      state.violations = 0;
      state.bannedUntilMs = nowMs + this.#limits.banMs;
      this.#bans += 1;
      throw temporaryLockout();
    }
    throw kind === 'public' ? tooManyRequests() : callLimitExceeded();
  }

  #callLimit(kind: CallKind): { max: number; decay: number } {
    const { callCounterMax, callDecayPerSecond, publicCounterMax, publicDecayPerSecond } = this.#limits;
    return kind === 'call'
      ? { max: callCounterMax, decay: callDecayPerSecond }
      : { max: publicCounterMax, decay: publicDecayPerSecond };
  }

  #chargeTrading(order: { accountId: string; pair: string }, points: number, nowMs: number): void {
    const counter = this.#orderCounter(order);
    if (counter.at(nowMs) + points > this.#limits.orderCounterMax) {
      this.#rateLimitAnswers += 1;
      throw orderLimitExceeded();
    }
    counter.add(nowMs, points);
  }

  #orderCounter({ accountId, pair }: { accountId: string; pair: string }): DecayingCounter {
    const key = `${accountId} ${pair}`;
    const counter = this.#orders.get(key) ?? new DecayingCounter(this.#limits.orderDecayPerSecond);
    this.#orders.set(key, counter);
    return counter;
  }
}

function penaltyOf(penalties: readonly { underMs: number; points: number }[], ageMs: number): number {
  return penalties.find(({ underMs }) => ageMs < underMs)?.points ?? 0;
}
