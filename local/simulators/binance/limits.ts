/** Binance's limits: request weight per IP and minute, new orders per account, and the bans that follow. */
import { WindowCounter } from '../shared/window-counter.ts';
import { banned, tooManyOrders, tooMuchUidWeight, tooMuchWeight } from './errors.ts';

export interface Limits {
  /** Request weight per window, of a minute unless the next says otherwise, and IP. */
  weightPerMinute: number;
  /** The same of each family of contracts, which have addresses and counts of their own. */
  contractWeightPerMinute: number;
  /** Shorter than Binance's for tests that cannot wait for minutes. */
  weightWindowMs: number;
  /** Weight of each wallet path that is counted per account. */
  uidWeightPerMinute: number;
  ordersPer10Seconds: number;
  /** Shorter than Binance's for tests. */
  ordersWindowMs: number;
  ordersPerDay: number;
  /** Requests over the weight limit within a minute after which an IP is banned. */
  violationsBeforeBan: number;
  /** Length of the first ban; each further one is twice as long, up to three days. */
  firstBanMs: number;
}

const minuteMs = 60_000;

/** What Binance itself allows. Wallet calls: https://dev.binance.vision/t/request-limit-on-the-api-endpoints/9275. */
export const realLimits: Limits = {
  weightPerMinute: 6_000,
  contractWeightPerMinute: 2_400,
  weightWindowMs: minuteMs,
  uidWeightPerMinute: 180_000,
  ordersPer10Seconds: 100,
  ordersWindowMs: 10_000,
  ordersPerDay: 200_000,
  violationsBeforeBan: 10,
  firstBanMs: 120_000,
};

/** Wide enough for load tests of 100 orders a second, each asked about once more; bans stay as they are. */
export const standardLimits: Limits = {
  ...realLimits,
  weightPerMinute: 60_000,
  contractWeightPerMinute: 60_000,
  uidWeightPerMinute: 18_000_000,
  ordersPer10Seconds: 2_000,
  ordersPerDay: 4_000_000,
};

const windowsKept = 100;
const banMsMax = 3 * 24 * 60 * minuteMs;

interface AddressState {
  weight: WindowCounter;
  violations: WindowCounter;
  bannedUntilMs: number;
  bans: number;
}

interface OrderCounters {
  tenSeconds: WindowCounter;
  day: WindowCounter;
}

