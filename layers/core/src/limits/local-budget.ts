/** A venue's limits kept by one process for itself: where nobody else asks the venue, and while nobody can be reached. */
import type { Clock } from '../ports/clock.ts';
import type { BudgetAnswer, RequestBudget, RequestCost, RequestLimit, VenueRefusal } from '../ports/request-budget.ts';
import { admit, type BanState, noBan, refuse, succeed } from './breaker.ts';
import { capOf, unitsOf, unitTolerance } from './request-cost.ts';
import { SentWindow } from './sent-window.ts';

/** More waits than this mean that others keep coming first. */
const turnsMax = 100;

export interface LocalBudgetOptions {
  limits: readonly RequestLimit[];
  clock: Clock;
  /**
   * Part of each limit that this process may use. Where that is less than one request, an order goes once in each window all the
   * same, and a question once in as many windows as make the share; the first goes at once. @default 1
   */
  share?: number;
  /**
   * Lets a question that is more than the share go once in each window, too: for work that needs several answers within the time that
   * one of them is waited for, and would otherwise begin anew for ever. @default false
   */
  oncePerWindow?: boolean;
}

export class LocalBudget implements RequestBudget {
  readonly #clock: Clock;
  readonly #share: number;
  readonly #oncePerWindow: boolean;
  readonly #limits: readonly { limit: RequestLimit; window: SentWindow }[];
  #breaker: BanState = noBan;

  constructor({ limits, clock, share = 1, oncePerWindow = false }: LocalBudgetOptions) {
    this.#clock = clock;
    this.#share = share;
    this.#oncePerWindow = oncePerWindow;
    this.#limits = limits.map((limit) => ({ limit, window: new SentWindow(limit.windowMs) }));
  }

  async take(cost: RequestCost, delayMsMax: number): Promise<BudgetAnswer> {
    const endsAtMs = this.#clock.nowMs() + delayMsMax;
    let delayMs = 0;
    for (let turn = 0; turn < turnsMax; turn += 1) {
      const nowMs = this.#clock.nowMs();
      const admission = admit(this.#breaker, nowMs);
      if (admission.kind === 'blocked') return admission;
      delayMs = this.#delayMs(cost, nowMs);
      if (delayMs === 0) {
        this.#breaker = admission.state;
        for (const { limit, window } of this.#limits) window.add(unitsOf(limit, cost), nowMs);
        return { kind: 'granted' };
      }
      if (nowMs + delayMs > endsAtMs) break;
      await this.#clock.sleep(delayMs);
    }
    return { kind: 'exhausted', retryInMs: delayMs };
  }

  /** The refusal that still stands, if any. */
  refusal(): BudgetAnswer | undefined {
    const admission = admit(this.#breaker, this.#clock.nowMs());
    return admission.kind === 'blocked' ? admission : undefined;
  }

  prepare(): void {}

  async refused(refusal: VenueRefusal): Promise<void> {
    this.#breaker = refuse(this.#breaker, refusal, this.#clock.nowMs());
  }

  async answered(): Promise<void> {
    this.#breaker = succeed(this.#breaker, this.#clock.nowMs());
  }

  #delayMs(cost: RequestCost, nowMs: number): number {
    const delays = this.#limits.map(({ limit, window }) => {
      const units = unitsOf(limit, cost);
      if (units === 0) return 0;
      const own = limit.unitsMax * this.#share;
      const cap = capOf(limit, own, cost.order);
      // What is more than the whole limit goes as often as if it were all of it.
      const counted = Math.min(units, limit.unitsMax);
      const isHeld = !cost.order && !this.#oncePerWindow && counted > own + unitTolerance;
      if (!isHeld) return window.delayMs(units, cap, nowMs);
      return window.silenceMs(Math.ceil((limit.windowMs * counted) / cap), nowMs);
    });
    return Math.max(0, ...delays);
  }
}
