/** What Nightdesk asks of a venue, in neutral words. Only `layers/exchange` knows how a venue is really spoken to. */
import type { VenueOrderId } from '../ids.ts';
import type { Amount, Notional, Price } from '../money.ts';
import type { AccountPort } from './account.ts';
import type { Market, MarketDataPort, Side } from './market-data.ts';
import type { StatusPort } from './status.ts';

export interface OrderRequest {
  /** The intent's id; the venue refuses or recognises a second order with it. */
  clientOrderId: string;
  symbol: string;
  side: Side;
  type: 'market' | 'limit';
  /** In the market's unit, see `amountUnitOf`; so are all amounts of orders and fills. */
  amount: Amount;
  /** Required for `limit`, absent for `market`. */
  price?: Price;
  timeInForce?: TimeInForce;
}

export type TimeInForce = 'GTC' | 'IOC' | 'FOK' | 'PO';

export interface Fee {
  asset: string;
  /** In units of `asset`. Negative is a rebate. */
  amount: Amount;
}

/** One execution, identified by (venue, symbol, tradeId). */
export interface Fill {
  tradeId: string;
  amount: Amount;
  price: Price;
  fee?: Fee;
  /** UTC epoch milliseconds, by the venue's clock. */
  atMs: number;
}

/** An order as the venue shows it at one moment. Quantities are totals since the order was placed. */
export interface VenueOrder {
  venueOrderId: VenueOrderId;
  clientOrderId?: string;
  /** `open` includes partly filled. A venue's own rejection after acceptance is `rejected`. */
  status: 'open' | 'filled' | 'canceled' | 'expired' | 'rejected';
  filled: Amount;
  /** Total quote currency of the fills. Absent when the venue does not tell, or counts in another currency. */
  cost?: Notional;
  /** Executions known from this answer: all, some or none of those behind `filled`. */
  fills: Fill[];
}

/** Why an outcome is what it is. `code` is a stable word, `message` is for people and holds no secret. */
export interface Cause {
  code: string;
  message: string;
}

/** How placing an order ended. `rejected` needs the venue's own word; all else that is not an acceptance is `unknown`. */
export type PlaceOutcome =
  | { kind: 'accepted'; order: VenueOrder }
  | { kind: 'rejected'; evidence: Cause }
  | { kind: 'unknown'; cause: Cause };

/** How looking for an order ended. `absent` means that the venue answered every question and does not have it. */
export type FindOutcome =
  | { kind: 'found'; order: VenueOrder }
  | { kind: 'absent'; evidence: Cause }
  | { kind: 'unknown'; cause: Cause };

/**
 * How cancelling an order ended. `canceled` shows it with the rest of it gone; `not_open` is the venue's word that there was
 * nothing left to cancel: it is filled, ended before, or is not there. All else is `unknown`: it may be open or not, so
 * look again.
 */
export type CancelOutcome =
  | { kind: 'canceled'; order: VenueOrder }
  | { kind: 'not_open'; order?: VenueOrder; evidence: Cause }
  | { kind: 'unknown'; cause: Cause };

export interface OrderReference {
  clientOrderId: string;
  symbol: string;
  side: Side;
  amount: Amount;
  venueOrderId?: VenueOrderId;
  /** The search looks no further back than this; UTC epoch milliseconds. */
  sinceMs: number;
}

/** Places and finds orders with one account's credentials. Nothing here throws for a venue's answer, whatever it is. */
export interface TradingPort {
  placeOrder(request: OrderRequest, market: Market): Promise<PlaceOutcome>;
  findOrder(reference: OrderReference, market: Market): Promise<FindOutcome>;
  /** Safe to repeat: an order can end only once. */
  cancelOrder(reference: OrderReference, market: Market): Promise<CancelOutcome>;
  /**
   * How long after the start of a call the venue may still act on it, in milliseconds. An order that cannot be found
   * later than that was never placed.
   */
  readonly settlingMs: number;
}

/** One venue as an account sees it. */
export interface VenuePort extends TradingPort, MarketDataPort, AccountPort, StatusPort {}

/** What executing an order asks of a venue. */
export type ExecutionVenue = Pick<VenuePort, 'settlingMs' | 'placeOrder' | 'findOrder' | 'fetchPrice'>;
