/**
 * How orders of a paper account trade against the public market, never better than they would have there:
 *
 * - what crosses the book takes its levels from the best one on, at their prices, and pays the taker's fee;
 * - what rests waits behind what was in the book at its price, and trades at its own price for the maker's fee when public
 *   trades reach it: through its price as much as traded there, at its price only what is left after those before it;
 * - one public trade fills no more than its own amount, however many orders wait for it, and one book is taken from once;
 * - a trigger is reached by a public trade (paper-triggers.ts). The order then meets the book of the time when that is seen, no
 *   better than at the price of the trade.
 */
import {
  type Amount,
  add,
  compare,
  isPositive,
  maximum,
  minimum,
  notionalOf,
  type Price,
  subtract,
  zeroAmount,
} from '../money.ts';
import type { BookLevel, Market, OrderBook, PublicTrade, Side } from '../ports/market-data.ts';
import type { Fee, Fill, OrderRequest } from '../ports/venue.ts';
import {
  openOrdersOf,
  type PaperAccount,
  type PaperFees,
  type PaperOrder,
  paperFillsMax,
  replaceOrder,
} from './paper-account.ts';
import { affordable, bookTrade, type Markets, reducible } from './paper-funds.ts';

export interface PaperContext {
  market: Market;
  fees: PaperFees;
  /** UTC epoch milliseconds. */
  nowMs: number;
  /** Those the account has orders or positions in, by symbol. */
  markets: Markets;
}

/** An account and one of its orders after something happened to both; among the account's the order may still be as before. */
export interface Matched {
  account: PaperAccount;
  order: PaperOrder;
}

/** True where an order of `side` would trade at `level` with the limit given. */
export const reaches = (side: Side, limit: Price | undefined, level: Price): boolean =>
  limit === undefined || (side === 'buy' ? compare(limit, level) >= 0 : compare(limit, level) <= 0);

/** The worse of two prices for an order of `side`. */
export const worseFor = (side: Side, left: Price, right: Price): Price =>
  side === 'buy' ? maximum(left, right) : minimum(left, right);

const betterFor = (side: Side, left: Price, right: Price): Price =>
  side === 'buy' ? minimum(left, right) : maximum(left, right);

/** The levels that an order of `side` takes from, best first. */
export const levelsFor = (side: Side, { bids, asks }: OrderBook): readonly BookLevel[] =>
  side === 'buy' ? asks : bids;

/** The levels an order would take, each with how much of it. */
export function levelsTaken(
  { side, limit, wanted }: { side: Side; limit: Price | undefined; wanted: Amount },
  book: OrderBook,
): BookLevel[] {
  const taken: BookLevel[] = [];
  let left = wanted;
  for (const { price, amount } of levelsFor(side, book)) {
    if (!isPositive(left) || !reaches(side, limit, price)) break;
    const part = minimum(left, amount);
    taken.push({ price, amount: part });
    left = subtract(left, part);
  }
  return taken;
}

export const totalOf = (levels: readonly BookLevel[]): Amount =>
  levels.reduce((sum, { amount }) => add(sum, amount), zeroAmount);

/** What was in the book at a price, on the order's own side: it trades before the order. */
export function amountAhead(side: Side, at: Price, { bids, asks }: OrderBook): Amount {
  const level = (side === 'buy' ? bids : asks).find(({ price }) => compare(price, at) === 0);
  return level?.amount ?? zeroAmount;
}

/** Takes from the book what the order's limit allows; `book` is what that leaves for others. */
export function takeFromBook(matched: Matched, book: OrderBook, context: PaperContext): Matched & { book: OrderBook } {
  const { side, price: limit } = matched.order.request;
  let current = matched;
  const left = levelsFor(side, book).flatMap((level) => {
    const { order } = current;
    if (order.status !== 'open' || !reaches(side, limit, level.price)) return [level];
    current = trade(
      current,
      { amount: level.amount, price: priceOf(order, level.price), isMaker: false, atMs: context.nowMs },
      context,
    );
    const amount = subtract(level.amount, subtract(current.order.filled, order.filled));
    return isPositive(amount) ? [{ ...level, amount }] : [];
  });
  return { ...current, book: side === 'buy' ? { ...book, asks: left } : { ...book, bids: left } };
}

