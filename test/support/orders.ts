/** Orders and venue answers for tests. */
import {
  type AccountId,
  amount,
  applyEvent,
  type Cause,
  type Fill,
  type Intent,
  type IntentId,
  notional,
  type Order,
  type OrderEvent,
  price,
  type SignalId,
  type SourceId,
  type VenueId,
  type VenueOrder,
  type VenueOrderId,
} from '@nightdesk/core';

export const intent: Intent = {
  orderId: 'nd0001' as IntentId,
  signalId: 'sg0001' as SignalId,
  source: 'demo' as SourceId,
  account: 'main' as AccountId,
  venue: 'fake' as VenueId,
  symbol: 'BTC/USDT',
  side: 'buy',
  type: 'market',
  amount: amount('2'),
  reserved: notional('200'),
  receivedAtMs: 1_000,
};

export const cause: Cause = { code: 'test', message: 'for the test' };

export const fill = (tradeId: string, size = '1'): Fill => ({
  tradeId,
  amount: amount(size),
  price: price('100'),
  fee: { asset: 'USDT', amount: amount('0.1') },
  atMs: 2_000,
});

export function venueOrder(status: VenueOrder['status'], filled: string, fills: Fill[] = []): VenueOrder {
  const order = {
    venueOrderId: 'v1' as VenueOrderId,
    clientOrderId: intent.orderId,
    status,
    filled: amount(filled),
    fills,
  };
  return { ...order, cost: notional(String(Number(filled) * 100)) };
}

export const observed = (status: VenueOrder['status'], filled: string, fills: Fill[] = []): OrderEvent => ({
  type: 'order.observed',
  atMs: 3_000,
  order: venueOrder(status, filled, fills),
});

export const intended: OrderEvent = { type: 'order.intended', atMs: 1_500, intent };

/** The order after these events, which must all be possible; those that change nothing are passed over. */
export function orderAfter(...events: OrderEvent[]): Order {
  let order: Order | undefined;
  for (const event of events) order = applyEvent(order, event)?.order ?? order;
  if (order === undefined) throw new Error('no event made an order');
  return order;
}
