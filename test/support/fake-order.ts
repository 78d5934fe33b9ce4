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
  type OrderAbilities,
  type OrderChange,
  type OrderRequest,
  orderTypes,
  type Price,
  price,
  roundToStep,
  type Side,
  subtract,
  type Trail,
  timesInForce,
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
  /** False while its trigger waits. */
  working: boolean;
  /** Fills that are told only from some time on, by trade id; UTC epoch milliseconds. Balances show them all the same. */
  toldAtMs?: Map<string, number>;
  /** Best price that a trailing stop has seen. */
  trailedTo?: Price;
}

/** Everything, but for what spot has not. */
export const fakeAbilities = ({ kind }: Pick<Market, 'kind'>): OrderAbilities => ({
  types: new Set(orderTypes),
  timesInForce: new Set(timesInForce),
  reduceOnly: kind !== 'spot',
  iceberg: true,
  amends: true,
  leverage: kind !== 'spot',
  marginMode: kind !== 'spot',
});

/** A copy, as an answer is: what happens to the order later does not change it. @param nowMs when it is asked for */
export function show(order: FakeOrder, nowMs: number): VenueOrder {
  const fills = toldFills(order, nowMs);
  const cost = fills.reduce((sum, fill) => add(sum, notionalOf(fill.amount, fill.price)), zeroNotional);
  return {
    venueOrderId: order.venueOrderId,
    clientOrderId: order.request.clientOrderId,
    // An order is filled only once its fills are told.
    status: order.status === 'filled' && fills.length < order.fills.length ? 'open' : order.status,
    filled: fills.reduce((sum, fill) => add(sum, fill.amount), zeroAmount),
    amount: order.request.amount,
    ...(order.request.price !== undefined && { price: order.request.price }),
    ...(order.request.triggerPrice !== undefined && { triggerPrice: order.request.triggerPrice }),
    cost: notional(cost),
    fills: structuredClone(fills),
  };
}

/** Those of its fills that the venue tells of by now. */
export const toldFills = ({ fills, toldAtMs }: FakeOrder, nowMs: number): Fill[] =>
  fills.filter(({ tradeId }) => (toldAtMs?.get(tradeId) ?? 0) <= nowMs);

/** How much of an order fills at a price: all or nothing, as the fake's market is deep. */
export function fillableAt(at: Price, { side, price: limit, amount }: OrderRequest): Amount {
  if (limit === undefined) return amount;
  const distance = compare(limit, at);
  return (side === 'buy' ? distance >= 0 : distance <= 0) ? amount : zeroAmount;
}

const waiting: ReadonlySet<string> = new Set(['stop', 'stop_limit', 'take_profit', 'trailing_stop']);

export const hasTrigger = ({ type }: Pick<OrderRequest, 'type'>): boolean => waiting.has(type);

/** Moves a trailing stop along, and tells whether the order's trigger is reached at a price. */
export function isTriggered(order: FakeOrder, at: Price): boolean {
  const { type, side, triggerPrice, trail } = order.request;
  if (type !== 'trailing_stop' || trail === undefined) {
    if (triggerPrice === undefined) return true;
    const rising = (type === 'take_profit') === (side === 'sell');
    return rising ? compare(at, triggerPrice) >= 0 : compare(at, triggerPrice) <= 0;
  }
  const isBetter = (candidate: Price, than: Price) =>
    side === 'sell' ? compare(candidate, than) > 0 : compare(candidate, than) < 0;
  const activated = triggerPrice === undefined || order.trailedTo !== undefined || !isBetter(triggerPrice, at);
  if (!activated) return false;
  if (order.trailedTo === undefined || isBetter(at, order.trailedTo)) order.trailedTo = at;
  const stop = behind(order.trailedTo, trail, side);
  return side === 'sell' ? compare(at, stop) <= 0 : compare(at, stop) >= 0;
}

function behind(best: Price, trail: Trail, side: Side): Price {
  const distance =
    'distance' in trail
      ? trail.distance
      : price(notionalOf(amountOf(best), price(notionalOf(amountOf(trail.percent), hundredth))));
  return side === 'sell' ? subtract(best, distance) : add(best, distance);
}

const hundredth = price('0.01');
const amountOf = (text: string): Amount => text as Amount;

/** Why an order is not changed, `undefined` when it is. */
export function amendmentRefusal(order: FakeOrder, change: OrderChange, listed: Market): Cause | undefined {
  if (order.status !== 'open') return cause('order_not_open', `the order is ${order.status}`);
  const size = change.amount ?? order.request.amount;
  if (compare(size, order.filled) <= 0) return cause('invalid_order', 'the amount is not above what is filled');
  if (roundToStep(size, listed.amountStep, 'down') !== size)
    return cause('invalid_order', 'the amount is no multiple of the step');
  if (change.price !== undefined && order.request.price === undefined)
    return cause('invalid_order', 'the order has no price');
  if (change.triggerPrice !== undefined && order.working) return cause('invalid_order', 'the order has no trigger');
  return undefined;
}

/** Why the venue does not take an order, `undefined` when it does. @param at the price now */
export function refusalOf(request: OrderRequest, listed: Market, at: Price): Cause | undefined {
  if (!isPositive(request.amount)) return cause('invalid_order', 'the amount must be above zero');
  if (roundToStep(request.amount, listed.amountStep, 'down') !== request.amount) {
    return cause('invalid_order', `the amount is no multiple of ${listed.amountStep}`);
  }
  if ((request.type === 'limit' || request.type === 'stop_limit') && request.price === undefined) {
    return cause('invalid_order', 'a limit order has a price');
  }
  const needsTrigger = request.type === 'stop' || request.type === 'stop_limit' || request.type === 'take_profit';
  if (needsTrigger && request.triggerPrice === undefined) return cause('invalid_order', 'there is no trigger');
  if (request.type === 'trailing_stop' && request.trail === undefined)
    return cause('invalid_order', 'there is no trail');
  if (listed.amountMin !== undefined && compare(request.amount, listed.amountMin) < 0) {
    return cause('invalid_order', `the amount is below ${listed.amountMin}`);
  }
  const worth = notionalOf(request.amount, request.price ?? at);
  // Binance's futures say in the text of -4164 that orders which only reduce need not be worth the least amount.
  const isExempt = request.reduceOnly === true && listed.kind !== 'spot';
  if (!isExempt && listed.notionalMin !== undefined && compare(worth, listed.notionalMin) < 0) {
    return cause('invalid_order', `the order's worth is below ${listed.notionalMin}`);
  }
  if (request.timeInForce === 'PO' && isPositive(fillableAt(at, request))) {
    return cause('order_would_fill', 'a post-only order would fill at once');
  }
  return undefined;
}

export const cause = (code: string, message: string): Cause => ({ code, message });
