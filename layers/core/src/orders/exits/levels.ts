/**
 * Prices of exits. Every one of them is rounded to the price step in one direction, `up` for what sells and `down` for what buys:
 * a target is never given away below what was asked for, a stop never loses more, and break even is never worse than even.
 */
import { add, compare, isPositive, type Price, roundToStep, scaleBy, subtract } from '../../money.ts';
import type { Market, Side } from '../../ports/market-data.ts';
import type { Trail } from '../../ports/venue.ts';
import type { ExitLevel } from '../exits.ts';
import { type ExitPrices, stopLimitShare } from './exit-view.ts';

const percent = (of: Price, percentage: string): Price => scaleBy(scaleBy(of, percentage), '0.01');

/** Where exits of a position lie: what ends a long one sells, above its entry with profit and below with loss. */
export interface ExitSide {
  side: Side;
  market: Market;
}

/** @returns undefined where no price is left, such as 100 % below the entry. */
function round(price: Price, { side, market }: ExitSide): Price | undefined {
  const rounded = roundToStep(price, market.priceStep, side === 'sell' ? 'up' : 'down');
  return isPositive(price) && isPositive(rounded) ? rounded : undefined;
}

/** The price of a target: above the average of the entry for what sells. */
export function targetPriceOf(level: ExitLevel, average: Price | undefined, exit: ExitSide): Price | undefined {
  if ('price' in level) return round(level.price, exit);
  return average && ahead(average, percent(average, level.percent), exit);
}

/** The price of a stop: below the average of the entry for what sells. */
export function stopPriceOf(level: ExitLevel, average: Price | undefined, exit: ExitSide): Price | undefined {
  if ('price' in level) return round(level.price, exit);
  return average && behind(average, percent(average, level.percent), exit);
}

/** How far a trailing stop stays behind a price. */
export const trailDistance = (trail: Trail, at: Price): Price =>
  'percent' in trail ? percent(at, trail.percent) : trail.distance;

/** Where a trailing stop is when the best price was `best`. */
export const trailedStop = (trail: Trail, best: Price, exit: ExitSide): Price | undefined =>
  behind(best, trailDistance(trail, best), exit);

export const breakEvenPrice = (average: Price, exit: ExitSide): Price | undefined => round(average, exit);

const ahead = (price: Price, distance: Price, exit: ExitSide): Price | undefined =>
  round(exit.side === 'sell' ? add(price, distance) : subtract(price, distance), exit);

const behind = (price: Price, distance: Price, exit: ExitSide): Price | undefined =>
  round(exit.side === 'sell' ? subtract(price, distance) : add(price, distance), exit);

/** The limit of a stop that cannot be one at market: beyond its trigger, rounded away from it so that it fills. */
export function limitBeyond(trigger: Price, { side, market }: ExitSide): Price {
  const distance = scaleBy(trigger, stopLimitShare);
  const limit = side === 'sell' ? subtract(trigger, distance) : add(trigger, distance);
  const rounded = roundToStep(limit, market.priceStep, side === 'sell' ? 'down' : 'up');
  return isPositive(rounded) ? rounded : market.priceStep;
}

/** Of two prices the one that is better for the position, which is also the closer one of two stops. */
export const better = (left: Price, right: Price, side: Side): Price =>
  compare(left, right) >= 0 === (side === 'sell') ? left : right;

/** True where the market is at the price of a target or past it: an order at that price would fill now. */
export function isReached(target: Price, { bid, ask, last }: ExitPrices, side: Side): boolean {
  const at = (side === 'sell' ? bid : ask) ?? last;
  return at !== undefined && (side === 'sell' ? compare(at, target) >= 0 : compare(at, target) <= 0);
}

/** The price that stops go by: of the latest trade, since a wide book alone has sold nothing. */
export const stopReference = ({ bid, ask, last }: ExitPrices, side: Side): Price | undefined =>
  last ?? (side === 'sell' ? bid : ask);

/** True where a stop would be triggered as soon as it is placed. */
export function isBeyond(stop: Price, prices: ExitPrices, side: Side): boolean {
  const at = stopReference(prices, side);
  return at !== undefined && (side === 'sell' ? compare(at, stop) <= 0 : compare(at, stop) >= 0);
}
