/** What venues tell everybody: their markets, and what is traded on them. Numbers are texts, times UTC milliseconds. */
import type { VenueId } from '../ids.ts';
import type { Amount, Notional, Price } from '../money.ts';

export type Side = 'buy' | 'sell';
export type MarketKind = 'spot' | 'perpetual' | 'future' | 'option';

/**
 * What a contract's profit is paid in: the quote asset (`linear`), the base asset (`inverse`), or a third one (`quanto`).
 */
export type ContractType = 'linear' | 'inverse' | 'quanto';

/** One tradable market of a venue, as of the last refresh. */
export interface Market {
  venue: VenueId;
  /** Unified symbol: `BTC/USDT` is spot, `BTC/USDT:USDT` a perpetual settled in USDT, `BTC/USDT:USDT-270326` a dated one. */
  symbol: string;
  /** The venue's own name, e.g. `BTCUSDT`. */
  venueSymbol: string;
  kind: MarketKind;
  base: string;
  quote: string;
  /** Absent on spot. */
  settle?: string;
  /** Absent on spot. */
  contractType?: ContractType;
  /** What one contract stands for: base asset on linear contracts, quote asset on inverse ones. Absent on spot. */
  contractSize?: Amount;
  /** When a dated contract ends; UTC epoch milliseconds. Absent on spot and perpetuals. */
  expiryMs?: number;
  active: boolean;
  /** Smallest change of an amount and of a price. */
  amountStep: Amount;
  priceStep: Price;
  amountMin?: Amount;
  amountMax?: Amount;
  notionalMin?: Notional;
  /**
   * Shares of what is traded that the venue takes of somebody without a discount, decimals; negative is a rebate. Absent where
   * the library behind the port does not know both.
   */
  fees?: { maker: string; taker: string };
  /** The market in the words of the library behind the port: opaque JSON, handed back to it as it is. */
  definition: string;
}

/**
 * The unit of every amount of a market: its steps and limits, orders, fills, books, trades and positions. Venues that count
 * linear contracts are converted, since a contract is a fixed amount of base asset there. What an inverse or quanto contract
 * is worth in base asset changes with the price, so those stay a number of contracts.
 */
export const amountUnitOf = ({ contractType }: Pick<Market, 'contractType'>): 'base' | 'contracts' =>
  contractType === undefined || contractType === 'linear' ? 'base' : 'contracts';

/** What the venue does not tell is absent. */
export interface Ticker {
  symbol: string;
  /** Best prices now, and the amounts at them. */
  bid?: Price;
  bidAmount?: Amount;
  ask?: Price;
  askAmount?: Amount;
  /** Price of the latest trade. */
  last?: Price;
  /** Of the past 24 hours. The base volume is as the venue counts it, on contracts often in contracts. */
  high?: Price;
  low?: Price;
  baseVolume?: Amount;
  quoteVolume?: Notional;
  /** By the venue's clock. */
  atMs?: number;
}

export interface BookLevel {
  price: Price;
  /** Always above zero. */
  amount: Amount;
}

/** Best level first on both sides, and the best bid below the best ask. A side is empty when nobody offers there. */
export interface OrderBook {
  symbol: string;
  bids: BookLevel[];
  asks: BookLevel[];
  /** By the venue's clock, where it tells. */
  atMs?: number;
  /** The venue's number of this state of the book, where it tells one. */
  sequence?: number;
}

/** What was traded in one span of time. The latest one a venue returns may still be forming. */
export interface Candle {
  openTimeMs: number;
  open: Price;
  high: Price;
  low: Price;
  close: Price;
  /** In the unit of the market's amounts (`amountUnitOf`). Absent where the venue does not count it, or counts in something else. */
  volume?: Amount;
  /** In quote asset, and how many trades there were, where the venue tells. */
  quoteVolume?: Notional;
  trades?: number;
}

