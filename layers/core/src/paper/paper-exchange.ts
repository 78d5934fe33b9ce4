/** What a paper account can be asked to do: place, cancel, amend, and catch up with the market. Pure. */
import type { VenueOrderId } from '../ids.ts';
import { compare, isPositive, notionalOf, type Price, roundToStep, zeroAmount, zeroNotional } from '../money.ts';
import type { FundingRate, Market, OrderBook, PublicTrade } from '../ports/market-data.ts';
import type { Cause, OrderChange, OrderRequest } from '../ports/venue.ts';
import type { PaperAccount, PaperOrder, TradeCursor } from './paper-account.ts';
import { freeOf, needOf, payFunding, positionIn, reducible } from './paper-funds.ts';
import {
  amountAhead,
  availableTo,
  endIdle,
  type MatchContext,
  meetTrade,
  replaceOrder,
  takeFromBook,
} from './paper-matching.ts';

/** Open orders of one account: its state is one row. */
export const paperOrdersMax = 200;

export interface PaperContext extends MatchContext {
  /** Those the account has orders or positions in, by symbol. */
  markets: ReadonlyMap<string, Market>;
}

export type PaperPlacement =
  | { kind: 'accepted'; account: PaperAccount; order: PaperOrder }
  | { kind: 'rejected'; evidence: Cause };

const rejected = (code: string, message: string): { kind: 'rejected'; evidence: Cause } => ({
  kind: 'rejected',
  evidence: { code, message },
});

/** Takes an order as a venue would: checks it, trades what crosses the book, and keeps what may rest. */
export function placePaperOrder(
  account: PaperAccount,
  request: OrderRequest,
  { book, context }: { book: OrderBook; context: PaperContext },
): PaperPlacement {
  const refusal = refusalOf(account, request, { book, context });
  if (refusal !== undefined) return refusal;
  const { market, nowMs } = context;
  const waits = hasTrigger(request);
  const order: PaperOrder = {
    request,
    venueOrderId: `paper-${account.orderCount + 1}` as VenueOrderId,
    ...{ status: 'open', filled: zeroAmount, cost: zeroNotional, fills: [], placedAtMs: nowMs, working: !waits },
    queueAhead: request.price === undefined ? zeroAmount : amountAhead(request.side, request.price, book),
  };
  const counted = { ...account, orderCount: account.orderCount + 1 };
  if (waits) return accepted(counted, order);
  const taken = takeFromBook({ account: counted, order }, book, context);
  const ended = endImmediate(endIdle(taken.order, taken.account, market));
  return accepted(taken.account, ended);
}

function accepted(account: PaperAccount, order: PaperOrder): PaperPlacement {
  const orders = order.status === 'open' ? [...account.orders, order] : account.orders;
  return { kind: 'accepted', account: { ...account, orders }, order };
}

/** What does not rest ends with what it could trade. */
function endImmediate(order: PaperOrder): PaperOrder {
  const { price, timeInForce } = order.request;
  const rests = price !== undefined && timeInForce !== 'IOC' && timeInForce !== 'FOK';
  return order.status !== 'open' || rests ? order : { ...order, status: 'expired' };
}

const waiting: ReadonlySet<string> = new Set(['stop', 'stop_limit', 'take_profit', 'trailing_stop']);
const hasTrigger = ({ type }: OrderRequest): boolean => waiting.has(type);

