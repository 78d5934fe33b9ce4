/** What protects a position: the plan that comes with a signal, and what became of it. */
import type { IntentId } from '../ids.ts';
import type { Amount, Price } from '../money.ts';
import type { Cause, Trail } from '../ports/venue.ts';

/** A distance from the average price of the entry (`2` is 2 %), in the direction that the exit is for, or a price. */
export type ExitLevel = { percent: string } | { price: Price };

export interface TakeProfit {
  level: ExitLevel;
  /** Share of the position, above 0 and at most 1. The portions of a plan add up to 1 at most. */
  portion: string;
}

export interface StopLoss {
  /** Where it starts. A trailing one without a level starts at its distance from the entry. */
  level?: ExitLevel;
  /** It follows the price at this distance. */
  trail?: Trail;
  /** Once the first target is reached it moves to the price of the entry. */
  breakEven?: boolean;
}

/** What the owner of a source wants where a position cannot be protected. */
export type ProtectionPolicy = 'keep' | 'close';

export interface ExitPlan {
  /** Nearest first. */
  takeProfits: readonly TakeProfit[];
  stopLoss?: StopLoss;
  onFailure: ProtectionPolicy;
}

/** One order of a bracket, recorded on the entry before it is placed. */
export interface ExitStep {
  /** Derived from the entry and `name`. */
  orderId: IntentId;
  /** Unique among the steps of an entry: `stop-1`, `target-2-1`, `close-1`. */
  name: string;
  role: 'take_profit' | 'stop_loss' | 'close';
  /** Which target, from 0. Only on `take_profit`. */
  target?: number;
  amount: Amount;
  /** Limit of a target, trigger of a stop. */
  price?: Price;
}

/**
 * - `waiting`: nothing is filled yet that would need protection;
 * - `protected`: every filled part is protected as planned;
 * - `failed`: some part is not, and the owner has been told (`cause`);
 * - `done`: nothing is left to protect.
 */
export interface Exits {
  state: 'waiting' | 'protected' | 'failed' | 'done';
  cause?: Cause;
  steps: readonly ExitStep[];
  /** Where the stop is by now: moved to break even, or trailed by Nightdesk. Absent is where the plan has it. */
  stopPrice?: Price;
  /** Best price since the entry, where Nightdesk trails the stop. */
  trailedTo?: Price;
}

/** True while somebody has to look after the position of an order. */
export const needsCare = (exits: Exits | undefined): boolean => exits !== undefined && exits.state !== 'done';
