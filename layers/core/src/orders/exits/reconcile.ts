/** From the orders that are at work to those that should be. */
import { stepIdOf } from '../../ids.ts';
import { add, compare, isPositive } from '../../money.ts';
import type { OrderChange } from '../../ports/venue.ts';
import type { ExitStep, Exits } from '../exits.ts';
import type { Order } from '../order.ts';
import type { Bracket, ExitSlot } from './exit-slots.ts';
import { failureOf, isSame, isSameSlot, nextName, type RecordedStep } from './exit-steps.ts';
import {
  type ExitCancelReason,
  type ExitCommand,
  exitCancelReasons,
  exitStepsMax,
  type PlaceExit,
} from './exit-view.ts';
import { remainderOf, sum } from './position.ts';

export interface WantedExits {
  slots: readonly ExitSlot[];
  /** Why everything else is canceled. */
  reason: keyof typeof exitCancelReasons;
}

/** True where an order is just what a slot asks for. */
export const isFitting = ({ step, order }: RecordedStep, slot: ExitSlot): boolean =>
  isSameSlot(step, slot) &&
  order.cancel === undefined &&
  order.amendment === undefined &&
  compare(remainderOf(order), slot.amount) === 0 &&
  isSame(order.triggerPrice, slot.terms.triggerPrice) &&
  (slot.role !== 'take_profit' || isSame(order.price, slot.price));

/** True where a slot has the order it asks for. */
export const isAtWork = ({ steps }: Bracket, slot: ExitSlot): boolean =>
  steps.working.some((recorded) => isFitting(recorded, slot));

/** Every command is right by itself, as of this view. */
export function reconcile(bracket: Bracket, wanted: WantedExits): ExitCommand[] {
  const { working, inDoubt, orphans } = bracket.steps;
  const kept = wanted.slots.map((slot) => working.find((recorded) => isFitting(recorded, slot)));
  const changes = working
    .filter((recorded) => !kept.includes(recorded))
    .flatMap((recorded) => changeOf(recorded, bracket, { ...wanted, kept }));
  const amended = changes.flatMap((command) => (command.kind === 'amend' ? [command.order] : []));
  const missing = wanted.slots.filter((slot, index) => {
    const stands = [...inDoubt, ...working.filter(({ order }) => amended.includes(order))];
    return kept[index] === undefined && !stands.some(({ step }) => isSameSlot(step, slot));
  });
  const places = missing.filter((slot) => mayPlace(slot, bracket)).map((slot) => placeOf(slot, bracket));
  const taken = new Set(places.map(({ step }) => step.orderId));
  // A switch keeps steps planned: they get their orders as soon as it lets them, and another one takes no further step.
  const isHeldBack = bracket.view.barred !== undefined && wanted.slots.length > 0;
  // Whoever planned a step may be about to record its order. Nothing takes its place before that is impossible.
  const givenUp = isHeldBack ? [] : orphans.filter(({ orderId }) => !taken.has(orderId));
  return [
    ...givenUp.map((step): ExitCommand => ({ kind: 'give_up', step })),
    ...(givenUp.length > 0 ? [] : places),
    ...changes,
    ...inDoubt.map(({ order }): ExitCommand => ({ kind: 'resolve', order })),
  ];
}

interface Keeping extends WantedExits {
  kept: readonly (RecordedStep | undefined)[];
}

