/** The desk's view of its orders held against the simulated venue's, which shares no code with it. */
import type { Order, OrderState } from '@nightdesk/core';
import { compare } from '@nightdesk/core';
import type { SimulatorOrder } from '@nightdesk/local/supervisor/client.ts';

const statesByVenueStatus: Readonly<Record<string, OrderState>> = {
  NEW: 'open',
  PARTIALLY_FILLED: 'open',
  FILLED: 'filled',
  CANCELED: 'canceled',
  EXPIRED: 'expired',
};

/** Recorded reasons for a signal without an order at the venue. */
const statesWithoutOrder: ReadonlySet<OrderState> = new Set(['denied', 'rejected', 'not_placed', 'no_order']);

/** One sentence per order that the two see differently, or that the venue has twice or the desk not at all. */
export function disagreements(orders: readonly Order[], venueOrders: readonly SimulatorOrder[]): string[] {
  const atVenue = Map.groupBy(venueOrders, ({ clientOrderId }) => clientOrderId);
  const known = new Set<string>(orders.map(({ orderId }) => orderId));
  const strangers = [...atVenue.keys()].filter((id) => !known.has(id)).map((id) => `${id} is known to the venue only`);
  return [...strangers, ...orders.flatMap((order) => differences(order, atVenue.get(order.orderId) ?? []))];
}

function differences(order: Order, venueOrders: readonly SimulatorOrder[]): string[] {
  const { orderId, state, cause, filled, venueOrderId } = order;
  const [seen, ...doubles] = venueOrders;
  if (doubles.length > 0) return [`${orderId} is at the venue ${venueOrders.length} times`];
  if (seen === undefined) {
    if (!statesWithoutOrder.has(state)) return [`${orderId} is ${state} here and not at the venue`];
    return cause === undefined ? [`${orderId} is ${state} without a reason`] : [];
  }
  const venueState = statesByVenueStatus[seen.status];
  const found: string[] = [];
  if (state !== venueState) found.push(`${orderId} is ${state} here and ${seen.status} at the venue`);
  if (compare(filled, seen.executedQty) !== 0)
    found.push(`${orderId}: ${filled} filled, ${seen.executedQty} at the venue`);
  if (venueOrderId !== String(seen.orderId))
    found.push(`${orderId} is number ${venueOrderId}, ${seen.orderId} at the venue`);
  return found;
}
