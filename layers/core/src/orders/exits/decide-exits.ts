/**
 * What has to be done next for the position of an entry to be protected as its plan says. Pure and total: performing comes
 * after, in `keep-exits.ts`, which looks again before every command.
 *
 * The position of an entry is what it filled less what its exits filled. Protection is never larger than that. Where orders can
 * be reduce-only, stop and targets rest at the venue together. Where they cannot, as on spot, one order holds all there is: the
 * stop rests, and a target is sold when the price is there, between canceling the stop and placing it again for the rest.
 */
import { isPositive } from '../../money.ts';
import type { Cause } from '../../ports/venue.ts';
import { type Bracket, bracketOf, type ExitSlot, stopSlot, targetSlots } from './exit-slots.ts';
import { type Declaration, type ExitCommand, type ExitView, releasedCause, releasedMsMax } from './exit-view.ts';
import { moveStop } from './move-stop.ts';
import { isAtWork, reconcile } from './reconcile.ts';
import { isUncovered, wantedExits } from './wanted-exits.ts';

const nothingHeld = 'nothing_held';

/** @returns the commands that are right as of this view, the most urgent first; none where all is as it should be. */
export function decideExits(view: ExitView): ExitCommand[] {
  const bracket = bracketOf(view);
  if (bracket === undefined) return [];
  const { state, cause } = bracket.exits;
  // What was closed by hand stays closed, whatever the entry's own figures say.
  if (state === 'done' && cause?.code === nothingHeld) return [];
  if (isReleased(view)) return [];
  if (isAbandoned(view)) return declare(bracket, 'failed', abandonedCause);
  if (!isPositive(bracket.size)) return conclude(bracket, reconcile(bracket, { slots: [], reason: 'unwanted' }), []);
  const moved = moveStop(bracket);
  if (moved !== undefined) return [moved];
  const wanted = wantedExits(bracket);
  if (wanted === 'price_needed') return [{ kind: 'price_needed' }];
  const commands = reconcile(bracket, wanted);
  if (wanted.failure !== undefined) return [...declare(bracket, 'failed', wanted.failure), ...commands];
  return conclude(bracket, commands, wanted.slots);
}

const wasReleased = ({ entry: { exits }, resumes }: ExitView): boolean =>
  resumes !== true && exits?.cause?.code === releasedCause.code;

/** True while the exits make room for an order that closes the position: new ones would take from it what it is to sell. */
const isReleased = (view: ExitView): boolean =>
  wasReleased(view) && view.nowMs - view.entry.updatedAtMs < releasedMsMax;

/** True where exits made room, and whoever wanted them to has not put anything in their place. */
const isAbandoned = (view: ExitView): boolean => wasReleased(view) && isBare(view);

const abandonedCause: Cause = {
  code: 'protection_pending',
  message: 'its exits gave way to an order that was to close the position, and that has not come to an end',
};

/** True while some of the position is without what is to protect it: the stop, or without one in the plan the targets. */
export function isBare(view: ExitView): boolean {
  const bracket = bracketOf(view);
  if (bracket === undefined || !isPositive(bracket.size) || isReleased(view)) return false;
  const { plan } = bracket;
  if (plan.stopLoss === undefined) {
    return targetSlots(bracket).slots.some((slot) => slot.isPlaceable && !isAtWork(bracket, slot));
  }
  return stopSlot(bracket, plan.stopLoss)?.isPlaceable !== false && isUncovered(bracket);
}

/** Says what the bracket has come to, once nothing is left to be done. */
function conclude(bracket: Bracket, commands: ExitCommand[], slots: readonly ExitSlot[]): ExitCommand[] {
  if (commands.length > 0) return commands;
  const isAnyLeft = slots.some((slot) => slot.isPlaceable || isAtWork(bracket, slot));
  if (!isAnyLeft)
    return bracket.isEnded ? declare(bracket, 'done', endOf(bracket, slots)) : declare(bracket, 'waiting');
  const isComplete = slots.every((slot) => slot.role !== 'close' && (!slot.isPlaceable || isAtWork(bracket, slot)));
  return isComplete ? declare(bracket, 'protected') : [];
}

/** Why nothing is left to protect; `undefined` where the exits have ended the position as planned. */
function endOf({ view, plan, size, isCut, steps }: Bracket, slots: readonly ExitSlot[]): Cause | undefined {
  const { entry, market } = view;
  if (!isPositive(entry.filled)) return { code: 'not_filled', message: 'the order ended without a fill' };
  if (isCut) {
    const message = 'the account does not hold the position any more: something else has closed it';
    return { code: nothingHeld, message };
  }
  if (isPositive(size) && plan.stopLoss === undefined && slots.length === 0) {
    return { code: 'plan_fulfilled', message: `the plan has no exit for the remaining ${size}` };
  }
  if (isPositive(size)) {
    return { code: 'dust_left', message: `the remaining ${size} are less than ${market.symbol} takes` };
  }
  const isClosed = steps.recorded.some(({ step, order }) => step.role === 'close' && isPositive(order.filled));
  return isClosed ? { code: 'closed_at_market', message: 'the rest of the position was closed at market' } : undefined;
}

/** One declaration, unless it has been made. */
function declare({ exits }: Bracket, state: Declaration['state'], cause?: Cause): ExitCommand[] {
  if (exits.state === state && exits.cause?.code === cause?.code) return [];
  return [{ kind: 'declare', state, ...(cause && { cause }) }];
}
