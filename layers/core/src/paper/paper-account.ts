/** What a paper account has and has ordered. Plain data, so that it can be stored as it is. */
import type { VenueOrderId } from '../ids.ts';
import type { Amount, Notional, Price } from '../money.ts';
import type { Fill, MarginMode, OrderRequest, VenueOrder } from '../ports/venue.ts';

/** One order as the simulated venue of a paper account knows it. */
export interface PaperOrder {
  request: OrderRequest;
  venueOrderId: VenueOrderId;
  status: VenueOrder['status'];
  filled: Amount;
  cost: Notional;
  fills: readonly Fill[];
  /** UTC epoch milliseconds; trades before it are not for this order. */
  placedAtMs: number;
  /** False while a trigger waits. */
  working: boolean;
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
  /** The payment that comes next, as the venue announced it last. */
  funding?: { rate: string; atMs: number };
}

/** Up to where public trades of a market were looked at. Venues number trades differently, so it is a time and what had it. */
export interface TradeCursor {
  atMs: number;
  ids: readonly string[];
}

export interface PaperAccount {
  /** Counts the changes. */
  version: number;
  /** By asset. */
  balances: Readonly<Record<string, Amount>>;
  /** By symbol. */
  positions: Readonly<Record<string, PaperPosition>>;
  /** Those that are open, in the order they came. */
  orders: readonly PaperOrder[];
  /** By symbol. */
  cursors: Readonly<Record<string, TradeCursor>>;
  /** Orders so far: what numbers them. */
  orderCount: number;
}

/** Shares of what is traded, decimals. Negative is a rebate. */
export interface PaperFees {
  maker: string;
  taker: string;
}

export const openingAccount = (balances: Readonly<Record<string, Amount>>): PaperAccount => ({
  ...{ version: 0, balances, positions: {}, orders: [], cursors: {}, orderCount: 0 },
});

/** Leverage of a contract that nobody has set one for. */
export const leverageDefault = '1';

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
