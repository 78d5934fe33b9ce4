/** The words of the matching engine. Nothing here knows a venue's spelling. */
import type { Decimal } from './decimal.ts';

export type Side = 'buy' | 'sell';
export type TimeInForce = 'good-till-canceled' | 'immediate-or-cancel' | 'fill-or-kill';

/** Shares that are paid: of the coins received, or of a position's value. */
export interface FeeRates {
  readonly maker: Decimal;
  readonly taker: Decimal;
}

/** What makes an instrument a perpetual: positions settled in its quote asset instead of coins changing hands. */
export interface PerpetualTerms {
  readonly leverageMax: Decimal;
  /** Share of a position's value below which its margin must not fall. */
  readonly maintenanceRate: Decimal;
}

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
  /** Absent takes the engine's rate for both sides. */
  readonly fees?: FeeRates;
  readonly perpetual?: PerpetualTerms;
  /** Instruments with the same name follow the same price. @default the id */
  readonly priceName?: string;
  /** Nothing was traded before; a whole minute. @default 2018 */
  readonly listedAtMs?: number;
  /** Share of the minutes in which somebody trades. @default 1 */
  readonly tradedShare?: number;
}

/** What an account holds in a perpetual. It is kept when its size is zero, with what it has won and lost so far. */
export interface Position {
  readonly accountId: string;
  readonly instrumentId: string;
  readonly slot: PositionSlot;
  /** Above zero long, below zero short. */
  size: Decimal;
  /** What its size was bought for, or below zero sold for. */
  entryValue: Decimal;
  /** What is locked for it. */
  margin: Decimal;
  /** Won and lost by prices since the account exists, before fees and funding. */
  realized: Decimal;
  fees: Decimal;
  /** Received as funding, below zero paid. */
  funding: Decimal;
  /** `realized - fees + funding` as it was when the position was last opened. */
  netBefore: Decimal;
  openedAtMs: number;
  updatedAtMs: number;
}

/** A change of a balance that no order explains. */
export interface Booking {
  readonly id: number;
  readonly accountId: string;
  readonly asset: string;
  readonly kind: 'transfer' | 'funding';
  readonly amount: Decimal;
  readonly atMs: number;
  /** For funding: the position at that moment. */
  readonly position?: {
    readonly instrumentId: string;
    readonly slot: PositionSlot;
    readonly size: Decimal;
    readonly price: Decimal;
    readonly rate: Decimal;
  };
}

export type OrderStatus = 'pending' | 'open' | 'partial' | 'filled' | 'canceled' | 'expired';

/** Fires when the last trade price, or the mark price, reaches `price` from the other side. */
export interface Trigger {
  readonly price: Decimal;
  readonly when: 'at-or-above' | 'at-or-below';
  /** @default 'last' */
  readonly by?: 'last' | 'mark';
  /** Makes the price follow the market; it is then where the trigger stands now. */
  readonly trailing?: Trailing;
}

/** A distance in the quote asset, or as a share of the price that it is from. */
export interface Distance {
  readonly amount: Decimal;
  readonly unit: 'price' | 'share';
}

/** How a trigger follows the best last price: the highest for a sell, the lowest for a buy. */
export interface Trailing {
  readonly offset: Distance;
  /** The last price must reach this before anything is followed. */
  readonly activation?: Pick<Trigger, 'price' | 'when'>;
  /** Where the limit price lies from that of the trigger; below zero is below it. */
  readonly limit?: Distance;
  /** Absent until it is active. */
  readonly best?: Decimal;
  readonly activeAtMs?: number;
}

/** A list of two orders of which the first to trade or to trigger ends the other. */
export interface OrderListRef {
  readonly id: number;
  readonly clientId: string;
}

/** Which position of an account in a perpetual: the only one, or one per direction. */
export type PositionSlot = 'net' | 'long' | 'short';

