/**
 * How often an order is looked at. What is in doubt, young or has just changed is likely to change soon; what has rested for
 * long is not, and every look costs the venue's request limit. Pure.
 */
import { isSwitchCode } from '../risk/switches.ts';
import { needsCare } from './exits.ts';
import { finalStates, type Order } from './order.ts';

const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;

/** How long an order counts as young, and as just changed. */
export const youngMs = 2 * minuteMs;
/** How long something in doubt is asked about every few seconds. */
export const eagerMs = 5 * minuteMs;
/** An order that has not changed for so long is very old. */
export const veryOldMs = 24 * hourMs;
/** Pauses between two looks. */
export const lookPausesMs = {
  eager: 3 * secondMs,
  young: 5 * secondMs,
  resting: minuteMs,
  veryOld: 5 * minuteMs,
} as const;
/** How often an order is asked about singly that lists show as unchanged. */
export const fullLookEveryMs = 30 * minuteMs;
/** Runs come about a minute apart; what falls due in between must not fall through. */
const runEveryMs = 65 * secondMs;

/** True while something about an order is under way whose outcome is not known. */
export const isInDoubt = ({ state, cancel, amendment }: Order): boolean =>
  state === 'intended' || state === 'unknown' || cancel !== undefined || amendment !== undefined;

/** The pause between two looks at an order. */
export function lookPauseMs(order: Order, nowMs: number): number {
  const quietMs = nowMs - order.updatedAtMs;
  if (isInDoubt(order)) return quietMs < eagerMs ? lookPausesMs.eager : lookPausesMs.resting;
  // A trigger that Nightdesk watches is missed by every look that is not made.
  if (order.state === 'waiting') return lookPausesMs.young;
  // Nothing but the trades behind it is still to come.
  if (finalStates.has(order.state) && !needsCare(order.exits)) return lookPausesMs.resting;
  // A switch is set again at any moment, and a position may be bare until then.
  if (quietMs < youngMs || isHeldBack(order)) return lookPausesMs.young;
  // An entry that has ended is looked at for the sake of its exits.
  if (finalStates.has(order.state)) {
    const isBare = order.exits?.state !== 'protected' && quietMs < eagerMs;
    return isBare || isPriceWatched(order) ? lookPausesMs.young : lookPausesMs.resting;
  }
  return quietMs < veryOldMs ? lookPausesMs.resting : lookPausesMs.veryOld;
}

/** True where a switch keeps exits from being placed. */
const isHeldBack = ({ exits }: Order): boolean => needsCare(exits) && isSwitchCode(exits?.cause?.code);

/**
 * True where Nightdesk itself watches the price for an exit: a target that was not ordered yet, because the stop holds what it
 * would sell, and a stop that Nightdesk trails.
 */
function isPriceWatched({ exitPlan, exits }: Order): boolean {
  if (exitPlan === undefined || exits === undefined || exits.state === 'done') return false;
  const ordered = new Set(exits.steps.flatMap(({ target }) => target ?? []));
  return exits.trailedTo !== undefined || ordered.size < exitPlan.takeProfits.length;
}

/** @param lookedAtMs when it was looked at last, where that is known */
export function isLookDue(order: Order, nowMs: number, lookedAtMs?: number): boolean {
  const pauseMs = lookPauseMs(order, nowMs);
  if (lookedAtMs !== undefined) return nowMs - lookedAtMs >= pauseMs;
  return pauseMs <= minuteMs || isTurn(order, pauseMs, nowMs);
}

/** True when an order is asked about singly, whatever lists show of it. */
export const isFullLookDue = (order: Order, nowMs: number): boolean => isTurn(order, fullLookEveryMs, nowMs);

/** True in about one run of each period; which one depends on the order, so that they do not all come at once. */
const isTurn = ({ createdAtMs }: Order, periodMs: number, nowMs: number): boolean =>
  (((nowMs - createdAtMs) % periodMs) + periodMs) % periodMs < runEveryMs;
