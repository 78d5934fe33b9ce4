/** What a paper account has and has ordered. Plain data, so that it can be stored as it is. */
import type { VenueOrderId } from '../ids.ts';
import type { Amount, Notional, Price } from '../money.ts';
import type { Fill, MarginMode, OrderRequest, VenueOrder } from '../ports/venue.ts';

/**
 * Open orders of one account. All of them can end at once, and one transaction of the store, which takes a hundred rows, has
 * to hold them and the account.
 */
export const paperOrdersMax = 90;
/** Fills of one order, which is one row of the store; it ends with the last of them. */
export const paperFillsMax = 1_000;

/** One order as the simulated venue of a paper account knows it. */
export interface PaperOrder {
  request: OrderRequest;
  venueOrderId: VenueOrderId;
  status: VenueOrder['status'];
  filled: Amount;
  cost: Notional;
  /** Those of an open order since its account was read, since the store keeps all others with the order alone. */
  fills: readonly Fill[];
  /** Of all times. */
  fillCount: number;
  /** UTC epoch milliseconds; trades before it are not for this order. */
  placedAtMs: number;
  /** False while a trigger waits. */
  working: boolean;
  /** The public trade that reached the trigger was at this price; absent before, and once the order works. */
  reachedAt?: Price;
  /** Best price since a trailing stop began to trail. */
  trailedTo?: Price;
  /** What was in the book before it at its price when it came: others' amounts that trade first. */
  queueAhead: Amount;
}

/** Of a linear contract. */
export interface PaperPosition {
  /** Above zero long, below zero short; in the market's unit. */
  quantity: Amount;
  /** What its quantity was opened for in all, in quote currency; never below zero. */
  cost: Notional;
  leverage: string;
  marginMode: MarginMode;
}

/** Up to where public trades of a market were looked at. Venues number trades differently, so it is a time and what had it. */
export interface TradeCursor {
  atMs: number;
  ids: readonly string[];
}

/** A payment between the holders of a perpetual, as the venue announced it last. */
export interface PaperFunding {
  rate: string;
  atMs: number;
}

export interface PaperAccount {
  /** Counts the changes; 0 was never stored. */
  version: number;
  /** By asset. */
  balances: Readonly<Record<string, Amount>>;
  /** By symbol; one of nothing keeps the leverage that was set. */
  positions: Readonly<Record<string, PaperPosition>>;
  /** By symbol: the payment that comes next. */
  fundings: Readonly<Record<string, PaperFunding>>;
  /** In the order they came. As stored those that are open; while something happens to it also those that have ended since. */
  orders: readonly PaperOrder[];
  /** By symbol. */
  cursors: Readonly<Record<string, TradeCursor>>;
}

/** Shares of what is traded, decimals. Negative is a rebate. */
export interface PaperFees {
  maker: string;
  taker: string;
}

export const openingAccount = (balances: Readonly<Record<string, Amount>>): PaperAccount => ({
  ...{ version: 0, balances, positions: {}, fundings: {}, orders: [], cursors: {} },
});

/** Leverage of a contract that nobody has set one for. */
export const leverageDefault = '1';

/**
 * The account as it is stored: without the fills of its orders, which are stored with each order, and without cursors where
 * nothing waits. An order that comes there later begins with what is traded then.
 */
export function accountToStore(account: PaperAccount): PaperAccount {
  const orders = openOrdersOf(account).map((order) => ({ ...order, fills: [] }));
  const waited = new Set(orders.map(({ request }) => request.symbol));
  const cursors = Object.fromEntries(Object.entries(account.cursors).filter(([symbol]) => waited.has(symbol)));
  return { ...account, cursors, orders };
}

/** Those that are open, of one market or of all. */
export const openOrdersOf = ({ orders }: PaperAccount, symbol?: string): PaperOrder[] =>
  orders.filter(({ status, request }) => status === 'open' && (symbol === undefined || request.symbol === symbol));

/** Orders that are not as they were, new and ended ones included. */
export function changedOrders(before: PaperAccount, after: PaperAccount): PaperOrder[] {
  const known = new Set(before.orders);
  return after.orders.filter((order) => !known.has(order));
}

/** The account with an order as it is now. */
export const replaceOrder = (account: PaperAccount, order: PaperOrder): PaperAccount => ({
  ...account,
  orders: account.orders.map((other) => (other.venueOrderId === order.venueOrderId ? order : other)),
});

/** As any venue shows an order. */
export const showPaperOrder = ({ request, ...order }: PaperOrder): VenueOrder => ({
  venueOrderId: order.venueOrderId,
  clientOrderId: request.clientOrderId,
  status: order.status,
  filled: order.filled,
  amount: request.amount,
  ...(request.price !== undefined && { price: request.price }),
  ...(request.triggerPrice !== undefined && { triggerPrice: request.triggerPrice }),
  cost: order.cost,
  fills: [...order.fills],
});
