/** What venues send by themselves as long as a connection is open. Only `layers/exchange` knows how each of them does it. */
import type { MarketKind, PublicTrade, Side } from './market-data.ts';
import type { VenueOrder } from './venue.ts';

export const marketStreamKinds = ['books', 'trades', 'tickers', 'candles', 'funding', 'liquidations'] as const;
/** What can be streamed of a market. */
export type MarketStreamKind = (typeof marketStreamKinds)[number];

export const accountStreamKinds = ['orders', 'fills', 'balances', 'positions'] as const;
/** What can be streamed of an account. */
export type AccountStreamKind = (typeof accountStreamKinds)[number];

export type StreamKind = MarketStreamKind | AccountStreamKind;

/** One thing that is streamed of one market. */
export interface MarketSubscription {
  kind: MarketStreamKind;
  symbol: string;
  /** Of candles only, e.g. `1m`. */
  timeframe?: string;
  /** Of books only: levels of each side that have to be known. @default 20 */
  depth?: number;
}

/** Price and amount. Floats: books are statistics, never what an order is made of. */
export type LiveLevel = readonly [price: number, amount: number];

/**
 * A book as it is after one update. The arrays are the live ones, best level first: they change with the next update, so whoever
 * keeps something of them copies it before returning.
 */
export interface LiveBook {
  symbol: string;
  bids: readonly LiveLevel[];
  asks: readonly LiveLevel[];
  /** By the venue's clock, where it tells; UTC epoch milliseconds. */
  exchangeTimeMs?: number;
  /** When the update had come in; UTC epoch milliseconds. */
  receivedMs: number;
  /** The venue's number of this state of the book. Where it numbers none, how many updates this connection has seen of it. */
  sequence: number;
}

/** Best prices, and the latest trade's. What the venue does not tell is absent. */
export interface LiveTicker {
  symbol: string;
  bid?: number;
  bidSize?: number;
  ask?: number;
  askSize?: number;
  last?: number;
  exchangeTimeMs?: number;
  receivedMs: number;
}

export interface LiveTrade extends PublicTrade {
  symbol: string;
  receivedMs: number;
}

/** A candle that may still be forming. */
export interface LiveCandle {
  symbol: string;
  timeframe: string;
  openTimeMs: number;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
  receivedMs: number;
}

/** What a perpetual pays next. */
export interface LiveFunding {
  symbol: string;
  /** Decimal; 0.0001 is 0.01 %. */
  rate: string;
  nextAtMs?: number;
  markPrice?: string;
  exchangeTimeMs?: number;
  receivedMs: number;
}

/** Somebody's position that the venue has closed. */
export interface LiveLiquidation {
  symbol: string;
  side?: Side;
  price: string;
  amount?: string;
  atMs: number;
  receivedMs: number;
}

/** An order of an account as the venue has just told it, with the executions that came along. */
export interface LiveOrder {
  symbol: string;
  kind: MarketKind;
  order: VenueOrder;
  receivedMs: number;
}

/** Of one asset, as the venue has just told it: decimal texts. */
export interface LiveBalance {
  asset: string;
  total?: string;
  free?: string;
  receivedMs: number;
}

export interface LivePosition {
  symbol: string;
  side?: 'long' | 'short';
  contracts?: string;
  entryPrice?: string;
  receivedMs: number;
}

export const streamIncidents = [
  'connected',
  'disconnected',
  'gap',
  'checksum',
  'crossed',
  'silent',
  'thin',
  'resynced',
  'refused',
  'unreadable',
  'polled',
] as const;
/**
 * What befalls a stream:
 * - `connected`, `disconnected`: its connection; `refused`: the venue did not take a subscription or a key;
 * - `gap`: numbers of updates do not follow each other; `checksum`: the book is not the venue's; `crossed`: its bid is not below
 *   its ask; `silent`: nothing has come for longer than can be; `thin`: less is left of a partly known book than is published. Each of
 *   these takes the book out of use at once and has it fetched anew, which ends in `resynced`;
 * - `unreadable`: an update that could not be understood, or broke what read it;
 * - `polled`: the venue streams no such thing, so it is asked again and again.
 */
export type StreamIncidentKind = (typeof streamIncidents)[number];

export interface StreamIncident {
  incident: StreamIncidentKind;
  /** Absent where it befell the whole connection. */
  kind?: StreamKind;
  symbol?: string;
  atMs: number;
  /** For people: what was expected and what came. Holds no secret. */
  reason: string;
}

/** Told synchronously, in the order in which the venue sent it. Must not throw, and must not wait. */
export interface MarketStreamListener {
  book(book: LiveBook): void;
  /** The book is not to be used until the next `book` of this symbol. */
  bookLost(symbol: string): void;
  /** What its tickers have told is not to be used until the next `ticker` of this symbol. */
  tickerLost(symbol: string): void;
  trades(trades: readonly LiveTrade[]): void;
  ticker(ticker: LiveTicker): void;
  candle(candle: LiveCandle): void;
  funding(funding: LiveFunding): void;
  liquidation(liquidation: LiveLiquidation): void;
  incident(incident: StreamIncident): void;
}

export interface AccountStreamListener {
  order(order: LiveOrder): void;
  balance(balance: LiveBalance): void;
  position(position: LivePosition): void;
  incident(incident: StreamIncident): void;
}

/** One connection to a venue. It mends itself: whatever breaks is connected, subscribed and fetched again until it is closed. */
export interface StreamConnection {
  /** When anything last came over it, answers to pings included; UTC epoch milliseconds. Absent until it was open once. */
  readonly heardMs: number | undefined;
  readonly isOpen: boolean;
  close(): Promise<void>;
}

export interface MarketConnection extends StreamConnection {
  /** Replaces what is subscribed: what is new is subscribed, what is gone unsubscribed, the rest goes on undisturbed. */
  want(subscriptions: readonly MarketSubscription[]): void;
}

/** The streams of a venue's markets. */
export interface MarketStreamPort {
  /** What it streams of a kind of market; everything else is polled, or is not there. */
  offers(kind: MarketStreamKind, market: MarketKind): 'streamed' | 'polled' | 'absent';
  /** Subscriptions that one connection takes. */
  readonly subscriptionsMax: number;
  /** Constructs it; it connects with the first subscription. */
  open(listener: MarketStreamListener): MarketConnection;
}

/** The streams of one account. */
export interface AccountStreamPort {
  offers(kind: AccountStreamKind): 'streamed' | 'absent';
  /** @param symbols markets of which the account has orders or positions, for venues that stream them singly */
  open(listener: AccountStreamListener, symbols: readonly string[]): StreamConnection;
}
