/** What deciding about a bracket starts from, and what it can come to. */
import type { IntentId } from '../../ids.ts';
import type { Amount } from '../../money.ts';
import type { Market, Ticker } from '../../ports/market-data.ts';
import type { Cause, OrderAbilities, OrderChange, OrderTerms } from '../../ports/venue.ts';
import type { ExitStep, Exits } from '../exits.ts';
import type { Order } from '../order.ts';

/** Everything a decision depends on, as of one moment. */
export interface ExitView {
  /** The order whose position is protected. */
  entry: Order;
  /** The orders of its steps, read strongly; a step without one was planned and not recorded yet. */
  orders: readonly Order[];
  market: Market;
  abilities: OrderAbilities;
  /** Absent where nobody has asked for it yet, `unavailable` where the venue did not tell. */
  ticker?: ExitPrices | 'unavailable';
  /**
   * What there still is for this entry of the account's position in its direction, see `allotHeld`; in the market's unit.
   * Absent where it is not known.
   */
  held?: Amount;
  /** True where `held` counts the entry's latest fill for sure. */
  isHeldCertain?: boolean;
  /** True for whoever had the exits taken back for an order that closes: what is left is protected at once. */
  resumes?: boolean;
  /** Why no exit may be placed now, see `askSwitches`; absent where they may, and where nobody has asked yet. */
  barred?: Cause;
  /** Exits that could not be changed in place when it was tried. */
  unamendable?: ReadonlySet<IntentId>;
  /** UTC epoch milliseconds. */
  nowMs: number;
}

export type ExitPrices = Pick<Ticker, 'bid' | 'ask' | 'last'>;

/** One step towards what the plan asks for. Each is right by itself: whoever performs one looks again before the next. */
export type ExitCommand =
  /** Nothing more can be decided without a price. */
  | { kind: 'price_needed' }
  | PlaceExit
  /** A step that was planned, has no order and does not fit any more is never to have one. */
  | { kind: 'give_up'; step: ExitStep }
  | { kind: 'cancel'; order: Order; reason: ExitCancelReason }
  | { kind: 'amend'; order: Order; change: OrderChange }
  /** Ask the venue what became of an exit in doubt. */
  | { kind: 'resolve'; order: Order }
  | { kind: 'move_stop'; change: Pick<Exits, 'stopPrice' | 'trailedTo'> }
  | Declaration;

export interface PlaceExit {
  kind: 'place';
  step: ExitStep;
  terms: OrderTerms;
  handling?: 'emulated';
  /** The step is on the entry already; only its order is missing. */
  isPlanned: boolean;
}

export interface Declaration {
  kind: 'declare';
  state: Exits['state'];
  cause?: Cause;
}

/** Why Nightdesk itself cancels an exit. By these words its own cancels are told from those of others. */
export const exitCancelReasons = {
  replaced: 'another exit takes its place',
  unwanted: 'nothing is left for it to protect',
  target: 'a target is reached, and only one order can hold the position',
  missed: 'the price left the target before all of it was sold',
  closing: 'the position is closed at market',
} as const;
export type ExitCancelReason = (typeof exitCancelReasons)[keyof typeof exitCancelReasons];

/** On an entry whose exits were taken back, so that an order of its own can close the position. */
export const releasedCause: Cause = {
  code: 'released',
  message: 'its exits give way to an order that closes the position',
};
/** How long that order has; what is left of the position is protected anew then, whatever became of it. */
export const releasedMsMax = 10_000;

/** How often an exit that fails is placed in a row before its failure is one of the bracket. */
export const exitFailuresMax = 3;
/** Pause before a failed exit is tried again; it doubles with every further failure, up to the longest. */
export const exitRetryPauseMs = 60_000;
export const exitRetryPauseMsMax = 3_600_000;
/** Pause before a watched target that was reached and not filled is tried again. */
export const targetRetryPauseMs = 15_000;
/** Steps of one entry, beside those that close it. Whoever needs more than that is going round in circles. */
export const exitStepsMax = 200;
/**
 * Steps after which a stop is not taken away any more for something that can be done without: trailing it by replacing it, and
 * trying a target that is watched. What is left of the steps belongs to the stop.
 */
export const optionalStepsMax = 180;
/** A stop is moved once it would gain this share of its distance: closer steps would cost more than they protect. */
export const trailStepShare = '0.1';
/**
 * How far the limit of a stop lies beyond its trigger, as a share, where the venue has no stop that sells at market. Nearer,
 * a fast market would jump over it; further, venues refuse it (the usual bands of prices are 5 to 15 % wide).
 */
export const stopLimitShare = '0.05';
/** How long after a fill of an entry the account's position may still be that of before it; nothing is cut down to it so early. */
export const heldSettlesMs = 15_000;
/** What fees in the asset itself leave of it at least. Venues often tell a fill before they tell its fee. */
export const withoutFeesShare = '0.99';
