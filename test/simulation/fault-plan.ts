/** Which faults a run has, and how often. Each run has some and not others, so that rare combinations come up too. */
import type { Dice } from './dice.ts';

/** What can happen to a call of a store, the queue, a secret or the configuration. */
export type CallFault = 'crash_before' | 'crash_after' | 'fail_before' | 'fail_after' | 'late_service' | 'conflict';
/** What a venue does to an order on top of that. */
export type PlacementFault =
  | 'fail_before_accept'
  | 'lose_answer'
  | 'delay_effect'
  | 'reject'
  | 'partial_fill'
  | 'late_venue'
  | 'no_price';
export type FindingFault = 'no_answer' | 'stale_replica';
/** What a venue does to a cancellation or an amendment. */
export type ChangeFault = 'lose_request' | 'lose_answer' | 'late_fill';
/** What happens to messages and requests on their way, and to clocks. */
export type TransportFault =
  | 'delayed_delivery'
  | 'duplicate_delivery'
  | 'delete_lost'
  | 'resend'
  | 'answer_lost'
  | 'clock_jump';
export type Fault = CallFault | PlacementFault | FindingFault | ChangeFault | TransportFault;

/** Highest probability of each fault, wherever it can strike. */
const rateMax: Readonly<Record<Fault, number>> = {
  ...{ crash_before: 0.03, crash_after: 0.03, fail_before: 0.08, fail_after: 0.05, late_service: 0.1, conflict: 0.3 },
  ...{ fail_before_accept: 0.3, lose_answer: 0.4, delay_effect: 0.4, reject: 0.2, partial_fill: 0.5, no_price: 0.2 },
  ...{ late_venue: 0.5, no_answer: 0.4, stale_replica: 0.5, lose_request: 0.9, late_fill: 1 },
  ...{ delayed_delivery: 0.3, duplicate_delivery: 0.3, delete_lost: 0.2 },
  ...{ resend: 0.6, answer_lost: 0.3, clock_jump: 0.05 },
};

const faults = Object.keys(rateMax) as Fault[];
/** Faults that a desk can have nearly every time and still get something done. */
const bearableFaults = [
  ...([
    'late_service',
    'lose_answer',
    'delay_effect',
    'partial_fill',
    'late_venue',
    'no_answer',
    'stale_replica',
    'lose_request',
    'late_fill',
  ] as const),
  ...(['delayed_delivery', 'duplicate_delivery', 'delete_lost', 'resend', 'answer_lost', 'clock_jump'] as const),
] as const;
const favouriteRate = 0.8;

export class FaultPlan {
  readonly #rates: ReadonlyMap<Fault, number>;
  readonly #dice: Dice;
  #isOver = false;

  constructor(dice: Dice) {
    this.#dice = dice;
    const rates = new Map<Fault, number>();
    for (const fault of faults) {
      rates.set(fault, dice.chance(0.6) ? (rateMax[fault] * dice.between(1, 10)) / 10 : 0);
    }
    // Two that rarely meet must meet often in some run.
    if (dice.chance(0.5)) rates.set(dice.pick(bearableFaults), favouriteRate);
    if (dice.chance(0.5)) rates.set(dice.pick(bearableFaults), favouriteRate);
    this.#rates = rates;
  }

  strikes(fault: Fault): boolean {
    const rate = this.#isOver ? 0 : (this.#rates.get(fault) ?? 0);
    return rate > 0 && this.#dice.chance(rate);
  }

  /** The first of `faults` that strikes. */
  draw<Kind extends Fault>(...faults: readonly Kind[]): Kind | undefined {
    return faults.find((fault) => this.strikes(fault));
  }

  /** From now on everything works. */
  end(): void {
    this.#isOver = true;
  }
}
