/**
 * A venue's limits kept together with all other processes, through rows that each leases its share from. A request that
 * finds units leased costs no round trip; leases grow with use and are renewed before they run out. The lease of an order that
 * comes after a silence is fetched while the order is being recorded (`prepare`).
 *
 * When the rows cannot be reached, orders go on within `shareAlone` of each limit: nothing sent would lose orders, and all sent
 * would get the address banned. Ten processes without the table still keep the limit, whatever they ask; where a tenth of it is
 * less than one request, only what each sends first and orders, of which one may go in each window, come on top.
 */
import type { Clock } from '../ports/clock.ts';
import type { BudgetAnswer, RequestBudget, RequestCost, RequestLimit, VenueRefusal } from '../ports/request-budget.ts';
import { refuse, succeed, tryMs } from './breaker.ts';
import type { LeaseAnswer, LeaseRequest } from './lease.ts';
import { LocalBudget } from './local-budget.ts';
import { unitsOf } from './request-cost.ts';
import { SharedLimit, type SharedLimitOptions } from './shared-limit.ts';

/** Part of each limit that a process uses while it cannot reach the others. */
export const shareAlone = 0.1;
/** After the rows could not be reached, they are left alone for this long. */
export const retryRowsMs = 5_000;
/** Longest time that a refusal told by others is believed without looking again. */
const learnAgainMs = 1_000;
/** More turns than this mean that others keep coming first. */
const turnsMax = 100;

export interface SharedBudgetOptions extends Pick<SharedLimitOptions, 'store' | 'clock' | 'isPaced' | 'onUse'> {
  limits: readonly RequestLimit[];
  /** Key of a limit's row. */
  keyOf(limit: RequestLimit): string;
  onRefusal?: (refusal: VenueRefusal) => void;
  /** The rows could not be reached. */
  onFailure?: (error: unknown) => void;
}

/** Units of one limit that a request needs. */
interface Need {
  shared: SharedLimit;
  units: number;
  /** Units beside these that are wanted with the same lease, if there are enough of them. */
  ahead?: number;
}

type Turn =
  | BudgetAnswer
  /** Look again after that time. `trying` makes it the request that tries whether the venue takes any again. */
  | { kind: 'wait'; retryInMs: number; trying: boolean };

const anOrder: RequestCost = { weight: 1, signed: true, order: true };
/** What an order is sized and judged by is asked for before it is placed. */
const itsPrice: RequestCost = { weight: 1, signed: false, order: false };

export class SharedBudget implements RequestBudget {
  readonly #options: SharedBudgetOptions;
  readonly #clock: Clock;
  readonly #limits: readonly SharedLimit[];
  /** Knows of refusals, and keeps the limits while the rows cannot be reached. */
  readonly #alone: LocalBudget;
  #aloneUntilMs = 0;
  /** Until then one request of this process tries whether the venue takes any again; its answer matters to everybody. */
  #tryingUntilMs = 0;
  /** Which request that is has been settled. */
  #tryClaimed = false;
  /** A limit was leased from whose refusals no answer has ended yet: the next counts as one more in a row until one does. */
  #endsRefusals = false;

  constructor(options: SharedBudgetOptions) {
    const { limits, clock, keyOf } = options;
    this.#options = options;
    this.#clock = clock;
    this.#limits = limits.map((limit) => new SharedLimit({ ...options, limit, key: keyOf(limit) }));
    this.#alone = new LocalBudget({ limits, clock, share: shareAlone });
  }

