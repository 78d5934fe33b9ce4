/** Where the exits of an order would be, seen from the price that it is to fill at: measured, and denied where that makes no sense. */
import { add, compare, isPositive, type Price, roundToStep, scaleBy, subtract } from '../money.ts';
import type { Market, Side } from '../ports/market-data.ts';
import type { ExitLevel, ExitPlan, StopLoss } from './exits.ts';
import { denied, type PlanDenial } from './plan-orders-types.ts';

export interface EntryContext {
  /** Of the entry. */
  side: Side;
  /** Where the entry is to fill. */
  entry: Price;
  market: Market;
}

/**
 * Where the stop-loss would end the position, on the price step that is farther from the entry: a size that is measured against it
 * is never above the risk, whichever way the stop is rounded when it is placed.
 */
export function stopPriceOf(stop: StopLoss, { side, entry, market }: EntryContext): Price | PlanDenial {
  const { exact, field } = exactStop(stop, { side, entry, market });
  const stopPrice = roundToStep(exact, market.priceStep, side === 'buy' ? 'down' : 'up');
  if (!isPositive(exact)) return denied('exit_wrong_side', field, `puts the stop-loss at ${exact}, below any price`);
  const wrong = side === 'buy' ? compare(exact, entry) >= 0 : compare(exact, entry) <= 0;
  if (!wrong) return stopPrice;
  const where = side === 'buy' ? 'below' : 'above';
  const message = `puts the stop-loss at ${exact}; it has to be ${where} the entry, which is at ${entry}`;
  return denied('exit_wrong_side', field, message);
}

function exactStop({ level, trail }: StopLoss, context: EntryContext): { exact: Price; field: string } {
  const { side, entry } = context;
  const away = side === 'buy' ? 'down' : 'up';
  if (level !== undefined) return { exact: levelPrice(level, entry, away), field: `stopLoss.${keyOf(level)}` };
  // A stop without a level and without a trail is nothing that a signal can ask for.
  if (trail === undefined) return { exact: entry, field: 'stopLoss' };
  if ('percent' in trail) return { exact: levelPrice(trail, entry, away), field: 'stopLoss.trailPercent' };
  const exact = away === 'down' ? subtract(entry, trail.distance) : add(entry, trail.distance);
  return { exact, field: 'stopLoss.trailAmount' };
}

const keyOf = (level: ExitLevel): 'percent' | 'price' => ('percent' in level ? 'percent' : 'price');

function levelPrice(level: ExitLevel, entry: Price, direction: 'up' | 'down'): Price {
  if ('price' in level) return level.price;
  const distance = scaleBy(scaleBy(entry, level.percent), '0.01');
  return direction === 'down' ? subtract(entry, distance) : add(entry, distance);
}

/** Denied where an exit would end the position as soon as there is one: it lies on the wrong side of the entry. */
export function refuseExits(plan: ExitPlan, context: EntryContext): PlanDenial | undefined {
  const { side, entry } = context;
  for (const [index, { level }] of plan.takeProfits.entries()) {
    const at = levelPrice(level, entry, side === 'buy' ? 'up' : 'down');
    const wrong = side === 'buy' ? compare(at, entry) <= 0 : compare(at, entry) >= 0 || !isPositive(at);
    if (!wrong) continue;
    const where = side === 'buy' ? 'above' : 'below';
    const message = `is a target at ${at}; it has to be ${where} the entry, which is at ${entry}`;
    return denied('exit_wrong_side', `takeProfit.${index}.${keyOf(level)}`, message);
  }
  const stop = plan.stopLoss && stopPriceOf(plan.stopLoss, context);
  return typeof stop === 'object' ? stop : undefined;
}

/** Of an order that opens nothing. */
export function refuseExitsOf({ stopLoss }: ExitPlan): PlanDenial {
  const field = stopLoss === undefined ? 'takeProfit' : 'stopLoss';
  return denied('not_supported', field, 'goes with orders that open a position only, and this one opens none');
}
