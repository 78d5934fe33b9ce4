/** The leases of one limit that one process holds, and how much it should lease next. Pure but for its own state. */
import type { RequestLimit } from '../ports/request-budget.ts';
import { type Lease, type LeaseRequest, leaseMsOf } from './lease.ts';
import { unitTolerance } from './request-cost.ts';

/** One process leases no more than this part of a limit at once, so that others find some left. */
const chunkShareMax = 0.05;
/** Fewer requests than this within half a lease are too few to lease ahead for. */
const busyRequestsMin = 3;

export class LeaseBook {
  readonly #limit: RequestLimit;
  readonly #halfLifeMs: number;
  #leases: Lease[] = [];
  /** What was used lately: each use counts half as much after half a lease. */
  #recent = { units: 0, requests: 0, atMs: 0 };
  /** What was used since the last pause longer than a lease, and between the two pauses before: what comes in turns comes alike. */
  #burst = { units: 0, before: 0, atMs: Number.NEGATIVE_INFINITY };
  /** What those who wait need. */
  #awaited = 0;

  constructor(limit: RequestLimit) {
    this.#limit = limit;
    this.#halfLifeMs = leaseMsOf(limit) / 2;
  }

  add(lease: Lease): void {
    this.#leases.push(lease);
  }

  /** Forgets all leases: the venue takes nothing for now. */
  clear(): void {
    this.#leases = [];
  }

  has(units: number, order: boolean, nowMs: number): boolean {
    return units <= this.#left(order, nowMs) + unitTolerance;
  }

  /** Spends units that `has` has shown to be there, those that end first before others. */
  spend(units: number, order: boolean, nowMs: number): void {
    let missing = units;
    for (const lease of this.#usable(order).sort((left, right) => left.untilMs - right.untilMs)) {
      const spent = Math.min(lease.units, missing);
      lease.units -= spent;
      missing -= spent;
    }
    this.#age(nowMs);
    this.#recent.units += units;
    this.#recent.requests += 1;
    const begins = this.#isPaused(nowMs);
    const { units: used, before } = this.#burst;
    this.#burst = begins ? { units, before: used, atMs: nowMs } : { units: used + units, before, atMs: nowMs };
  }

  /** Runs `action` while others can see that these units are waited for. */
  async whileAwaiting<Result>(units: number, action: () => Promise<Result>): Promise<Result> {
    this.#awaited += units;
    try {
      return await action();
    } finally {
      this.#awaited -= units;
    }
  }

  /** What to ask for when these units are needed: what others wait for, what half a lease's time uses up, what the last turn used. */
  request(unitsMin: number, order: boolean, nowMs: number): Pick<LeaseRequest, 'unitsMin' | 'unitsWanted' | 'order'> {
    this.#age(nowMs);
    const wanted = Math.max(unitsMin, this.#awaited + this.#recent.units, order ? 0 : this.#expected(nowMs));
    const unitsWanted = Math.min(wanted, Math.max(unitsMin, this.#limit.unitsMax * chunkShareMax));
    return { unitsMin, unitsWanted, order };
  }

  /** Units to lease ahead while requests go on: 0 where enough is left, too little happens for it, or they are about to end. */
  unitsAhead(order: boolean, nowMs: number): number {
    this.#age(nowMs);
    const { units, requests } = this.#recent;
    const left = this.#left(order, nowMs);
    if (requests < busyRequestsMin || left > units / 2) return 0;
    const expected = this.#expected(nowMs);
    return !order && expected >= 0 && left + unitTolerance >= expected ? 0 : units / requests;
  }

  #isPaused(nowMs: number): boolean {
    return nowMs - this.#burst.atMs > 2 * this.#halfLifeMs;
  }

  /**
   * Units until as much was used as in the turn before; negative once it is more. Of questions: orders come in no turns, and what many
   * processes lease for orders that do not come would keep those that do waiting.
   */
  #expected(nowMs: number): number {
    const { units, before } = this.#burst;
    return this.#isPaused(nowMs) ? units : before - units;
  }

  #usable(order: boolean): Lease[] {
    return this.#leases.filter(({ ordersOnly }) => order || !ordersOnly);
  }

  #left(order: boolean, nowMs: number): number {
    this.#leases = this.#leases.filter(({ untilMs, units }) => untilMs > nowMs && units > unitTolerance);
    return this.#usable(order).reduce((sum, { units }) => sum + units, 0);
  }

  #age(nowMs: number): void {
    const { units, requests, atMs } = this.#recent;
    const factor = 0.5 ** (Math.max(nowMs - atMs, 0) / this.#halfLifeMs);
    this.#recent = { units: units * factor, requests: requests * factor, atMs: nowMs };
  }
}
