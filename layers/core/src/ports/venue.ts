/** What Nightdesk asks of a venue, in neutral words. Only `layers/exchange` knows how a venue is really spoken to. */
import type { VenueOrderId } from '../ids.ts';
import type { Amount, Notional, Price } from '../money.ts';
import type { AccountPort } from './account.ts';
import type { Market, MarketDataPort, Side } from './market-data.ts';
import type { StatusPort } from './status.ts';

export const orderTypes = ['market', 'limit', 'stop', 'stop_limit', 'take_profit', 'trailing_stop'] as const;
/**
 * - `market`, `limit`: work at once;
 * - `stop`: a market order once the price moves through `triggerPrice` against whoever waits (up to it to buy, down to it to
 *   sell); `stop_limit`: a limit order then;
 * - `take_profit`: the same the other way (down to it to buy, up to it to sell), a limit order where it has a `price`;
 * - `trailing_stop`: a stop whose trigger keeps its distance (`trail`) to the best price since it was placed, or since
 *   `triggerPrice` was reached.
 */
export type OrderType = (typeof orderTypes)[number];

export const timesInForce = ['GTC', 'IOC', 'FOK', 'PO', 'GTD'] as const;
/** Good till canceled, immediate or cancel, fill or kill, post only, good till date. */
export type TimeInForce = (typeof timesInForce)[number];

/** How far a trailing stop stays behind: a share of the price (`1` is 1 %), or an amount of it. */
export type Trail = { percent: string } | { distance: Price };

/** What an order is, beside whose it is and how large. */
export interface OrderTerms {
  type: OrderType;
  /** Required for `limit` and `stop_limit`, possible for `take_profit`, absent for all others. */
  price?: Price;
  /** Required for `stop`, `stop_limit` and `take_profit`; for `trailing_stop` where it begins to trail, absent is at once. */
  triggerPrice?: Price;
  /** Required for `trailing_stop`, absent for all others. */
  trail?: Trail;
  /** Only for orders that work with a limit. Absent is `GTC`. */
  timeInForce?: TimeInForce;
  /** Required for `GTD`: when the order ends; UTC epoch milliseconds. */
  goodTillMs?: number;
  /** It may only make a position smaller. On spot, where there are none, it says so to Nightdesk alone. */
  reduceOnly?: boolean;
  /** Iceberg: the part of the amount that the book shows. */
  displayAmount?: Amount;
}

export interface OrderRequest extends OrderTerms {
  /** The intent's id; the venue refuses or recognises a second order with it. */
  clientOrderId: string;
  symbol: string;
  side: Side;
  /** In the market's unit, see `amountUnitOf`; so are all amounts of orders and fills. */
  amount: Amount;
  /** Where the venue takes it with each order instead of keeping it, see `prepareMarket`. */
  leverage?: string;
  marginMode?: MarginMode;
}

export type MarginMode = 'cross' | 'isolated';

/** What the venue itself can keep in one market. What is not here is Nightdesk's to keep, or to refuse. */
export interface OrderAbilities {
  types: ReadonlySet<OrderType>;
  timesInForce: ReadonlySet<TimeInForce>;
  /** Orders can be marked so that they never open or turn a position. Never on spot. */
  reduceOnly: boolean;
  iceberg: boolean;
  /** An order's price, amount or trigger can be changed without it ever being absent, under the same ids. */
  amends: boolean;
  leverage: boolean;
  marginMode: boolean;
}

/** What is to be different about a resting order; at least one of them. */
export interface OrderChange {
  /** In all, what is filled included. */
  amount?: Amount;
  price?: Price;
  triggerPrice?: Price;
}

/**
 * How changing an order ended. `amended` shows it as changed; `not_amended` is the venue's word that it is as it was, or has
 * ended (`order` shows it where the venue did). All else is `unknown`: look again.
 */
export type AmendOutcome =
  | { kind: 'amended'; order: VenueOrder }
  | { kind: 'not_amended'; order?: VenueOrder; evidence: Cause }
  | { kind: 'unknown'; cause: Cause };

/** How the account is to trade a contract. */
export interface MarketSettings {
  /** A decimal, e.g. `3`. */
  leverage?: string;
  marginMode?: MarginMode;
  /** One position per market, whatever its side: the only mode in which orders are placed here. */
  positionMode?: 'one_way';
}

/** How setting up a market ended: `refused` names what the venue did not take, or shows that it is otherwise. */
export type PrepareOutcome = { kind: 'ready' } | { kind: 'refused'; cause: Cause } | { kind: 'unknown'; cause: Cause };

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
  /** Its terms as the venue has them by now, where it tells; they change by amending. */
  amount?: Amount;
  price?: Price;
  triggerPrice?: Price;
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
  /** Which list it is in at venues that keep orders with a trigger apart. */
  type?: OrderType;
  price?: Price;
  /** When the last call to place it began, where it is to be told by its time; UTC epoch milliseconds. */
  attemptedAtMs?: number;
  /** Venue ids of other orders of this desk in the market, which it therefore is not. */
  others?: readonly VenueOrderId[];
  /** The search looks no further back than this; UTC epoch milliseconds. */
  sinceMs: number;
}

/** Places and finds orders with one account's credentials. Nothing here throws for a venue's answer, whatever it is. */
export interface TradingPort {
  placeOrder(request: OrderRequest, market: Market): Promise<PlaceOutcome>;
  findOrder(reference: OrderReference, market: Market): Promise<FindOutcome>;
  /** Safe to repeat: an order can end only once. */
  cancelOrder(reference: OrderReference, market: Market): Promise<CancelOutcome>;
  /** What the venue itself can keep in the market; asks nothing of it. */
  abilitiesOf(market: Market): OrderAbilities;
  /** Safe to repeat: the change is a state, not a step. Only where `abilitiesOf` says `amends`. */
  amendOrder(reference: OrderReference, change: OrderChange, market: Market): Promise<AmendOutcome>;
  /** Sets what an account keeps per contract, once per value and process, and checks it where the venue tells. */
  prepareMarket(settings: MarketSettings, market: Market): Promise<PrepareOutcome>;
  /**
   * How long after the start of a call the venue may still act on it, in milliseconds. An order that cannot be found
   * later than that was never placed.
   */
  readonly settlingMs: number;
}

/** One venue as an account sees it. */
export interface VenuePort extends TradingPort, MarketDataPort, AccountPort, StatusPort {}

/** What executing an order asks of a venue. */
export type ExecutionVenue = Pick<
  VenuePort,
  keyof TradingPort | 'fetchPrice' | 'fetchTicker' | 'fetchBalances' | 'fetchPositions' | 'fetchOpenOrders' | 'wallets'
>;
