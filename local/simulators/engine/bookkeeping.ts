/** How orders of one kind of instrument are paid for: coins that change hands, or positions. */
import type { Decimal } from './decimal.ts';
import type { MarketState } from './market-state.ts';
import type { Instrument, Order, OrderRequest, RejectReason, Side } from './types.ts';

/** The amounts with which an order starts. */
export interface OrderFunds {
  /** Amount in the base asset, estimated from the book when the order names a quote amount only. */
  readonly quantity: Decimal;
  readonly reserve: Decimal;
}

export interface SideOfTrade {
  /** Absent for the market maker, who reserves nothing and pays no fee. */
  readonly order: Order | undefined;
  readonly side: Side;
  readonly instrument: Instrument;
  readonly price: Decimal;
  readonly quantity: Decimal;
  readonly quote: Decimal;
  readonly feeRate: Decimal;
}

export interface Paid {
  readonly commission: Decimal;
  readonly commissionAsset: string;
  readonly closed?: Decimal;
  readonly realized?: Decimal;
}

export interface Bookkeeping {
  /** What an order must set aside, or why it can not be carried out. Changes nothing. */
  fundsFor(request: OrderRequest, market: MarketState): OrderFunds | RejectReason;
  reserveAsset(request: OrderRequest, instrument: Instrument): string;
  /** Most that may still trade of an order that takes at a price; absent is all of it. */
  tradable(order: Order, market: { instrument: Instrument; price: Decimal }): Decimal | undefined;
  /** Moves the money of one side of a trade. */
  settle(trade: SideOfTrade): Paid;
  /** Gives back up to an amount of what an order has locked. */
  release(order: Order, instrument: Instrument, amount: Decimal): void;
}