/** What was counted in each of the last windows. */
class WindowRecord {
  readonly #windowMs: number;
  readonly #amounts = new Map<number, number>();

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  add(nowMs: number, amount: number): void {
    const startMs = Math.floor(nowMs / this.#windowMs) * this.#windowMs;
    this.#amounts.set(startMs, (this.#amounts.get(startMs) ?? 0) + amount);
    const [oldest] = this.#amounts.keys();
    if (this.#amounts.size > windowsKept && oldest !== undefined) this.#amounts.delete(oldest);
  }

  report(): Record<string, number> {
    return Object.fromEntries(this.#amounts);
  }

  clear(): void {
    this.#amounts.clear();
  }
}

export class RateLimiter {
  readonly #limits: Limits;
  readonly #addresses = new Map<string, AddressState>();
  readonly #uids = new Map<string, WindowCounter>();
  readonly #orders = new Map<string, OrderCounters>();
  readonly #weightByWindow: WindowRecord;
  readonly #ordersByWindow: WindowRecord;
  #rateLimitAnswers = 0;
  #bans = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
    this.#weightByWindow = new WindowRecord(limits.weightWindowMs);
    this.#ordersByWindow = new WindowRecord(limits.ordersWindowMs);
  }

  /** The windows are by their start, of all addresses and accounts together. */
  get counts() {
    const weightByWindow = this.#weightByWindow.report();
    const ordersByWindow = this.#ordersByWindow.report();
    return { rateLimitAnswers: this.#rateLimitAnswers, bans: this.#bans, weightByWindow, ordersByWindow };
  }

  /** Adds a request's weight and returns the header that tells of it. @throws BinanceError 429 or 418. */
  charge({ address, path }: { address: string; path: string }, weight: number, nowMs: number): Record<string, string> {
    const contracts = /^\/[fd]api(?=\/)/.exec(path)?.[0];
    const state = this.#address(contracts === undefined ? address : `${address} ${contracts}`);
    const { weightPerMinute, contractWeightPerMinute } = this.#limits;
    const weightMax = contracts === undefined ? weightPerMinute : contractWeightPerMinute;
    if (nowMs < state.bannedUntilMs) {
      this.#rateLimitAnswers += 1;
      throw banned(Math.ceil(state.bannedUntilMs), secondsUntil(state.bannedUntilMs, nowMs));
    }
    const used = state.weight.add(nowMs, weight);
    this.#weightByWindow.add(nowMs, weight);
    if (used > weightMax) this.#refuse(state, weightMax, nowMs);
    return { 'X-MBX-USED-WEIGHT': String(used), 'X-MBX-USED-WEIGHT-1M': String(used) };
  }

  /** Adds the weight of a call that is counted per account and path, and returns the header of it. @throws BinanceError 429 */
  chargeUid(call: { accountId: string; path: string; weight: number }, nowMs: number): Record<string, string> {
    const key = `${call.accountId} ${call.path}`;
    const counter = this.#uids.get(key) ?? new WindowCounter(minuteMs);
    this.#uids.set(key, counter);
    const used = counter.add(nowMs, call.weight);
    if (used > this.#limits.uidWeightPerMinute) {
      this.#rateLimitAnswers += 1;
      const windowEndMs = (Math.floor(nowMs / minuteMs) + 1) * minuteMs;
      throw tooMuchUidWeight(this.#limits.uidWeightPerMinute, secondsUntil(windowEndMs, nowMs));
    }
    return { 'X-SAPI-USED-UID-WEIGHT-1M': String(used) };
  }

  /** @throws BinanceError 429 (-1015) when an account may not send another order now. */
  checkOrders(accountId: string, nowMs: number): void {
    const { tenSeconds, day } = this.#orderCounters(accountId);
    if (tenSeconds.at(nowMs) >= this.#limits.ordersPer10Seconds) {
      this.#rateLimitAnswers += 1;
      throw tooManyOrders(this.#limits.ordersPer10Seconds, '10 SECOND');
    }
    if (day.at(nowMs) >= this.#limits.ordersPerDay) {
      this.#rateLimitAnswers += 1;
      throw tooManyOrders(this.#limits.ordersPerDay, '1 DAY');
    }
  }

  /** Counts an accepted order and returns the headers that tell of it. */
  countOrder(accountId: string, nowMs: number): Record<string, string> {
    const { tenSeconds, day } = this.#orderCounters(accountId);
    this.#ordersByWindow.add(nowMs, 1);
    return {
      'X-MBX-ORDER-COUNT-10S': String(tenSeconds.add(nowMs, 1)),
      'X-MBX-ORDER-COUNT-1D': String(day.add(nowMs, 1)),
    };
  }

  orderCounts(accountId: string, nowMs: number): { tenSeconds: number; day: number } {
    const { tenSeconds, day } = this.#orderCounters(accountId);
    return { tenSeconds: tenSeconds.at(nowMs), day: day.at(nowMs) };
  }

  reset(): void {
    this.#addresses.clear();
    this.#uids.clear();
    this.#orders.clear();
    this.#weightByWindow.clear();
    this.#ordersByWindow.clear();
    this.#rateLimitAnswers = 0;
    this.#bans = 0;
  }

  #refuse(state: AddressState, weightMax: number, nowMs: number): never {
    this.#rateLimitAnswers += 1;
    if (state.violations.add(nowMs, 1) > this.#limits.violationsBeforeBan) {
      const banMs = Math.min(this.#limits.firstBanMs * 2 ** state.bans, banMsMax);
      state.bans += 1;
      this.#bans += 1;
      state.bannedUntilMs = nowMs + banMs;
      throw banned(Math.ceil(state.bannedUntilMs), secondsUntil(state.bannedUntilMs, nowMs));
    }
    const { weightWindowMs } = this.#limits;
    const windowEndMs = (Math.floor(nowMs / weightWindowMs) + 1) * weightWindowMs;
    throw tooMuchWeight(weightMax, secondsUntil(windowEndMs, nowMs));
  }

  #address(address: string): AddressState {
    let state = this.#addresses.get(address);
    if (state === undefined) {
      const { weightWindowMs } = this.#limits;
      const [weight, violations] = [new WindowCounter(weightWindowMs), new WindowCounter(weightWindowMs)];
      state = { weight, violations, bannedUntilMs: 0, bans: 0 };
      this.#addresses.set(address, state);
    }
    return state;
  }

  #orderCounters(accountId: string): OrderCounters {
    let counters = this.#orders.get(accountId);
    if (counters === undefined) {
      counters = {
        tenSeconds: new WindowCounter(this.#limits.ordersWindowMs),
        day: new WindowCounter(24 * 60 * minuteMs),
      };
      this.#orders.set(accountId, counters);
    }
    return counters;
  }
}

function secondsUntil(untilMs: number, nowMs: number): number {
  return Math.max(1, Math.ceil((untilMs - nowMs) / 1000));
}

/** The limits as `exchangeInfo` lists them. */
export function rateLimitList(limits: Limits) {
  return [
    { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: limits.weightPerMinute },
    { rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: limits.ordersPer10Seconds },
    { rateLimitType: 'ORDERS', interval: 'DAY', intervalNum: 1, limit: limits.ordersPerDay },
  ];
}
