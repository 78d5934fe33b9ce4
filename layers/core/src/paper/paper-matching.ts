/**
 * How orders of a paper account trade against the public market, never better than they would have there:
 *
 * - what crosses the book takes its levels from the best one on, at their prices, and pays the taker's fee;
 * - what rests waits behind what was in the book at its price, and trades at its own price for the maker's fee when public
 *   trades reach it: through its price as much as traded there, at its price only what is left after those before it;
 * - one public trade fills no more than its own amount, however many orders wait for it;
 * - a trigger is reached by a public trade. A market order then trades at the price of that trade.
 */
import {
  type Amount,
  add,
  averagePrice,
  compare,
  isPositive,
  maximum,
  minimum,
  notionalOf,
  type Price,
  scaleBy,
  subtract,
  zeroAmount,
} from '../money.ts';
import { isTriggeredRising } from '../orders/plan-orders-terms.ts';
import type { BookLevel, Market, OrderBook, PublicTrade, Side } from '../ports/market-data.ts';
import type { PaperAccount, PaperFees, PaperOrder } from './paper-account.ts';
import { bookTrade, reducible } from './paper-funds.ts';

export interface MatchContext {
  market: Market;
  fees: PaperFees;
  /** UTC epoch milliseconds. */
  nowMs: number;
}

/** An account and one of its orders after something happened to both. */
export interface Matched {
  account: PaperAccount;
  order: PaperOrder;
}

/** True where an order of `side` would trade at `level` with the limit given. */
export const reaches = (side: Side, limit: Price | undefined, level: Price): boolean =>
  limit === undefined || (side === 'buy' ? compare(limit, level) >= 0 : compare(limit, level) <= 0);

/** The levels that an order of `side` takes from, best first. */
const levelsFor = (side: Side, { bids, asks }: OrderBook): readonly BookLevel[] => (side === 'buy' ? asks : bids);

/** How much of `wanted` the book holds within the limit. */
export function availableTo(
  { side, limit, wanted }: { side: Side; limit: Price | undefined; wanted: Amount },
  book: OrderBook,
): Amount {
  const within = levelsFor(side, book).filter((level) => reaches(side, limit, level.price));
  return minimum(
    wanted,
    within.reduce((sum, { amount }) => add(sum, amount), zeroAmount),
  );
}

/** What was in the book at a price, on the order's own side: it trades before the order. */
export function amountAhead(side: Side, at: Price, { bids, asks }: OrderBook): Amount {
  const level = (side === 'buy' ? bids : asks).find(({ price }) => compare(price, at) === 0);
  return level?.amount ?? zeroAmount;
}

/** Takes from the book what the order's limit allows. */
export function takeFromBook(matched: Matched, book: OrderBook, context: MatchContext): Matched {
  const { side, price: limit } = matched.order.request;
  let current = matched;
  for (const level of levelsFor(side, book)) {
    if (current.order.status !== 'open' || !reaches(side, limit, level.price)) break;
    current = trade(
      current,
      { amount: level.amount, price: level.price, isMaker: false, atMs: context.nowMs },
      context,
    );
  }
  return current;
}

interface Execution {
  /** At most so much. */
  amount: Amount;
  price: Price;
  isMaker: boolean;
  /** UTC epoch milliseconds. */
  atMs: number;
}

/** Trades as much of an open order as it wants and the execution offers, and ends it where nothing is left to do. */
function trade({ account, order }: Matched, execution: Execution, { market, fees }: MatchContext): Matched {
  const { request } = order;
  const bound = restOf(order, account, market);
  const amount = minimum(bound, execution.amount);
  if (!isPositive(amount)) return { account, order };
  const { price, atMs, isMaker } = execution;
  const booked = bookTrade(account, market, {
    ...{ side: request.side, amount, price },
    feeRate: isMaker ? fees.maker : fees.taker,
  });
  const filled = add(order.filled, amount);
  const tradeId = `${order.venueOrderId}-${order.fills.length + 1}`;
  const next: PaperOrder = {
    ...order,
    filled,
    cost: add(order.cost, notionalOf(amount, price)),
    fills: [...order.fills, { tradeId, amount, price, fee: booked.fee, atMs }],
    status: compare(filled, request.amount) >= 0 ? 'filled' : 'open',
  };
  return { account: booked.account, order: endIdle(next, booked.account, market) };
}

/** What of an order can still trade: a reduce-only one no more than there is to reduce. */
function restOf({ request, filled }: PaperOrder, account: PaperAccount, market: Market): Amount {
  const rest = subtract(request.amount, filled);
  const reduces = request.reduceOnly === true && market.kind !== 'spot';
  return reduces ? minimum(rest, reducible(account, request.symbol, request.side)) : rest;
}