/** Where to leave a position again; without a price at whatever the market gives. */
export interface ExitRule {
  readonly trigger: Trigger;
  readonly price?: Decimal;
}

/** What an order brings along for the position that it opens. */
export interface Exits {
  readonly takeProfit?: ExitRule;
  readonly stopLoss?: ExitRule;
  readonly trailingStop?: ExitRule;
  /** `position`: for all of it, replacing earlier ones. `fill`: for what this order trades, the two ending each other. */
  readonly scope: 'position' | 'fill';
}

/** Why an order is there that nobody sent. */
export interface ExitRole {
  readonly kind: 'take-profit' | 'stop-loss' | 'trailing-stop';
  /** Its quantity is that of the position, whatever becomes of it. */
  readonly whole: boolean;
  /** Of all exits with the same group, the first that triggers ends the others. */
  readonly group?: string;
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
  /** Sets funds aside only when the trigger fires; it ends then if there are none. */
  readonly reservesWhenTriggered?: boolean;
  /** What can not be carried out is accepted and ended at once instead of refused. */
  readonly acceptsFirst?: boolean;
  /** Only makes a position smaller, and ends with it. */
  readonly reduceOnly?: boolean;
  /** @default 'net' */
  readonly slot?: PositionSlot;
  readonly exits?: Exits;
  readonly exit?: ExitRole;
  readonly slicing?: Slicing;
  readonly list?: OrderListRef;
  /** When it ends, in UTC epoch milliseconds; absent is never. */
  readonly expiresAtMs?: number;
  /** What the fee is taken from where coins change hands. @default 'received' */
  readonly feeFrom?: 'given' | 'received';
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
  /** How much of a position it closed, and what that won or lost before fees. */
  readonly closed?: Decimal;
  readonly realized?: Decimal;
  /** Set by a fault: the venue's answers pretend until then that this fill has not happened. */
  readonly hiddenUntilMs?: number;
}

export interface Order extends OrderRequest {
  readonly id: number;
  clientOrderId: string;
  price?: Decimal;
  trigger?: Trigger;
  exits?: Exits;
  displayQuantity?: Decimal;
  quantity: Decimal;
  status: OrderStatus;
  /** Why the engine ended it, where that was not the customer's wish. */
  endReason?: EndReason;
  executed: Decimal;
  executedQuote: Decimal;
  /** What is still locked for it: quote for a buy, base for a sell. */
  reserved: Decimal;
  /** Venue-side UTC epoch milliseconds with sub-millisecond decimals. */
  readonly acceptedAtMs: number;
  updatedAtMs: number;
  /** When it began to work in the book; absent while a trigger waits. */
  workingAtMs?: number;
  /** How often it has been amended; absent is never. */
  amendments?: number;
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

export type OrderAction = 'accepted' | 'amended' | 'triggered' | 'traded' | 'canceled' | 'expired';

export type EndReason =
  | RejectReason
  | 'position-closed'
  | 'other-exit-triggered'
  | 'exit-replaced'
  | 'other-of-list'
  | 'time-is-up';

export interface BalanceEntry {
  readonly asset: string;
  readonly free: Decimal;
  readonly locked: Decimal;
}

/** What the engine tells after a command has been carried out and stored. Orders are copies of that moment. */
export type EngineEvent =
  | { readonly type: 'order'; readonly action: OrderAction; readonly order: Readonly<Order>; readonly fill?: Fill }
  | { readonly type: 'trade'; readonly trade: Trade }
  | { readonly type: 'position'; readonly position: Readonly<Position> }
  | { readonly type: 'booking'; readonly booking: Booking }
  | { readonly type: 'balances'; readonly accountId: string; readonly entries: readonly BalanceEntry[] }
  | { readonly type: 'transfer'; readonly accountId: string; readonly asset: string; readonly delta: Decimal };

export type RejectReason =
  | 'insufficient-balance'
  | 'nothing-to-reduce'
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
