/** One limit as a process holds it: its leases, and the row it gets more from. */
import type { Clock } from '../ports/clock.ts';
import type { CoordinationStore } from '../ports/coordination.ts';
import type { RequestLimit } from '../ports/request-budget.ts';
import type { BanState } from './breaker.ts';
import {
  changeBreaker,
  type LeasableLimit,
  type LeaseAnswer,
  type LeaseRequest,
  leasable,
  leaseFrom,
} from './lease.ts';
import { LeaseBook } from './lease-book.ts';

export interface SharedLimitOptions {
  limit: RequestLimit;
  /** Key of its row. */
  key: string;
  store: CoordinationStore;
  clock: Clock;
  /** What is sent can wait, and leaves room for what cannot. @default false */
  isPaced?: boolean;
  /** Told with each lease what part of the limit everybody has used, 1 being all. */
  onUse?: ((limit: RequestLimit, used: number) => void) | undefined;
}

export class SharedLimit {
  readonly limit: LeasableLimit;
  readonly book: LeaseBook;
  readonly #options: SharedLimitOptions;
  /** How long too little is left, for orders and for questions: nothing comes back before that, so nobody need ask. */
  readonly #usedUp = new Map<boolean, { units: number; untilMs: number }>();
  /** Leases under way, for orders and for questions: those who need one meanwhile wait for the same. */
  readonly #underWay = new Map<boolean, Promise<LeaseAnswer>>();

  constructor(options: SharedLimitOptions) {
    this.limit = leasable(options.limit);
    this.book = new LeaseBook(this.limit);
    this.#options = options;
  }

  /** Leases units, the ones needed at least. @throws what the store throws */
  lease(units: number, order: boolean, afterRefusal: LeaseRequest['afterRefusal']): Promise<LeaseAnswer> {
    const underWay = this.#underWay.get(order);
    if (underWay !== undefined) return underWay;
    const usedUp = this.#usedUp.get(order);
    const retryInMs = (usedUp?.untilMs ?? 0) - this.#options.clock.nowMs();
    if (usedUp !== undefined && units >= usedUp.units && retryInMs > 0) {
      return Promise.resolve({ kind: 'wait', retryInMs });
    }
    const leasing = this.#lease(units, order, afterRefusal).finally(() => this.#underWay.delete(order));
    this.#underWay.set(order, leasing);
    return leasing;
  }

  /** What orders wait for at the moment. */
  get leasingForOrders(): Promise<LeaseAnswer> | undefined {
    return this.#underWay.get(true);
  }

  /** Units to lease ahead, 0 for none. */
  unitsAhead(order: boolean): number {
    return this.#underWay.has(order) ? 0 : this.book.unitsAhead(order, this.#options.clock.nowMs());
  }

  /** Writes down what a refusal, or an answer after one, makes of the breaker in the row. @throws what the store throws */
  changeBreaker(change: (state: BanState) => BanState): Promise<BanState> {
    const { store, key, clock } = this.#options;
    return store.change(key, changeBreaker(change, clock.nowMs()));
  }

  async #lease(units: number, order: boolean, afterRefusal: LeaseRequest['afterRefusal']): Promise<LeaseAnswer> {
    const { store, key, clock, onUse, isPaced = false } = this.#options;
    // Those who come at the same moment are served by the same lease, so it is asked for once they all have come.
    await Promise.resolve();
    const nowMs = clock.nowMs();
    const request = { ...this.book.request(units, order, nowMs), afterRefusal, isPaced };
    const answer = await store.change(key, leaseFrom(this.limit, request, nowMs));
    if (answer.kind === 'wait') this.#usedUp.set(order, { units, untilMs: nowMs + answer.retryInMs });
    if (answer.kind === 'leased') {
      this.book.add({ ...answer.lease });
      onUse?.(this.limit, answer.used);
    }
    return answer;
  }
}
