/** Whose an order or a trade at the venue is. */
import type { VenueOrderId } from '../ids.ts';
import { compare } from '../money.ts';
import { finalStates, type Order } from '../orders/order.ts';
import type { Side } from '../ports/market-data.ts';
import type { DeskView, ReconcileContext } from './reconcile-types.ts';

/** What the venue tells of an order, in its own list or with a trade. */
export interface OrderTrace {
  symbol: string;
  side: Side;
  venueOrderId: VenueOrderId;
  clientOrderId?: string;
  /** Of the order where `isWhole`, else of one execution. */
  amount: string;
  isWhole: boolean;
  price?: string;
}

export type Owner =
  | { kind: 'desk'; order: Order }
  /** It may be an order of the desk whose outcome is not known yet. */
  | { kind: 'perhaps_desk' }
  | { kind: 'outsider' };

export interface OrderOwners {
  ownerOf(trace: OrderTrace): Owner;
  /** All that are known, as they are by now. */
  orders: readonly Order[];
}

const keyOf = (symbol: string, id: string): string => `${symbol} ${id}`;

/** The newest version that is known of each order. */
export function newestOf(orders: readonly Order[]): Order[] {
  const newest = new Map<string, Order>();
  for (const order of orders) {
    const known = newest.get(order.orderId);
    if (known === undefined || known.version < order.version) newest.set(order.orderId, order);
  }
  return [...newest.values()];
}

export function createOwners(
  { before, after, ended, looks }: Pick<DeskView, 'before' | 'after' | 'ended' | 'looks'>,
  { clientOrderIdOf }: Pick<ReconcileContext, 'clientOrderIdOf'>,
): OrderOwners {
  const orders = newestOf([...ended, ...before.orders, ...after.orders, ...looks.map((look) => look.after)]);
  const byVenueId = new Map<string, Order>();
  const byClientId = new Map<string, Order>();
  for (const order of orders) {
    const { symbol, orderId, venueOrderId } = order;
    if (venueOrderId !== undefined) byVenueId.set(keyOf(symbol, venueOrderId), order);
    byClientId.set(keyOf(symbol, orderId), order);
    byClientId.set(keyOf(symbol, clientOrderIdOf(orderId, symbol)), order);
  }
  const inDoubt = orders.filter(({ state, venueOrderId }) => !finalStates.has(state) && venueOrderId === undefined);
  return {
    orders,
    ownerOf(trace) {
      const { symbol, venueOrderId, clientOrderId } = trace;
      const order =
        byVenueId.get(keyOf(symbol, venueOrderId)) ??
        (clientOrderId === undefined ? undefined : byClientId.get(keyOf(symbol, clientOrderId)));
      if (order !== undefined) return { kind: 'desk', order };
      return inDoubt.some((doubtful) => mayBe(doubtful, trace)) ? { kind: 'perhaps_desk' } : { kind: 'outsider' };
    },
  };
}

/** Orders that wait at the desk are nowhere else. A price that one of the two does not tell speaks against nothing. */
function mayBe(order: Order, { symbol, side, amount, isWhole, price }: OrderTrace): boolean {
  if (order.state === 'waiting' || order.symbol !== symbol || order.side !== side) return false;
  const size = order.amount === undefined ? 0 : compare(amount, order.amount);
  if (isWhole ? size !== 0 : size > 0) return false;
  return !isWhole || price === undefined || order.price === undefined || compare(price, order.price) === 0;
}
