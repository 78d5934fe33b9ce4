/** The words of the matching engine. Nothing here knows a venue's spelling. */
import type { Decimal } from './decimal.ts';

export type Side = 'buy' | 'sell';
export type TimeInForce = 'good-till-canceled' | 'immediate-or-cancel' | 'fill-or-kill';

/** What is traded, with what the engine needs to know to move its market. */
export interface Instrument {
  readonly id: string;
  readonly base: string;
  readonly quote: string;
  readonly tickSize: Decimal;
  readonly stepSize: Decimal;
  /** Mid price around which the seeded market moves. */
  readonly basePrice: number;
  /** Scales the market's moves; 1 is a liquid coin. */
  readonly volatility: number;
  /** Worth of one price level of the market maker, in the quote asset. */
  readonly levelNotional: number;
}

export type OrderStatus = 'pending' | 'open' | 'partial' | 'filled' | 'canceled' | 'expired';

/** Fires when the last trade price reaches `price` from the other side. */
export interface Trigger {
  readonly price: Decimal;
  readonly when: 'at-or-above' | 'at-or-below';
}

/** Makes a crossing order trade in portions instead of at once: a fault, not a market rule. */
export interface Slicing {
  /** Share of the order that trades per portion, between 0 and 1. */
  readonly ratio: Decimal;
  readonly everyMs: number;
}

export interface OrderRequest {
  readonly accountId: string;
  readonly instrumentId: string;
  readonly clientOrderId: string;
  readonly side: Side;
  readonly execution: 'limit' | 'market';
  readonly timeInForce: TimeInForce;
  readonly postOnly?: boolean;
  /** Limit price; absent for market orders. */
  readonly price?: Decimal;
  /** Amount in the base asset; absent when `quoteQuantity` is given. */
  readonly quantity?: Decimal;
  /** Amount to spend or receive in the quote asset (market orders). */
  readonly quoteQuantity?: Decimal;
  /** Part of a resting order that the book shows (iceberg). */
  readonly displayQuantity?: Decimal;
  readonly trigger?: Trigger;
  readonly slicing?: Slicing;
  /** What the venue's dialect wants to remember, such as its own order type. */
  readonly attributes: Readonly<Record<string, string>>;
}

export interface Fill {
  readonly tradeId: number;
  readonly price: Decimal;
  readonly quantity: Decimal;
  readonly quote: Decimal;
  readonly commission: Decimal;
  readonly commissionAsset: string;
  readonly atMs: number;
  readonly isMaker: boolean;
  /** Set by a fault: the venue's answers pretend until then that this fill has not happened. */
  readonly hiddenUntilMs?: number;
}

export interface Order extends OrderRequest {
  readonly id: number;
  quantity: Decimal;
  status: OrderStatus;
  executed: Decimal;
  executedQuote: Decimal;
  /** What is still locked for it: quote for a buy, base for a sell. */
  reserved: Decimal;
  /** Venue-side UTC epoch milliseconds with sub-millisecond decimals. */
  readonly acceptedAtMs: number;
  updatedAtMs: number;
  /** When it began to work in the book; absent while a trigger waits. */
  workingAtMs?: number;
  /** When the next portion of a sliced order trades. */
  nextSliceAtMs?: number;
  fills: readonly Fill[];
}

/** A public trade. */
export interface Trade {
  readonly id: number;
  readonly instrumentId: string;
  readonly price: Decimal;
  readonly quantity: Decimal;
  readonly quote: Decimal;
  readonly atMs: number;
  readonly takerSide: Side;
}

export type OrderAction = 'accepted' | 'triggered' | 'traded' | 'canceled' | 'expired';

export interface BalanceEntry {
  readonly asset: string;
  readonly free: Decimal;
  readonly locked: Decimal;
}

/** What the engine tells after a command has been carried out and stored. Orders are copies of that moment. */
export type EngineEvent =
  | { readonly type: 'order'; readonly action: OrderAction; readonly order: Readonly<Order>; readonly fill?: Fill }
  | { readonly type: 'trade'; readonly trade: Trade }
  | { readonly type: 'balances'; readonly accountId: string; readonly entries: readonly BalanceEntry[] }
  | { readonly type: 'transfer'; readonly accountId: string; readonly asset: string; readonly delta: Decimal };

export type RejectReason =
  | 'insufficient-balance'
  | 'duplicate-client-order-id'
  | 'would-take'
  | 'would-trigger'
  | 'no-liquidity';

export type PlaceResult =
  | { readonly ok: true; readonly order: Readonly<Order> }
  | { readonly ok: false; readonly reason: RejectReason };

export function isOpen(order: Readonly<Order>): boolean {
  return order.status === 'pending' || order.status === 'open' || order.status === 'partial';
}

export function opposite(side: Side): Side {
  return side === 'buy' ? 'sell' : 'buy';
}