  async take(cost: RequestCost, delayMsMax: number): Promise<BudgetAnswer> {
    const endsAtMs = this.#clock.nowMs() + delayMsMax;
    const needs = this.#needsOf(cost);
    if (!cost.order) await this.#whatOrdersLease(needs);
    let [retryInMs, trying] = [0, false];
    for (let turn = 0; turn < turnsMax; turn += 1) {
      const nowMs = this.#clock.nowMs();
      if (nowMs < this.#aloneUntilMs) return this.#alone.take(cost, endsAtMs - nowMs);
      const answer = await this.#turn(needs, cost.order, trying);
      if (answer.kind !== 'wait') return answer;
      retryInMs = answer.retryInMs;
      trying ||= answer.trying;
      if (this.#clock.nowMs() + retryInMs > endsAtMs) break;
      if (retryInMs > 0) await this.#clock.sleep(retryInMs);
    }
    if (trying) this.#tryingUntilMs = 0;
    return { kind: 'exhausted', retryInMs };
  }

  prepare(): void {
    if (this.#clock.nowMs() < this.#aloneUntilMs || this.#alone.refusal() !== undefined) return;
    const short = shortOf(this.#needsOf(anOrder), true, this.#clock.nowMs());
    const prices = new Map(this.#needsOf(itsPrice).map(({ shared, units }) => [shared, units]));
    const withPrice = short.map((need) => ({ ...need, ahead: prices.get(need.shared) ?? 0 }));
    void this.#lease(withPrice, true, () => 'leave');
  }

  async refused(refusal: VenueRefusal): Promise<void> {
    this.#options.onRefusal?.(refusal);
    this.#tryingUntilMs = 0;
    this.#endsRefusals = false;
    await this.#stop(refusal);
    const concerned = this.#limits.filter(({ limit }) => limit.scope === refusal.scope);
    const nowMs = this.#clock.nowMs();
    await this.#tell(concerned.length > 0 ? concerned : this.#limits, (state) => refuse(state, refusal, nowMs));
  }

  async answered(): Promise<void> {
    await this.#alone.answered();
    if (!this.#endsRefusals) return;
    this.#endsRefusals = false;
    this.#tryingUntilMs = 0;
    const nowMs = this.#clock.nowMs();
    await this.#tell(this.#limits, (state) => succeed(state, nowMs));
  }

  /** A lease for an order brings units for its price along, and one that is asked for meanwhile would come after it anyway. */
  async #whatOrdersLease(needs: readonly Need[]): Promise<void> {
    const short = shortOf(needs, false, this.#clock.nowMs());
    await Promise.allSettled(short.map(({ shared }) => shared.leasingForOrders));
  }

  /** One look at what is leased, and one round of leasing what is not. */
  async #turn(needs: readonly Need[], order: boolean, trying: boolean): Promise<Turn> {
    const nowMs = this.#clock.nowMs();
    const known = this.#alone.refusal();
    if (known !== undefined) return known;
    if (!trying && nowMs < this.#tryingUntilMs) {
      return { kind: 'blocked', retryInMs: this.#tryingUntilMs - nowMs, reason: 'one request tries' };
    }
    const short = shortOf(needs, order, nowMs);
    if (short.length === 0) {
      for (const { shared, units } of needs) shared.book.spend(units, order, nowMs);
      this.#leaseAhead(needs, order);
      return { kind: 'granted' };
    }
    // The first limit of a request says who may try: if each did, two processes could wait for each other.
    const answers = await this.#lease(short, order, (shared) => (shared === needs[0]?.shared ? 'try' : 'pass'));
    const blocked = answers.find((answer) => answer.kind === 'blocked');
    if (blocked !== undefined) {
      // Asked again before it is over, because whoever tries may be answered any time.
      const retryAfterMs = Math.min(blocked.retryInMs, learnAgainMs);
      // What another request of this process tries with stays.
      const isTried = this.#clock.nowMs() < this.#tryingUntilMs;
      if (!isTried) await this.#stop({ scope: 'egress', retryAfterMs, reason: blocked.reason });
      return blocked;
    }
    const waits = answers.map((answer) => (answer.kind === 'wait' ? answer.retryInMs : 0));
    return { kind: 'wait', retryInMs: Math.max(0, ...waits), trying: this.#claimTry(answers) };
  }

  /** Of those that share a lease, one is the request that tries. */
  #claimTry(answers: readonly LeaseAnswer[]): boolean {
    if (this.#tryClaimed || !answers.some(isTry)) return false;
    this.#tryClaimed = true;
    return true;
  }

  /** Known at once, so that what others of this process are told meanwhile does not take the lease away. */
  #noteTry(answer: LeaseAnswer): LeaseAnswer {
    const nowMs = this.#clock.nowMs();
    this.#endsRefusals ||= answer.kind === 'leased' && answer.afterRefusal;
    if (isTry(answer) && nowMs >= this.#tryingUntilMs) {
      this.#tryingUntilMs = nowMs + tryMs;
      this.#tryClaimed = false;
    }
    return answer;
  }

  #leaseAhead(needs: readonly Need[], order: boolean): void {
    const ahead = needs.map(({ shared }) => ({ shared, units: shared.unitsAhead(order) }));
    void this.#lease(
      ahead.filter(({ units }) => units > 0),
      order,
      () => 'leave',
    );
  }

  /** Leases all that is short at once. @returns nothing when the rows cannot be reached */
  async #lease(
    short: readonly Need[],
    order: boolean,
    afterRefusalOf: (shared: SharedLimit) => LeaseRequest['afterRefusal'],
  ): Promise<LeaseAnswer[]> {
    const leases = short.map(({ shared, units, ahead = 0 }) =>
      shared.book
        .whileAwaiting(units + ahead, () => shared.lease(units, order, afterRefusalOf(shared)))
        .then((answer) => this.#noteTry(answer)),
    );
    try {
      return await Promise.all(leases);
    } catch (error) {
      this.#goAlone(error);
      return [];
    }
  }

  /** Spends nothing that is leased, and asks for nothing, until the refusal is over. */
  async #stop(refusal: VenueRefusal): Promise<void> {
    for (const { book } of this.#limits) book.clear();
    await this.#alone.refused(refusal);
  }

  async #tell(limits: readonly SharedLimit[], change: Parameters<SharedLimit['changeBreaker']>[0]): Promise<void> {
    try {
      await Promise.all(limits.map((shared) => shared.changeBreaker(change)));
    } catch (error) {
      this.#goAlone(error);
    }
  }

  #goAlone(error: unknown): void {
    this.#aloneUntilMs = this.#clock.nowMs() + retryRowsMs;
    this.#options.onFailure?.(error);
  }

  #needsOf(cost: RequestCost): Need[] {
    const needs = this.#limits.map((shared) => ({ shared, units: unitsOf(shared.limit, cost) }));
    return needs.filter(({ units }) => units > 0);
  }
}

const isTry = (answer: LeaseAnswer): boolean => answer.kind === 'leased' && answer.trying;

const shortOf = (needs: readonly Need[], order: boolean, nowMs: number): Need[] =>
  needs.filter(({ shared, units }) => !shared.book.has(units, order, nowMs));
