/** Which orders somebody still has to look after. Pure. */
import { add, compare, isPositive, zeroAmount } from '../money.ts';
import { needsCare } from './exits.ts';
import { finalStates, type Order } from './order.ts';

/**
 * How long the trades of an order that has ended are asked for. Venues list them seconds later, and one that was asked in a
 * bad moment a little later still; one that never tells trades is not to be asked for ever.
 */
export const tradesAwaitedMs = 15 * 60_000;

/**
 * True where an order has ended and the venue has not told all trades behind what was filled. With them its fees would be
 * missing, which on spot are a part of the position.
 */
export function awaitsTrades({ state, filled, fills, tradesGivenUp }: Order): boolean {
  if (!finalStates.has(state) || !isPositive(filled) || tradesGivenUp === true) return false;
  const told = fills.reduce((sum, fill) => add(sum, fill.amount), zeroAmount);
  return compare(told, filled) < 0;
}

/** A venue that answers so long after the end of an order tells of all that was filled of it. */
export const settledAfterMs = 60_000;

/** True while fills may become known of an order that has ended short of its amount: venues tell of an end before the last trade. */
export const isSettling = ({ settling }: Pick<Order, 'settling'>): boolean => settling !== undefined;

/** True while an order may change at its venue, has exits to be kept, or trades that are still to be told. */
export const needsTracking = (order: Order): boolean =>
  !finalStates.has(order.state) || needsCare(order.exits) || isSettling(order) || awaitsTrades(order);
