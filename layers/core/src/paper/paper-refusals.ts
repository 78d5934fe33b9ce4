/** What a paper account is refused, as a venue refuses it. */
import {
  type Amount,
  add,
  compare,
  isPositive,
  type Notional,
  notionalOf,
  type Price,
  roundToStep,
  subtract,
  zeroNotional,
} from '../money.ts';
import { hasTrigger, triggeredType } from '../orders/plan-orders-terms.ts';
import type { Market, OrderBook } from '../ports/market-data.ts';
import type { Cause, OrderRequest } from '../ports/venue.ts';
import { openOrdersOf, type PaperAccount, paperOrdersMax } from './paper-account.ts';
import { freeOf, needOf, reducible } from './paper-funds.ts';
import { levelsFor, levelsTaken, type PaperContext, totalOf } from './paper-matching.ts';

export interface Placement {
  book: OrderBook;
  context: PaperContext;
}

const cause = (code: string, message: string): Cause => ({ code, message });

/** Why an order is not taken; `undefined` takes it. */
export function placementRefusal(
  account: PaperAccount,
  request: OrderRequest,
  placement: Placement,
): Cause | undefined {
  const { market } = placement.context;
  if (openOrdersOf(account).length >= paperOrdersMax) {
    return cause('too_many_orders', `a paper account keeps ${paperOrdersMax} open orders at most`);
  }
  return (
    marketRefusal(market) ??
    termsRefusal(request, placement.context) ??
    sizeRefusal(request, market, placement.book) ??
    bookRefusal(request, placement.book) ??
    reduceRefusal(account, request, market) ??
    fundsRefusal(account, request, placement)
  );
}

function marketRefusal({ symbol, kind, contractType = 'linear', active }: Market): Cause | undefined {
  if (contractType !== 'linear') {
    return cause('not_supported', `paper accounts trade no ${contractType} contracts: only spot and linear ones`);
  }
  if (kind === 'option') return cause('not_supported', 'paper accounts trade no options');
  return active ? undefined : cause('market_inactive', `${symbol} is not traded now`);
}

/** What an order must have, and cannot have, by its type. */
function termsRefusal(request: OrderRequest, { market, nowMs }: PaperContext): Cause | undefined {
  const { type, price, triggerPrice, trail, timeInForce = 'GTC', goodTillMs, displayAmount } = request;
  const invalid = (message: string) => cause('invalid_order', message);
  const takesLimit = type === 'limit' || type === 'stop_limit';
  if (takesLimit && price === undefined) return invalid(`a ${type} order needs a price`);
  if (!takesLimit && type !== 'take_profit' && price !== undefined) return invalid(`a ${type} order has no price`);
  if (hasTrigger(request) && type !== 'trailing_stop' && triggerPrice === undefined) {
    return invalid(`a ${type} order needs a trigger`);
  }
  if ((type === 'trailing_stop') !== (trail !== undefined)) return invalid('a trail belongs to a trailing stop');
  if (displayAmount !== undefined) return cause('not_supported', 'paper accounts have no iceberg orders');
  if (timeInForce === 'PO' && triggeredType(request) === 'market') {
    return invalid('an order at market cannot be post-only');
  }
  if (hasTrigger(request) && (timeInForce === 'PO' || timeInForce === 'FOK')) {
    return cause('not_supported', `paper accounts have no ${type} orders that are ${timeInForce}`);
  }
  if ((timeInForce === 'GTD') !== (goodTillMs !== undefined)) return invalid('a date to end at belongs to GTD');
  if (goodTillMs !== undefined && goodTillMs <= nowMs) return invalid('its date to end at is past');
  const hasSettings = request.leverage !== undefined || request.marginMode !== undefined;
  if (market.kind === 'spot' && hasSettings) return cause('not_supported', 'spot has no leverage and no margin mode');
  return undefined;
}