/** A reduce-only order ends with the position. */
export function endIdle(order: PaperOrder, account: PaperAccount, market: Market): PaperOrder {
  const idle = order.status === 'open' && order.working && !isPositive(restOf(order, account, market));
  return idle ? { ...order, status: 'canceled' } : order;
}

/** Lets one public trade do what it does to the open orders of its market, those at the best prices first. */
export function meetTrade(
  account: PaperAccount,
  publicTrade: PublicTrade,
  context: MatchContext,
): { account: PaperAccount; changed: PaperOrder[] } {
  const { symbol } = context.market;
  const concerned = account.orders.filter(
    ({ request, placedAtMs }) => request.symbol === symbol && placedAtMs <= publicTrade.atMs,
  );
  let left = publicTrade.amount;
  let current = account;
  const changed: PaperOrder[] = [];
  for (const order of [...concerned].sort(bestFirst)) {
    const met = meet({ account: current, order }, { ...publicTrade, amount: left }, context);
    if (met.order === order) continue;
    left = maximum(subtract(left, subtract(met.order.filled, order.filled)), zeroAmount);
    current = replaceOrder(met.account, met.order);
    changed.push(met.order);
  }
  return { account: current, changed };
}

/** Of buyers the highest limit comes first, of sellers the lowest; what has none comes before both. */
function bestFirst({ request: left }: PaperOrder, { request: right }: PaperOrder): number {
  if (left.price === undefined || right.price === undefined)
    return left.price === right.price ? 0 : left.price ? 1 : -1;
  return left.side === 'buy' ? compare(right.price, left.price) : compare(left.price, right.price);
}

function meet(matched: Matched, { price, amount, atMs }: PublicTrade, context: MatchContext): Matched {
  const order = matched.order.working ? matched.order : watch(matched.order, price);
  if (!order.working) return { ...matched, order };
  const current = { ...matched, order };
  const { side, price: limit } = order.request;
  const hasJustTriggered = !matched.order.working;
  if (limit === undefined || hasJustTriggered) {
    // A limit that the price has left behind rests from now on.
    if (!reaches(side, limit, price)) return current;
    const offered = limit === undefined ? order.request.amount : amount;
    return trade(current, { amount: offered, price, isMaker: false, atMs }, context);
  }
  if (!reaches(side, limit, price)) return current;
  const isThrough = compare(limit, price) !== 0;
  const ahead = isThrough ? zeroAmount : minimum(order.queueAhead, amount);
  const waited = { ...current, order: { ...order, queueAhead: subtract(order.queueAhead, ahead) } };
  return trade(waited, { amount: subtract(amount, ahead), price: limit, isMaker: true, atMs }, context);
}

/** Moves a trailing stop along, and says whether the trigger of an order is reached at a price. */
function watch(order: PaperOrder, at: Price): PaperOrder {
  const { type, side, triggerPrice, trail } = order.request;
  if (type !== 'trailing_stop' || trail === undefined) {
    if (triggerPrice === undefined) return { ...order, working: true };
    const distance = compare(at, triggerPrice);
    const isReached = isTriggeredRising(type, side) ? distance >= 0 : distance <= 0;
    return isReached ? { ...order, working: true } : order;
  }
  const isBetter = (candidate: Price, than: Price) => compare(candidate, than) === (side === 'sell' ? 1 : -1);
  const isTrailing = order.trailedTo !== undefined || triggerPrice === undefined || !isBetter(triggerPrice, at);
  if (!isTrailing) return order;
  const best = order.trailedTo === undefined || isBetter(at, order.trailedTo) ? at : order.trailedTo;
  const distance = 'distance' in trail ? trail.distance : scaleBy(scaleBy(best, trail.percent), '0.01');
  const stop = side === 'sell' ? subtract(best, distance) : add(best, distance);
  const isReached = side === 'sell' ? compare(at, stop) <= 0 : compare(at, stop) >= 0;
  if (best === order.trailedTo && !isReached) return order;
  return { ...order, trailedTo: best, working: isReached };
}

/** The account with an order as it is now; one that has ended is not kept among the open ones. */
export function replaceOrder(account: PaperAccount, order: PaperOrder): PaperAccount {
  const isIt = (other: PaperOrder) => other.venueOrderId === order.venueOrderId;
  const orders =
    order.status === 'open'
      ? account.orders.map((other) => (isIt(other) ? order : other))
      : account.orders.filter((other) => !isIt(other));
  return { ...account, orders };
}

/** Average price of what is filled, for people. */
export const averageOf = ({ cost, filled }: PaperOrder): Price | undefined =>
  isPositive(filled) ? averagePrice(cost, filled) : undefined;
