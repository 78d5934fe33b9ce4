/** Which exits are to be at work now, and what stands in the way of it. */
import type { Cause } from '../../ports/venue.ts';
import type { StopLoss } from '../exits.ts';
import { type Bracket, closeSlot, type ExitSlot, stopSlot, type TargetSlots, targetSlots } from './exit-slots.ts';
import { failureOf, inSlot, isClosing } from './exit-steps.ts';
import { type ExitPrices, exitStepsMax, optionalStepsMax, targetRetryPauseMs } from './exit-view.ts';
import { isBeyond, isReached, stopReference } from './levels.ts';
import { hasJustFilled, lessOf, remainderOf } from './position.ts';
import { isAtWork, isPaused, isSpent, type WantedExits } from './reconcile.ts';

export interface Wanted extends WantedExits {
  /** Why the position is not protected as planned. */
  failure?: Cause;
}

/** @returns `price_needed` where only a price can tell. */
export function wantedExits(bracket: Bracket): Wanted | 'price_needed' {
  if (isClosing(bracket.steps)) return closing(bracket);
  const { plan } = bracket;
  const targets = targetSlots(bracket);
  if (plan.stopLoss !== undefined) return withStop(bracket, plan.stopLoss, targets);
  const failure = failureOfTargets(bracket, targets);
  if (failure !== undefined && plan.onFailure === 'close' && !isUnpriced(bracket)) return closing(bracket, failure);
  return { slots: targets.slots, reason: 'unwanted', ...(failure && { failure }) };
}

function withStop(bracket: Bracket, stopLoss: StopLoss, targets: TargetSlots): Wanted | 'price_needed' {
  const { steps, plan, isTogether, view } = bracket;
  const closes = plan.onFailure === 'close';
  const resting = isTogether ? targets.slots : [];
  const stop = stopSlot(bracket, stopLoss);
  if (stop === undefined) {
    const failure = unusableLevel('the stop-loss');
    return closes && !isUnpriced(bracket) ? closing(bracket, failure) : { slots: resting, reason: 'unwanted', failure };
  }
  const isWatching = !isTogether && targets.slots.some((slot) => slot.isPlaceable);
  const isAsked = steps.inDoubt.some(({ step }) => step.role === 'stop_loss');
  const isMissing = stop.isPlaceable && !isAsked && !isAtWork(bracket, stop);
  if (view.ticker === undefined && (isWatching || isMissing)) return 'price_needed';
  const prices = pricesOf(bracket);
  const reached = isWatching && prices !== undefined ? reachedTarget(bracket, targets.slots, prices) : undefined;
  if (reached !== undefined) return { slots: [reached], reason: 'target' };
  const isJumpedOver = stop.price !== undefined && prices !== undefined && isBeyond(stop.price, prices, bracket.side);
  if (isMissing && isJumpedOver) return closing(bracket);
  const stopFailure = isMissing ? failureOfMissing(bracket, stop) : undefined;
  // A stop that waits for a switch has not failed, and nothing could be closed either.
  const isFailed = stopFailure !== undefined && view.barred === undefined;
  if (isFailed && closes && isUncovered(bracket)) return closing(bracket, stopFailure);
  const failure = stopFailure ?? failureOfTargets(bracket, targets);
  const slots = [stop, ...resting];
  return { slots, reason: isWatching ? 'missed' : 'unwanted', ...(failure && { failure }) };
}

/** True while the venue may not have told yet what was paid for the entry. A position is not given up for that. */
const isUnpriced = ({ average, view: { entry, nowMs } }: Bracket): boolean =>
  average === undefined && hasJustFilled(entry, nowMs);

const pricesOf = ({ view: { ticker } }: Bracket): ExitPrices | undefined =>
  ticker === 'unavailable' ? undefined : ticker;

/** True where no stop at the venue is for all of the position. One at an older trigger is still one. */
export const isUncovered = ({ steps, size }: Bracket): boolean =>
  !steps.working.some(
    ({ step, order }) =>
      step.role === 'stop_loss' && order.cancel === undefined && lessOf(size, remainderOf(order)) === '0',
  );

/** Everything else is taken back first, so that what is sold is never more than there is. */
function closing(bracket: Bracket, why?: Cause): Wanted {
  const prices = pricesOf(bracket);
  const reference = (prices && stopReference(prices, bracket.side)) ?? bracket.average;
  const slot = closeSlot(bracket, reference);
  const failure = barredFrom(slot, bracket) ?? failureOf(bracket.steps, slot)?.cause ?? why;
  return { slots: [slot], reason: 'closing', ...(failure && { failure }) };
}

/** What keeps a slot from its order now, where it has none. */
function barredFrom(slot: ExitSlot, bracket: Bracket): Cause | undefined {
  const { barred } = bracket.view;
  return slot.isPlaceable && !isAtWork(bracket, slot) ? barred : undefined;
}

/** The nearest target that can be sold at now. One that was tried a moment ago and not filled lets the stop rest first. */
function reachedTarget(bracket: Bracket, slots: readonly ExitSlot[], prices: ExitPrices): ExitSlot | undefined {
  const { steps, exits, side, view } = bracket;
  if (exits.steps.length >= optionalStepsMax) return undefined;
  return slots.find((slot) => {
    const isThere = slot.isPlaceable && slot.price !== undefined && isReached(slot.price, prices, side);
    if (!isThere || isPaused(slot, bracket)) return false;
    const last = inSlot(steps, slot).at(-1)?.order;
    // One that still rests was left by the price, or interrupted: the stop comes first again.
    if (last?.state === 'open') return false;
    return last?.venueOrderId === undefined || view.nowMs - last.updatedAtMs >= targetRetryPauseMs;
  });
}

/** Why a slot that should have an order has none. */
function failureOfMissing(bracket: Bracket, slot: ExitSlot): Cause | undefined {
  const { barred } = bracket.view;
  // A stop that is not where it should be by now, and may not be moved, is a stop.
  if (barred !== undefined) return slot.role === 'stop_loss' && !isUncovered(bracket) ? undefined : barred;
  const failure = failureOf(bracket.steps, slot)?.cause;
  if (failure !== undefined || !isSpent(bracket.exits)) return failure;
  const message = `${exitStepsMax} exits were placed for one order, and its position is still not protected as planned`;
  return { code: 'too_many_exits', message };
}

function failureOfTargets(bracket: Bracket, { slots, unusable }: TargetSlots): Cause | undefined {
  const [first] = unusable;
  const isWatched = !bracket.isTogether && bracket.plan.stopLoss !== undefined;
  const missing = slots.filter((slot) => slot.isPlaceable && !isAtWork(bracket, slot));
  for (const slot of missing) {
    const failure = isWatched ? failureOf(bracket.steps, slot)?.cause : failureOfMissing(bracket, slot);
    if (failure !== undefined) return failure;
  }
  return first === undefined ? undefined : unusableLevel(`target ${first + 1}`);
}

const unusableLevel = (what: string): Cause => ({
  code: 'exit_level_unusable',
  message: `the level of ${what} gives no price that an order can have`,
});
