/** What Nightdesk asks of a venue, in neutral words. Only `layers/exchange` knows how a venue is really spoken to. */
import type { VenueId, VenueOrderId } from '../ids.ts';
import type { Amount, Notional, Price } from '../money.ts';

export type Side = 'buy' | 'sell';
export type MarketKind = 'spot' | 'perpetual' | 'future' | 'option';

/** One tradable market of a venue, as of the last refresh. */
export interface Market {
  venue: VenueId;
  /** Unified symbol: `BTC/USDT` is spot, `BTC/USDT:USDT` a perpetual settled in USDT. */
  symbol: string;
  /** The venue's own name, e.g. `BTCUSDT`. */
  venueSymbol: string;
  kind: MarketKind;
  base: string;
  quote: string;
  /** Absent on spot. */
  settle?: string;
  active: boolean;
  /** Smallest change of an amount and of a price. */
  amountStep: Amount;
  priceStep: Price;
  amountMin?: Amount;
  amountMax?: Amount;
  notionalMin?: Notional;
  /** The market in the words of the library behind the port: opaque JSON, handed back to it as it is. */
  definition: string;
}

export interface OrderRequest {
  /** The intent's id; the venue refuses or recognises a second order with it. */
  clientOrderId: string;
  symbol: string;
  side: Side;
  type: 'market' | 'limit';
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
  /** Total quote currency of the fills. Absent when the venue does not tell. */
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
  /**
   * How long after the start of a call the venue may still act on it, in milliseconds. An order that cannot be found
   * later than that was never placed.
   */
  readonly settlingMs: number;
}

/** Public data, without credentials. @throws VenueError when the venue does not answer or its answer makes no sense. */
export interface MarketDataPort {
  fetchMarkets(): Promise<Market[]>;
  /** The price an order of `side` would start to fill at now: best ask for `buy`, best bid for `sell`. */
  fetchPrice(market: Market, side: Side): Promise<Price>;
}

/** One venue as an account sees it. */
export interface VenuePort extends TradingPort, MarketDataPort {}
