/** Which orders of the desk have to be looked at, because the venue shows something else than the desk knows. */
import { add, compare, isPositive, zeroAmount } from '../money.ts';
import { finalStates, type Order } from '../orders/order.ts';
import type { OpenOrder, OwnTrade } from '../ports/account.ts';
import type { Fill, VenueOrder } from '../ports/venue.ts';
import type { OrderOwners } from './order-owners.ts';

export interface OrderDoubt {
  order: Order;
  /** For people. */
  reason: string;
  /** Trades of it that the venue tells and the desk does not know. */
  trades: readonly OwnTrade[];
}

/** What venues list with all others: those with a trigger have lists of their own. */
const isListed = ({ state, type, triggerPrice, venueOrderId }: Order): boolean =>
  state === 'open' && venueOrderId !== undefined && type === 'limit' && triggerPrice === undefined;

/** True for an order that was open before the venue was asked, and that its list should show if it still is. */
export const isMissing = (order: Order, openOrders: readonly OpenOrder[]): boolean =>
  isListed(order) &&
  !openOrders.some(({ venueOrderId, symbol }) => venueOrderId === order.venueOrderId && symbol === order.symbol);

/** @param orders that were open before the venue was asked */
export function doubtsOf(
  orders: readonly Order[],
  { openOrders, trades }: { openOrders: readonly OpenOrder[]; trades: readonly OwnTrade[] },
  owners: OrderOwners,
): OrderDoubt[] {
  const untold = untoldTrades(trades, owners);
  const doubts = new Map<string, OrderDoubt>();
  const doubt = (order: Order, reason: string) => {
    const { orderId } = order;
    if (!doubts.has(orderId)) doubts.set(orderId, { order, reason, trades: untold.get(orderId)?.trades ?? [] });
  };
  for (const { order } of untold.values()) doubt(order, 'the venue tells trades of it that are not known');
  for (const open of openOrders) {
    const owner = owners.ownerOf({ ...open, isWhole: true });
    if (owner.kind !== 'desk') continue;
    const { order } = owner;
    if (finalStates.has(order.state)) doubt(order, `it is ${order.state}, and open at the venue`);
    else if (compare(open.filled, order.filled) > 0) doubt(order, 'more of it is filled than is known');
  }
  for (const order of orders) {
    if (isMissing(order, openOrders)) doubt(order, 'the venue does not list it among the open ones');
  }
  return [...doubts.values()];
}

/** Trades of the desk's orders that are in none of them, by order. */
export function untoldTrades(
  trades: readonly OwnTrade[],
  owners: OrderOwners,
): ReadonlyMap<string, { order: Order; trades: OwnTrade[] }> {
  const untold = new Map<string, { order: Order; trades: OwnTrade[] }>();
  for (const trade of trades) {
    const owner = owners.ownerOf({ ...trade, isWhole: false });
    if (owner.kind !== 'desk') continue;
    const { order } = owner;
    if (order.fills.some(({ tradeId }) => tradeId === trade.tradeId)) continue;
    const entry = untold.get(order.orderId) ?? { order, trades: [] };
    entry.trades.push(trade);
    untold.set(order.orderId, entry);
  }
  return untold;
}

/**
 * An order as its trades show it, for venues that tell a trade and not yet, or never, that the order was filled so far.
 * `undefined` where the trades tell nothing new.
 */
export function observedByTrades(order: Order, trades: readonly OwnTrade[]): VenueOrder | undefined {
  const known = new Set(order.fills.map(({ tradeId }) => tradeId));
  const added = trades.filter(({ tradeId }) => !known.has(tradeId));
  const [first] = added;
  if (first === undefined) return undefined;
  const fills: Fill[] = [...order.fills, ...added.map(fillOf)];
  const told = fills.reduce((sum, { amount }) => add(sum, amount), zeroAmount);
  const filled = compare(told, order.filled) > 0 ? told : order.filled;
  return { venueOrderId: first.venueOrderId, status: statusOf(order), filled, fills };
}

const fillOf = ({ tradeId, amount, price, fee, atMs }: OwnTrade): Fill => ({
  ...{ tradeId, amount, price, atMs },
  ...(fee !== undefined && { fee }),
});

function statusOf({ state }: Order): VenueOrder['status'] {
  return state === 'filled' || state === 'canceled' || state === 'expired' || state === 'rejected' ? state : 'open';
}

/** How long the desk may take to notice a fill by itself: orders that have rested for long are looked at every five minutes. */
export const noticedWithinMs = 6 * 60_000;

/** True for a fill that nobody would have noticed in time: it is a difference, and not the desk's usual following. */
export function isMissedFill(
  before: Order,
  after: Order,
  { nowMs, wasTracked }: { nowMs: number; wasTracked: boolean },
): boolean {
  if (compare(after.filled, before.filled) <= 0) return false;
  const known = new Set(before.fills.map(({ tradeId }) => tradeId));
  const added = after.fills.filter(({ tradeId, amount }) => !known.has(tradeId) && isPositive(amount));
  return !wasTracked || added.some(({ atMs }) => nowMs - atMs > noticedWithinMs);
}