/** What becomes of an order that is not as it should be. */
function changeOf({ step, order }: RecordedStep, bracket: Bracket, { slots, kept, reason }: Keeping): ExitCommand[] {
  const cancel = (why: ExitCancelReason): ExitCommand[] => [{ kind: 'cancel', order, reason: why }];
  if (order.cancel !== undefined) return cancel(exitCancelReasons[reason]);
  if (isLeftAlone(bracket)) return [];
  const index = slots.findIndex((candidate) => candidate.isPlaceable && isSameSlot(candidate, step));
  const slot = slots[index];
  if (slot === undefined) return isSafetyNet(step, bracket, reason) ? [] : cancel(exitCancelReasons[reason]);
  if (kept[index] !== undefined) return cancel(exitCancelReasons.replaced);
  if (isAmendable(order, bracket) && slot.role !== 'close') {
    const { triggerPrice, price } = slot.terms;
    const change: OrderChange = {
      amount: add(slot.amount, order.filled),
      ...(triggerPrice !== undefined && { triggerPrice }),
      ...(price !== undefined && { price }),
    };
    return [{ kind: 'amend', order, change }];
  }
  // It rests until the new one does: orders that only reduce cannot sell a position twice.
  if (bracket.isTogether && slot.role === 'stop_loss') return [];
  const isHarmless = compare(remainderOf(order), bracket.size) <= 0;
  return isHarmless && isPaused(slot, bracket) ? [] : cancel(exitCancelReasons.replaced);
}

/**
 * While nothing can be placed, nothing is taken away or moved for something else: no order could follow. Only what is more
 * than the position goes, where orders may do more than reduce it.
 */
function isLeftAlone({ view, steps, size, isTogether }: Bracket): boolean {
  if (view.barred === undefined || !isPositive(size)) return false;
  return isTogether || compare(sum(steps.working.map(({ order }) => remainderOf(order))), size) <= 0;
}

/** A stop that may only reduce rests until the position is closed: the order that closes it might be refused. */
const isSafetyNet = ({ role }: ExitStep, { isTogether }: Bracket, reason: WantedExits['reason']): boolean =>
  isTogether && reason === 'closing' && role === 'stop_loss';

function isAmendable(order: Order, { view }: Bracket): boolean {
  if (view.unamendable?.has(order.orderId) === true) return false;
  // A cause on an order that is open tells why the venue refused to change it.
  return order.state === 'waiting' || (view.abilities.amends && order.cause === undefined);
}

/** True while a slot is not to be tried: a switch would refuse it, or it failed and is not tried again yet. */
export function isPaused(slot: ExitSlot, { steps, exits, view }: Bracket): boolean {
  if (view.barred !== undefined) return true;
  const failure = failureOf(steps, slot);
  if (failure !== undefined && view.nowMs < failure.retryAtMs) return true;
  return isSpent(exits) && slot.role !== 'close';
}

/** True once an entry has had so many exits that something must be wrong. */
export const isSpent = ({ steps }: Exits): boolean => steps.length >= exitStepsMax;

/** Never so much that the orders at work, each of which may fill, would be more than the position. */
function mayPlace(slot: ExitSlot, bracket: Bracket): boolean {
  const { steps, size, isTogether } = bracket;
  if (!slot.isPlaceable || isPaused(slot, bracket)) return false;
  const busy = [...steps.working, ...steps.inDoubt];
  if (slot.role === 'close') return busy.every(({ step }) => isSafetyNet(step, bracket, 'closing'));
  if (isTogether && slot.role === 'stop_loss') return true;
  const rivals = isTogether ? busy.filter(({ step }) => step.role === slot.role) : busy;
  const left = sum(rivals.map(({ order }) => remainderOf(order)));
  return compare(add(left, slot.amount), size) <= 0;
}

function placeOf(slot: ExitSlot, { view, steps }: Bracket): PlaceExit {
  const { role, target, amount, price, terms, handling } = slot;
  const planned = steps.orphans.find(
    (step) => isSameSlot(step, slot) && compare(step.amount, amount) === 0 && isSame(step.price, price),
  );
  const name = nextName(steps, slot);
  const step: ExitStep = {
    ...{ orderId: stepIdOf(view.entry.orderId, name), name, role, amount },
    ...(target !== undefined && { target }),
    ...(price !== undefined && { price }),
  };
  return {
    kind: 'place',
    step: planned ?? step,
    terms,
    ...(handling && { handling }),
    isPlanned: planned !== undefined,
  };
}
