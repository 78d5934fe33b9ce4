/** Moving a stop to where it protects more: to break even after the first target, and behind a better price. Never back. */
import { compare, type Price, scaleBy, subtract } from '../../money.ts';
import type { StopLoss } from '../exits.ts';
import { type Bracket, isTrailedByVenue, stopTriggerOf } from './exit-slots.ts';
import { isClosing } from './exit-steps.ts';
import { type ExitCommand, optionalStepsMax, trailStepShare } from './exit-view.ts';
import { better, breakEvenPrice, stopReference, trailDistance, trailedStop } from './levels.ts';

/** The move that is due, a question for the price where only that can tell, or nothing. */
export function moveStop(bracket: Bracket): Extract<ExitCommand, { kind: 'move_stop' | 'price_needed' }> | undefined {
  const { stopLoss } = bracket.plan;
  if (stopLoss === undefined || isClosing(bracket.steps)) return undefined;
  const current = stopTriggerOf(bracket, stopLoss);
  if (current === undefined) return undefined;
  const even = stopLoss.breakEven === true ? evenStop(bracket, current) : undefined;
  if (even !== undefined) return { kind: 'move_stop', change: { stopPrice: even } };
  return trailStop(bracket, stopLoss, current);
}

const isBetter = (price: Price, current: Price, { side }: Bracket): boolean =>
  compare(price, current) !== 0 && better(price, current, side) === price;

function evenStop(bracket: Bracket, current: Price): Price | undefined {
  const { steps, average } = bracket;
  const isDue = steps.recorded.some(({ step, order }) => step.role === 'take_profit' && order.state === 'filled');
  const even = isDue && average !== undefined ? breakEvenPrice(average, bracket) : undefined;
  return even !== undefined && isBetter(even, current, bracket) ? even : undefined;
}

function trailStop(bracket: Bracket, { trail, ...stop }: StopLoss, current: Price): ReturnType<typeof moveStop> {
  const { view, steps, exits, average, side } = bracket;
  if (trail === undefined || isTrailedByVenue(bracket, { trail, ...stop })) return undefined;
  const isResting = steps.working.some(({ step, order }) => step.role === 'stop_loss' && order.state !== 'waiting');
  const isCostly = isResting && !view.abilities.amends;
  if (isCostly && exits.steps.length >= optionalStepsMax) return undefined;
  if (view.ticker === undefined) return { kind: 'price_needed' };
  const price = view.ticker === 'unavailable' ? undefined : stopReference(view.ticker, side);
  if (price === undefined) return undefined;
  const start = exits.trailedTo ?? average;
  const best = start === undefined ? price : better(price, start, side);
  const stopPrice = trailedStop(trail, best, bracket);
  if (stopPrice === undefined || !isBetter(stopPrice, current, bracket)) return undefined;
  const gain = side === 'sell' ? subtract(stopPrice, current) : subtract(current, stopPrice);
  const isWorthIt = compare(gain, scaleBy(trailDistance(trail, best), trailStepShare)) >= 0;
  return isWorthIt ? { kind: 'move_stop', change: { stopPrice, trailedTo: best } } : undefined;
}