function refusalOf(
  account: PaperAccount,
  request: OrderRequest,
  { book, context }: { book: OrderBook; context: PaperContext },
): ReturnType<typeof rejected> | undefined {
  const { market } = context;
  const { side, amount, price: limit, timeInForce } = request;
  if (market.contractType === 'inverse' || market.contractType === 'quanto') {
    return rejected('not_supported', `paper accounts trade no ${market.contractType} contracts`);
  }
  const badSize = sizeRefusal(request, market);
  if (badSize !== undefined) return badSize;
  if (account.orders.length >= paperOrdersMax) {
    return rejected('too_many_orders', `a paper account keeps ${paperOrdersMax} open orders at most`);
  }
  const crossing = hasTrigger(request) ? zeroAmount : availableTo({ side, limit, wanted: amount }, book);
  if (timeInForce === 'PO' && isPositive(crossing))
    return rejected('order_would_fill', 'a post-only order would fill at once');
  if (timeInForce === 'FOK' && compare(crossing, amount) < 0) {
    return rejected('order_would_not_fill', `only ${crossing} of ${amount} could be filled at once`);
  }
  if (request.reduceOnly === true && market.kind !== 'spot' && !hasTrigger(request)) {
    const canReduce = isPositive(reducible(account, market.symbol, side));
    if (!canReduce) return rejected('reduce_only_refused', 'there is no position to reduce');
  }
  const at = limit ?? request.triggerPrice ?? priceAt(side === 'buy' ? book.asks : book.bids);
  if (at === undefined) return rejected('no_liquidity', `nobody offers anything in ${market.symbol}`);
  return fundsRefusal(account, request, { at, context });
}

const priceAt = ([best]: OrderBook['bids']): Price | undefined => best?.price;

function sizeRefusal({ amount, price }: OrderRequest, market: Market): ReturnType<typeof rejected> | undefined {
  const { amountStep, amountMin = amountStep, notionalMin, priceStep } = market;
  if (roundToStep(amount, amountStep, 'down') !== amount || compare(amount, amountMin) < 0) {
    return rejected('invalid_order', `the amount ${amount} is below ${amountMin} or no multiple of ${amountStep}`);
  }
  if (price === undefined) return undefined;
  if (roundToStep(price, priceStep, 'down') !== price) {
    return rejected('invalid_order', `the price ${price} is no multiple of ${priceStep}`);
  }
  if (notionalMin === undefined || compare(notionalOf(amount, price), notionalMin) >= 0) return undefined;
  return rejected('invalid_order', `the order is worth less than ${notionalMin}`);
}

function fundsRefusal(
  account: PaperAccount,
  request: OrderRequest,
  { at, context }: { at: Price; context: PaperContext },
): ReturnType<typeof rejected> | undefined {
  const { side, amount, reduceOnly } = request;
  const need = needOf(
    { side, amount, ...(reduceOnly && { reduceOnly }) },
    { market: context.market, account, price: at },
  );
  const free = freeOf(account, need.asset, context.markets);
  if (compare(need.amount, free) <= 0) return undefined;
  return rejected('insufficient_funds', `the order takes ${need.amount} ${need.asset}, and ${free} is free`);
}

/** Ends an open order. `undefined` where it is not open any more. */
export function cancelPaperOrder(
  account: PaperAccount,
  order: PaperOrder,
): { account: PaperAccount; order: PaperOrder } {
  const canceled: PaperOrder = { ...order, status: 'canceled' };
  return { account: replaceOrder(account, canceled), order: canceled };
}

/** Changes an open order in place; behind what is at the new price, or where the amount grew. */
export function amendPaperOrder(
  account: PaperAccount,
  order: PaperOrder,
  { change, book, context }: { change: OrderChange; book: OrderBook; context: PaperContext },
): PaperPlacement {
  const { market } = context;
  const request = { ...order.request, ...change };
  const badSize = sizeRefusal(request, market);
  if (badSize !== undefined) return badSize;
  if (compare(request.amount, order.filled) <= 0) {
    return rejected('invalid_order', `the amount ${request.amount} is not above the ${order.filled} that are filled`);
  }
  if (change.price !== undefined && order.request.price === undefined)
    return rejected('invalid_order', 'the order has no price');
  if (change.triggerPrice !== undefined && order.working)
    return rejected('invalid_order', 'the order has no trigger any more');
  const grows = compare(request.amount, order.request.amount) > 0;
  const { price: limit, side } = request;
  const requeued = limit !== undefined && (grows || limit !== order.request.price);
  const without: PaperAccount = {
    ...account,
    orders: account.orders.filter(({ venueOrderId }) => venueOrderId !== order.venueOrderId),
  };
  const at = limit ?? request.triggerPrice;
  const rest = { ...request, amount: request.amount };
  const refusal = at === undefined ? undefined : fundsRefusal(without, rest, { at, context });
  if (refusal !== undefined) return refusal;
  const amended = { ...order, request, ...(requeued && { queueAhead: amountAhead(side, limit, book) }) };
  const kept = replaceOrder(account, amended);
  const crosses = amended.working && isPositive(availableTo({ side, limit, wanted: request.amount }, book));
  if (!crosses) return { kind: 'accepted', account: kept, order: amended };
  const taken = takeFromBook({ account: kept, order: amended }, book, context);
  return { kind: 'accepted', account: replaceOrder(taken.account, taken.order), order: taken.order };
}

