/** Orders as items: the order itself, and the keys its indexes need. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { needsTracking, type Order } from '@nightdesk/core';

/** Sorts by time, and tells orders of one millisecond apart. */
export const createdKeyOf = (order: Pick<Order, 'createdAtMs' | 'orderId'>): string =>
  `${String(order.createdAtMs).padStart(15, '0')}#${order.orderId}`;

/** UTC day of a time, `YYYY-MM-DD`. */
export const dayOf = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10);

export function toOrderItem(order: Order): Record<string, AttributeValue> {
  const keys = {
    createdKey: createdKeyOf(order),
    createdDay: dayOf(order.createdAtMs),
    // Absent once nobody has to look after the order any more, which takes it out of the index of open orders.
    openAccount: needsTracking(order) ? order.account : undefined,
  };
  return marshall({ ...order, ...keys }, { removeUndefinedValues: true });
}

export function fromOrderItem(item: Record<string, AttributeValue>): Order {
  const { createdKey: _key, createdDay: _day, openAccount: _open, ...order } = unmarshall(item);
  return order as Order;
}
