/** Orders of a paper account that wait for a price. */
import { add, compare, type Price, scaleBy, subtract } from '../money.ts';
import { isTriggeredRising } from '../orders/plan-orders-terms.ts';
import type { OrderBook, PublicTrade, Side } from '../ports/market-data.ts';
import type { Trail } from '../ports/venue.ts';
import { openOrdersOf, type PaperAccount, type PaperOrder, replaceOrder } from './paper-account.ts';
import {
  amountAhead,
  concernedBy,
  endIdle,
  levelsFor,
  mayRest,
  type PaperContext,
  takeFromBook,
} from './paper-matching.ts';

/** Lets one public trade reach triggers. What is reached trades nothing of that trade: it was somebody else's. */
export function watchTrade(account: PaperAccount, trade: PublicTrade, context: PaperContext): PaperAccount {
  const waiting = concernedBy(account, trade, context).filter(isWaiting);
  return waiting.map((order) => watch(order, trade.price)).reduce(replaceOrder, account);
}

const isWaiting = ({ working, reachedAt }: PaperOrder): boolean => !working && reachedAt === undefined;

/** True where a book is needed to catch up in a market. */
export const needsBook = (account: PaperAccount, symbol: string): boolean =>
  openOrdersOf(account, symbol).some(({ working }) => !working);

/** Moves a trailing stop along, and notes where the trigger was reached. */
function watch(order: PaperOrder, at: Price): PaperOrder {
  const { type, side, triggerPrice, trail } = order.request;
  if (trail !== undefined) return watchTrail(order, at, trail);
  const isRising = isTriggeredRising(type, side);
  const isReached = triggerPrice === undefined || compare(at, triggerPrice) !== (isRising ? -1 : 1);
  return isReached ? { ...order, reachedAt: at } : order;
}

function watchTrail(order: PaperOrder, at: Price, trail: Trail): PaperOrder {
  const { side, triggerPrice } = order.request;
  const { trailedTo } = order;
  if (trailedTo === undefined && !isActiveAt(side, triggerPrice, at)) return order;
  const best = trailedTo === undefined || isBetter(side, at, trailedTo) ? at : trailedTo;
  const stop = stopBehind(best, trail, side);
  const isReached = side === 'sell' ? compare(at, stop) <= 0 : compare(at, stop) >= 0;
  return { ...order, trailedTo: best, ...(isReached && { reachedAt: at }) };
}

/** A trailing stop that trails at once begins with the price that it would trade at now. */
export function startTrail(order: PaperOrder, book: OrderBook): PaperOrder {
  const { side, trail, triggerPrice } = order.request;
  const at = levelsFor(side, book)[0]?.price;
  if (trail === undefined || at === undefined) return order;
  return isActiveAt(side, triggerPrice, at) ? { ...order, trailedTo: at } : order;
}

const isActiveAt = (side: Side, triggerPrice: Price | undefined, at: Price): boolean =>
  triggerPrice === undefined || !isBetter(side, triggerPrice, at);

/** Better for a trailing stop: it follows the price up to sell, and down to buy. */
const isBetter = (side: Side, candidate: Price, than: Price): boolean =>
  compare(candidate, than) === (side === 'sell' ? 1 : -1);

function stopBehind(best: Price, trail: Trail, side: Side): Price {
  const distance = 'distance' in trail ? trail.distance : scaleBy(scaleBy(best, trail.percent), '0.01');
  return side === 'sell' ? subtract(best, distance) : add(best, distance);
}

/** Puts what was reached into the market, one after the other: each meets the book that those before it have left. */
export function workReached(account: PaperAccount, book: OrderBook, context: PaperContext): PaperAccount {
  let current = account;
  let left = book;
  for (const order of openOrdersOf(account, context.market.symbol)) {
    if (order.reachedAt === undefined) continue;
    const started = endIdle({ ...order, working: true }, current, context.market);
    const taken = takeFromBook({ account: current, order: started }, left, context);
    left = taken.book;
    current = replaceOrder(taken.account, rest(taken.order, book));
  }
  return current;
}

/** What has a limit rests from now on, behind those at its price; all else ends with what it could trade. */
function rest({ reachedAt: _, ...order }: PaperOrder, book: OrderBook): PaperOrder {
  const { price, side } = order.request;
  if (order.status !== 'open') return order;
  if (price === undefined || !mayRest(order.request)) return { ...order, status: 'expired' };
  return { ...order, queueAhead: amountAhead(side, price, book) };
}