/** An order that was triggered gets no better price than that of the trade it was triggered by, within its limit. */
function priceOf({ request: { side, price: limit }, reachedAt }: PaperOrder, level: Price): Price {
  if (reachedAt === undefined) return level;
  const worse = worseFor(side, level, reachedAt);
  return limit === undefined ? worse : betterFor(side, worse, limit);
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
function trade({ account, order }: Matched, execution: Execution, { market, fees }: PaperContext): Matched {
  const { request } = order;
  const { price, atMs, isMaker } = execution;
  const { side } = request;
  const wanted = minimum(restOf(order, account, market), execution.amount);
  if (!isPositive(wanted)) return { account, order };
  const amount = affordable(account, market, { side, amount: wanted, price });
  // What cannot be paid for any more ends, as it would at a venue.
  if (!isPositive(amount)) return { account, order: { ...order, status: 'canceled' } };
  const feeRate = isMaker ? fees.maker : fees.taker;
  const booked = bookTrade(account, market, { side, amount, price, feeRate });
  const filled = add(order.filled, amount);
  const fills = withFill(order, { amount, price, fee: booked.fee, atMs });
  const fillCount = order.fillCount + fills.length - order.fills.length;
  const next: PaperOrder = {
    ...{ ...order, filled, fills, fillCount },
    cost: add(order.cost, notionalOf(amount, price)),
    status: compare(filled, request.amount) >= 0 ? 'filled' : fillCount >= paperFillsMax ? 'canceled' : 'open',
  };
  return { account: booked.account, order: endIdle(next, booked.account, market) };
}

/**
 * What an order gets at one price between two looks is one fill, however many public trades it took. Those of earlier looks
 * were shown already, and stay as they are.
 */
function withFill(
  { venueOrderId, fills, fillCount }: PaperOrder,
  fill: Omit<Fill, 'tradeId' | 'fee'> & { fee: Fee },
): readonly Fill[] {
  const last = fills.at(-1);
  if (last?.price !== fill.price || last.fee === undefined) {
    return [...fills, { tradeId: `${venueOrderId}-${fillCount + 1}`, ...fill }];
  }
  const fee = { ...fill.fee, amount: add(last.fee.amount, fill.fee.amount) };
  return [...fills.slice(0, -1), { ...last, amount: add(last.amount, fill.amount), fee, atMs: fill.atMs }];
}

/** What of an order can still trade: a reduce-only one no more than there is to reduce. */
function restOf({ request, filled }: PaperOrder, account: PaperAccount, market: Market): Amount {
  const rest = subtract(request.amount, filled);
  const reduces = request.reduceOnly === true && market.kind !== 'spot';
  return reduces ? minimum(rest, reducible(account, request.symbol, request.side)) : rest;
}

/** A reduce-only order that works ends with the position. */
export function endIdle(order: PaperOrder, account: PaperAccount, market: Market): PaperOrder {
  const idle = order.status === 'open' && order.working && !isPositive(restOf(order, account, market));
  return idle ? { ...order, status: 'canceled' } : order;
}

/** Lets one public trade do what it does to the resting orders of its market, those at the best prices first. */
export function meetTrade(account: PaperAccount, publicTrade: PublicTrade, context: PaperContext): PaperAccount {
  const resting = concernedBy(account, publicTrade, context).flatMap((order) => {
    const { price } = order.request;
    return order.working && price !== undefined ? [{ order, side: order.request.side, limit: price }] : [];
  });
  let left = publicTrade.amount;
  let current = account;
  for (const { order, limit } of resting.sort(bestFirst)) {
    const met = meet({ account: current, order, limit }, { ...publicTrade, amount: left }, context);
    if (met.order === order) continue;
    left = subtract(left, subtract(met.order.filled, order.filled));
    current = replaceOrder(met.account, met.order);
  }
  return current;
}

/** Open orders of its market that were there when the trade was, and not over by then. */
export const concernedBy = (account: PaperAccount, { atMs }: PublicTrade, { market }: PaperContext): PaperOrder[] =>
  openOrdersOf(account, market.symbol).filter(
    ({ request: { goodTillMs }, placedAtMs }) => placedAtMs <= atMs && (goodTillMs === undefined || atMs < goodTillMs),
  );

interface Resting {
  side: Side;
  limit: Price;
}

/** Of buyers the highest limit comes first, of sellers the lowest; what came first where they are the same. */
function bestFirst(left: Resting, right: Resting): number {
  if (left.side !== right.side) return left.side === 'buy' ? -1 : 1;
  return left.side === 'buy' ? compare(right.limit, left.limit) : compare(left.limit, right.limit);
}

function meet(
  { limit, ...matched }: Matched & { limit: Price },
  publicTrade: PublicTrade,
  context: PaperContext,
): Matched {
  const { order } = matched;
  const { side } = order.request;
  const { price, amount, atMs } = publicTrade;
  if (!reaches(side, limit, price)) return matched;
  const execution = { price: limit, isMaker: true, atMs };
  // Whoever was before it at its price has traded by now.
  if (compare(limit, price) !== 0) {
    return trade({ ...matched, order: { ...order, queueAhead: zeroAmount } }, { ...execution, amount }, context);
  }
  // Who took from the other side of the book took nothing from this one.
  if (publicTrade.side === side) return matched;
  const ahead = minimum(order.queueAhead, amount);
  const waited = { ...matched, order: { ...order, queueAhead: subtract(order.queueAhead, ahead) } };
  return trade(waited, { ...execution, amount: subtract(amount, ahead) }, context);
}

/** Ends the orders of a market that have nothing left to do, or whose time is over. */
export function endFinished(account: PaperAccount, { market, nowMs }: PaperContext): PaperAccount {
  const isOver = ({ request: { goodTillMs } }: PaperOrder) => goodTillMs !== undefined && goodTillMs <= nowMs;
  return openOrdersOf(account, market.symbol).reduce((current, order) => {
    const ended: PaperOrder = isOver(order) ? { ...order, status: 'expired' } : endIdle(order, current, market);
    return ended === order ? current : replaceOrder(current, ended);
  }, account);
}

/** True for what may rest in a book; all else ends with what it could trade. */
export const mayRest = ({ price, timeInForce }: OrderRequest): boolean =>
  price !== undefined && timeInForce !== 'IOC' && timeInForce !== 'FOK';
