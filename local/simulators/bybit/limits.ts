/** Bybit's limits: requests per IP in five seconds, and per user, endpoint and second. */
import { WindowCounter } from '../shared/window-counter.ts';
import { AccessTooFrequentError, tooManyVisits } from './errors.ts';

export interface Limits {
  /** Requests of one IP in five seconds; one more and it is shut out. */
  requestsPer5Seconds: number;
  /** How long an IP is shut out. */
  banMs: number;
  /** Multiplies what a user may ask of each endpoint per second. */
  userRateFactor: number;
}

/** What Bybit itself allows. */
export const realLimits: Limits = { requestsPer5Seconds: 600, banMs: 600_000, userRateFactor: 1 };

/** Wide enough for load tests of 100 orders a second, each asked about once more; the ban stays as it is. */
export const standardLimits: Limits = { ...realLimits, requestsPer5Seconds: 6_000, userRateFactor: 20 };

const addressWindowMs = 5_000;
const userWindowMs = 1_000;

interface AddressState {
  requests: WindowCounter;
  shutOutUntilMs: number;
}

export class RateLimiter {
  readonly #limits: Limits;
  readonly #addresses = new Map<string, AddressState>();
  readonly #users = new Map<string, WindowCounter>();
  #rateLimitAnswers = 0;
  #bans = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  get counts(): { rateLimitAnswers: number; bans: number } {
    return { rateLimitAnswers: this.#rateLimitAnswers, bans: this.#bans };
  }

  /** Counts a request of an address. @throws AccessTooFrequentError while it is shut out. */
  chargeAddress(address: string, nowMs: number): void {
    let state = this.#addresses.get(address);
    if (state === undefined) {
      state = { requests: new WindowCounter(addressWindowMs), shutOutUntilMs: 0 };
      this.#addresses.set(address, state);
    }
    const shutOut = nowMs < state.shutOutUntilMs;
    if (!shutOut && state.requests.add(nowMs, 1) <= this.#limits.requestsPer5Seconds) return;
    this.#rateLimitAnswers += 1;
    if (!shutOut) {
      this.#bans += 1;
      state.shutOutUntilMs = nowMs + this.#limits.banMs;
      // Counted anew afterwards, else a short ban would follow upon itself.
      state.requests = new WindowCounter(addressWindowMs);
    }
    throw new AccessTooFrequentError();
  }

  /**
   * Counts a user's requests to an endpoint and writes the headers that tell of it.
   *
   * @param perSecond what Bybit allows
   * @throws BybitError 10006
   */
  chargeUser(
    user: { accountId: string; endpoint: string; perSecond: number; count: number },
    nowMs: number,
    headers: Record<string, string>,
  ): void {
    const key = `${user.accountId} ${user.endpoint}`;
    const counter = this.#users.get(key) ?? new WindowCounter(userWindowMs);
    this.#users.set(key, counter);
    const limit = Math.floor(user.perSecond * this.#limits.userRateFactor);
    const used = counter.add(nowMs, user.count);
    headers['X-Bapi-Limit'] = String(limit);
    headers['X-Bapi-Limit-Status'] = String(Math.max(limit - used, 0));
    const windowEndMs = (Math.floor(nowMs / userWindowMs) + 1) * userWindowMs;
    headers['X-Bapi-Limit-Reset-Timestamp'] = String(used > limit ? windowEndMs : Math.floor(nowMs));
    if (used <= limit) return;
    this.#rateLimitAnswers += 1;
    throw tooManyVisits();
  }

  reset(): void {
    this.#addresses.clear();
    this.#users.clear();
    this.#rateLimitAnswers = 0;
    this.#bans = 0;
  }
}