/** A trade between any two parties. */
export interface PublicTrade {
  /** Absent where the venue numbers no trades. */
  tradeId?: string;
  /** What the party that took from the book did. Absent where the venue does not tell. */
  side?: Side;
  price: Price;
  amount: Amount;
  atMs: number;
}

/** One funding payment that was made. */
export interface FundingPoint {
  atMs: number;
  /** As in `FundingRate`. */
  rate: string;
  markPrice?: Price;
}

/** What those who hold one side of a perpetual pay the others. */
export interface FundingRate {
  symbol: string;
  /** Share of the position's worth paid by longs to shorts at the next payment; negative the other way round. `0.0001` is 0.01 %. */
  rate: string;
  /** When it is paid next. */
  nextAtMs?: number;
  markPrice?: Price;
  indexPrice?: Price;
}

export interface CandleQuery {
  /** The venue's candles by a name of `VenueCapabilities.timeframes`, e.g. `1m`. */
  timeframe: string;
  /** Open time of the earliest one wanted; absent is the latest the venue gives. */
  sinceMs?: number;
  /** Most to return; the venue may return fewer at a time. */
  limit: number;
}

/** How a venue hands out what it tells of the past. */
export interface HistoryTerms {
  /** Most entries that one question brings; absent where nobody has found out. */
  pageSize?: number;
  /**
   * `all`: an answer begins at the time asked for, however long ago that is. `latest`: only so many of the latest are told,
   * whatever time is asked for; what is older cannot be had, and an answer may begin later than asked. Absent where nobody
   * has found out.
   */
  reach?: 'all' | { latest: number };
  /** A question brings nothing beyond this long after the time asked for: nothing in it does not mean nothing later. */
  spanMsMax?: number;
  /** Trades only: a question can go on behind a trade by its id, so that no page ends in the middle of a millisecond. */
  goesOnById?: boolean;
}

export interface MarketHistory {
  candles: HistoryTerms;
  trades: HistoryTerms;
  funding: HistoryTerms;
}

export interface TradeQuery {
  sinceMs?: number;
  /** Goes on behind this trade instead of from a time, where `HistoryTerms.goesOnById`; elsewhere it is not looked at. */
  afterId?: string;
  /** Most to return; the venue may return fewer at a time. */
  limit: number;
}

/** Public data, without credentials. @throws VenueError when the venue does not answer or its answer makes no sense. */
export interface MarketDataPort {
  fetchMarkets(): Promise<Market[]>;
  /** The price an order of `side` would start to fill at now: best ask for `buy`, best bid for `sell`. */
  fetchPrice(market: Market, side: Side): Promise<Price>;
  fetchTicker(market: Market): Promise<Ticker>;
  /** Of many markets of one kind with one question where the venue can, else one by one. Those it does not tell are left out. */
  fetchTickers(markets: readonly [Market, ...Market[]]): Promise<Ticker[]>;
  /** @param depthMax most levels per side; the venue may show fewer */
  fetchOrderBook(market: Market, depthMax: number): Promise<OrderBook>;
  /** How much of the past the venue tells of a market, and how much of it at a time. Asks nobody. */
  historyOf(market: Market): MarketHistory;
  /**
   * In order of their open times, as the venue sent them: the latest may still be forming, prices may make no sense, and two may
   * have one open time where the venue tells two different things of it. Whoever stores them checks them first.
   */
  fetchCandles(market: Market, query: CandleQuery): Promise<Candle[]>;
  /** Oldest first. Pages may end in the middle of a millisecond; `walkTrades` reads on without loss. */
  fetchTrades(market: Market, query: TradeQuery): Promise<PublicTrade[]>;
  /** Payments that a perpetual has made, oldest first. */
  fetchFundingHistory(market: Market, query: TradeQuery): Promise<FundingPoint[]>;
  /** Of a perpetual. */
  fetchFundingRate(market: Market): Promise<FundingRate>;
}
