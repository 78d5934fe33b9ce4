/** Orders of a fake venue: what it takes, what it knows of one, and how it shows it. */
import {
  type Amount,
  add,
  type Cause,
  compare,
  type Fill,
  isPositive,
  type Market,
  notional,
  notionalOf,
  type OrderRequest,
  type Price,
  roundToStep,
  type VenueOrder,
  type VenueOrderId,
  zeroAmount,
  zeroNotional,
} from '@nightdesk/core';

/** One order as the venue itself knows it. */
export interface FakeOrder {
  venueOrderId: VenueOrderId;
  request: OrderRequest;
  status: VenueOrder['status'];
  filled: Amount;
  fills: Fill[];
  /** The venue knows of it from then on; UTC epoch milliseconds. */
  effectiveAtMs: number;
}

/** A copy, as an answer is: what happens to the order later does not change it. */
export function show(order: FakeOrder): VenueOrder {
  const cost = order.fills.reduce((sum, fill) => add(sum, notionalOf(fill.amount, fill.price)), zeroNotional);
  return {
    venueOrderId: order.venueOrderId,
    clientOrderId: order.request.clientOrderId,
    status: order.status,
    filled: order.filled,
    cost: notional(cost),
    fills: structuredClone(order.fills),
  };
}

/** How much of an order fills at a price: all or nothing, as the fake's market is deep. */
export function fillableAt(at: Price, { type, side, price, amount }: OrderRequest): Amount {
  if (type === 'market' || price === undefined) return amount;
  const distance = compare(price, at);
  return (side === 'buy' ? distance >= 0 : distance <= 0) ? amount : zeroAmount;
}

/** Why the venue does not take an order, `undefined` when it does. @param at the price now */
export function refusalOf(request: OrderRequest, listed: Market, at: Price): Cause | undefined {
  if (!isPositive(request.amount)) return cause('invalid_order', 'the amount must be above zero');
  if (roundToStep(request.amount, listed.amountStep, 'down') !== request.amount) {
    return cause('invalid_order', `the amount is no multiple of ${listed.amountStep}`);
  }
  if (request.type === 'limit' && request.price === undefined) {
    return cause('invalid_order', 'a limit order has a price');
  }
  if (listed.amountMin !== undefined && compare(request.amount, listed.amountMin) < 0) {
    return cause('invalid_order', `the amount is below ${listed.amountMin}`);
  }
  const worth = notionalOf(request.amount, request.price ?? at);
  if (listed.notionalMin !== undefined && compare(worth, listed.notionalMin) < 0) {
    return cause('invalid_order', `the order's worth is below ${listed.notionalMin}`);
  }
  if (request.timeInForce === 'PO' && isPositive(fillableAt(at, request))) {
    return cause('order_would_fill', 'a post-only order would fill at once');
  }
  return undefined;
}

export const cause = (code: string, message: string): Cause => ({ code, message });