function sizeRefusal(request: OrderRequest, market: Market, book: OrderBook): Cause | undefined {
  const { amount, price, triggerPrice, reduceOnly } = request;
  const { symbol, amountStep, amountMin = amountStep, amountMax, notionalMin, priceStep } = market;
  const invalid = (message: string) => cause('invalid_order', message);
  const isBetween = (value: Amount | Price, step: string) => roundToStep(value, step, 'down') !== value;
  if (isBetween(amount, amountStep)) return invalid(`the amount ${amount} is no multiple of ${amountStep}`);
  if (!isPositive(amount) || compare(amount, amountMin) < 0) {
    return invalid(`the amount ${amount} is below ${amountMin}`);
  }
  if (amountMax !== undefined && compare(amount, amountMax) > 0) {
    return invalid(`the amount ${amount} is above ${amountMax}`);
  }
  for (const at of [price, triggerPrice]) {
    if (at === undefined) continue;
    if (!isPositive(at) || isBetween(at, priceStep)) return invalid(`${at} is no price in steps of ${priceStep}`);
  }
  if (priceAt(request, book) === undefined) return cause('no_liquidity', `nobody offers anything in ${symbol}`);
  const isExempt = reduceOnly === true && market.kind !== 'spot';
  const worth = worthOf(request, book);
  if (isExempt || notionalMin === undefined || compare(worth, notionalMin) >= 0) return undefined;
  return invalid(`the order is worth ${worth}, less than ${notionalMin}`);
}

/** What a post-only order says about the book of now. */
function bookRefusal(request: OrderRequest, book: OrderBook): Cause | undefined {
  if (hasTrigger(request)) return undefined;
  const { side, price: limit, amount, timeInForce } = request;
  const crosses = timeInForce === 'PO' && levelsTaken({ side, limit, wanted: amount }, book).length > 0;
  if (crosses) {
    return cause('order_would_fill', 'a post-only order would fill at once');
  }
  return undefined;
}

function reduceRefusal(account: PaperAccount, request: OrderRequest, market: Market): Cause | undefined {
  if (request.reduceOnly !== true || market.kind === 'spot' || hasTrigger(request)) return undefined;
  if (isPositive(reducible(account, market.symbol, request.side))) return undefined;
  return cause('reduce_only_refused', 'there is no position to reduce');
}

/** Why an amended order is not taken. @param account without the order */
export function amendmentRefusal(
  account: PaperAccount,
  request: OrderRequest,
  placement: Placement & { filled: Amount },
): Cause | undefined {
  const { context, filled, book } = placement;
  if (compare(request.amount, filled) <= 0) {
    return cause('invalid_order', `the amount ${request.amount} is not above the ${filled} that are filled`);
  }
  const rest = { ...request, amount: subtract(request.amount, filled) };
  return (
    termsRefusal(request, context) ??
    sizeRefusal(request, context.market, book) ??
    (request.timeInForce === 'PO' ? bookRefusal(rest, book) : undefined) ??
    fundsRefusal(account, rest, placement)
  );
}

/** What an order is to trade at; `undefined` where it takes what is offered, and nobody offers anything. */
const priceAt = ({ side, price, triggerPrice }: OrderRequest, book: OrderBook): Price | undefined =>
  price ?? triggerPrice ?? levelsFor(side, book)[0]?.price;

/** What there is to pay for all of an order: what it takes from the book at its prices, and the rest at its own. */
function worthOf(request: OrderRequest, book: OrderBook): Notional {
  const { side, price: limit, amount } = request;
  const at = priceAt(request, book);
  if (hasTrigger(request) && at !== undefined) return notionalOf(amount, at);
  const taken = levelsTaken({ side, limit, wanted: amount }, book);
  const crossing = taken.reduce((sum, level) => add(sum, notionalOf(level.amount, level.price)), zeroNotional);
  const resting = limit === undefined ? zeroNotional : notionalOf(subtract(amount, totalOf(taken)), limit);
  return add(crossing, resting);
}

function fundsRefusal(account: PaperAccount, request: OrderRequest, { book, context }: Placement): Cause | undefined {
  const { side, amount, reduceOnly } = request;
  const { market, markets } = context;
  const worth = worthOf(request, book);
  const need = needOf({ side, amount, reduceOnly }, { market, account, worth });
  const free = freeOf(account, need.asset, markets);
  if (compare(need.amount, free) <= 0) return undefined;
  return cause('insufficient_funds', `the order takes ${need.amount} ${need.asset}, and ${free} is free`);
}