export interface MarketNews {
  /** Oldest first. */
  trades: readonly PublicTrade[];
  /** Of a perpetual, as announced now. */
  funding?: FundingRate;
}

/** Lets a paper account catch up with what was traded in public since it was looked at last. */
export function catchUp(
  account: PaperAccount,
  { trades, funding }: MarketNews,
  context: PaperContext,
): { account: PaperAccount; changed: PaperOrder[] } {
  const { symbol } = context.market;
  const cursor = account.cursors[symbol];
  const changed = new Map<string, PaperOrder>();
  let current = account;
  for (const trade of trades.filter((candidate) => isNew(candidate, cursor))) {
    const met = meetTrade(current, trade, context);
    current = met.account;
    for (const order of met.changed) changed.set(order.venueOrderId, order);
  }
  for (const order of current.orders.filter(({ request }) => request.symbol === symbol)) {
    const ended = endIfOver(endIdle(order, current, context.market), context.nowMs);
    if (ended === order) continue;
    current = replaceOrder(current, ended);
    changed.set(ended.venueOrderId, ended);
  }
  const cursors = { ...current.cursors, [symbol]: cursorAfter(trades, cursor, context.nowMs) };
  return { account: settleFunding({ ...current, cursors }, funding, context), changed: [...changed.values()] };
}

function endIfOver(order: PaperOrder, nowMs: number): PaperOrder {
  const { goodTillMs } = order.request;
  const isOver = order.status === 'open' && goodTillMs !== undefined && goodTillMs <= nowMs;
  return isOver ? { ...order, status: 'expired' } : order;
}

/** A trade without an id is told by its time alone, so that none counts twice. */
const isNew = ({ atMs, tradeId }: PublicTrade, cursor: TradeCursor | undefined): boolean =>
  cursor === undefined ||
  atMs > cursor.atMs ||
  (atMs === cursor.atMs && tradeId !== undefined && !cursor.ids.includes(tradeId));

function cursorAfter(trades: readonly PublicTrade[], cursor: TradeCursor | undefined, nowMs: number): TradeCursor {
  const last = trades.at(-1);
  if (last === undefined) return cursor ?? { atMs: nowMs, ids: [] };
  const atMs = Math.max(last.atMs, cursor?.atMs ?? 0);
  const ids = trades.flatMap((trade) => (trade.atMs === atMs ? (trade.tradeId ?? []) : []));
  const known = cursor?.atMs === atMs ? cursor.ids : [];
  return { atMs, ids: [...new Set([...known, ...ids])] };
}

/** Pays at the time that was announced, with the rate that was announced last, at the mark price of now. */
function settleFunding(
  account: PaperAccount,
  funding: FundingRate | undefined,
  { market, nowMs }: PaperContext,
): PaperAccount {
  const position = positionIn(account, market.symbol);
  const isHeld = compare(position.quantity, '0') !== 0;
  if (!isHeld || funding === undefined) return account;
  const { rate, nextAtMs, markPrice } = funding;
  const due = position.funding !== undefined && position.funding.atMs <= nowMs ? position.funding : undefined;
  const paid =
    due !== undefined && markPrice !== undefined
      ? payFunding(account, market, { rate: due.rate, mark: markPrice })
      : account;
  const announced = nextAtMs === undefined ? undefined : { rate, atMs: nextAtMs };
  const { funding: _before, ...rest } = position;
  const next = { ...rest, ...(announced && { funding: announced }) };
  return { ...paid, positions: { ...paid.positions, [market.symbol]: next } };
}
