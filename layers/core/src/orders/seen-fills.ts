/** What becomes of an order's fills and cost by an answer of its venue. Answers come by several ways, and one may tell less than another. */
import { type Amount, add, compare, type Notional, notionalOf, zeroAmount, zeroNotional } from '../money.ts';
import type { Fill, VenueOrder } from '../ports/venue.ts';
import { profitCurrencyOf } from '../positions/position-delta.ts';
import type { Order } from './order.ts';

const amountOf = (fills: readonly Fill[]): Amount => fills.reduce((sum, fill) => add(sum, fill.amount), zeroAmount);

/**
 * Each execution once, in the order in which they became known; the same array where nothing is new. One that was told without its
 * fee gets it. Once those known make up all that is filled, another id is no other execution: it is the same under another name, or
 * was told ahead of the order's own total, and comes again with that.
 */
export function mergeFills(known: readonly Fill[], seen: readonly Fill[], filled: Amount): readonly Fill[] {
  const told = new Map(seen.map((fill) => [fill.tradeId, fill]));
  const merged = new Map(known.map((fill) => [fill.tradeId, withFee(fill, told.get(fill.tradeId))]));
  let isNew = known.some((fill) => merged.get(fill.tradeId) !== fill);
  let total = amountOf(known);
  for (const fill of seen) {
    if (merged.has(fill.tradeId) || compare(total, filled) >= 0) continue;
    merged.set(fill.tradeId, fill);
    total = add(total, fill.amount);
    isNew = true;
  }
  return isNew ? [...merged.values()] : known;
}

const withFee = (known: Fill, seen: Fill | undefined): Fill =>
  known.fee === undefined && seen?.fee !== undefined ? { ...known, fee: seen.fee } : known;

/**
 * What an order has cost in all. An answer that shows more filled and no cost does not leave the old one standing, which was that of
 * less: then it is what its fills tell, where they tell all of it, and else not known.
 *
 * @param after quantity and fills with the answer
 */
export function costAfter(
  order: Pick<Order, 'symbol' | 'filled' | 'cost'>,
  seen: Pick<VenueOrder, 'filled' | 'cost'>,
  after: { filled: Amount; fills: readonly Fill[] },
): Notional | undefined {
  const isNewest = compare(seen.filled, order.filled) >= 0;
  if (isNewest && seen.cost !== undefined) return seen.cost;
  if (compare(after.filled, order.filled) === 0) return order.cost;
  const isTold = compare(amountOf(after.fills), after.filled) === 0;
  // What contracts cost that are paid in another currency than they are quoted in is no product of price and amount.
  if (!isTold || profitCurrencyOf(order.symbol) === undefined) return undefined;
  return after.fills.reduce((sum, { amount, price }) => add(sum, notionalOf(amount, price)), zeroNotional);
}
