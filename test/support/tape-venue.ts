/**
 * A venue that tells the past: of every minute three trades, and candles that add up to them. It can be told to have traded nothing,
 * to lose candles, to change them, to fail. Its tape is the independent truth that a test compares what was collected with.
 */
import {
  amount,
  type Candle,
  type CandleQuery,
  type FundingPoint,
  type HistoryTerms,
  type Market,
  type MarketHistory,
  nextOpenTime,
  notional,
  openTimeOf,
  type PublicTrade,
  price,
  type Ticker,
  type TradeQuery,
  timeframeMs,
  type VenueCapabilities,
  VenueError,
  type VenueId,
} from '@nightdesk/core';
import type { CollectVenue } from '@nightdesk/functions/collect-candles/round.ts';
import { fakeFundingHistory } from './fake-market-data.ts';

const minuteMs = 60_000;

export interface TapeVenueOptions {
  venue: string;
  nowMs(): number;
  /** @default from the beginning of time */
  listedFromMs?: number;
  /** @default 100 candles a page, of any time */
  candles?: HistoryTerms;
  /** @default 1,000 trades a page, of any time */
  trades?: HistoryTerms;
  /** @default 100 payments a page, of any time */
  funding?: HistoryTerms;
}

/** Whole numbers from 0 up to 999, the same every time. */
function chance(...seeds: number[]): number {
  let hash = 0x811c9dc5;
  for (const seed of seeds) hash = Math.imul(hash ^ (seed % 0x7fffffff), 0x01000193) ^ (seed >>> 7);
  return (hash >>> 0) % 1_000;
}

export class TapeVenue implements CollectVenue {
  readonly venue: VenueId;
  readonly capabilities: VenueCapabilities = {
    methods: { fetchOHLCV: true, fetchTrades: true },
    requiredCredentials: [],
    timeframes: ['1m', '1h', '1d'],
    rateLimitMs: 1,
  };
  /** Open times of minutes without a trade, by symbol. */
  readonly quiet = new Map<string, Set<number>>();
  /** Open times of minutes whose candles the venue does not tell, though there were trades. */
  readonly lost = new Map<string, Set<number>>();
  /** Changes what is told. */
  spoil: (candle: Candle, symbol: string) => Candle = (candle) => candle;
  /** Throws for what is to fail. */
  fail: (symbol: string) => VenueError | undefined = () => undefined;
  questions = 0;
  readonly #options: TapeVenueOptions;

  constructor(options: TapeVenueOptions) {
    this.#options = options;
    this.venue = options.venue as VenueId;
  }

  historyOf(): MarketHistory {
    const { candles = {}, trades = {}, funding = {} } = this.#options;
    return {
      candles: { pageSize: 100, reach: 'all', ...candles },
      trades: { pageSize: 1_000, reach: 'all', ...trades },
      funding: { pageSize: 100, reach: 'all', ...funding },
    };
  }

  async fetchCandles({ symbol }: Market, { timeframe, sinceMs = 0, limit }: CandleQuery): Promise<Candle[]> {
    this.#ask(symbol);
    const nowMs = this.#options.nowMs();
    const { reach } = this.historyOf().candles;
    const earliestMs = typeof reach === 'object' ? nowMs - reach.latest * (timeframeMs(timeframe) ?? 0) : 0;
    const told: Candle[] = [];
    const fromMs = openTimeOf(timeframe, Math.max(sinceMs, earliestMs, this.#listedFromMs) - 1);
    for (let openMs = nextOpenTime(timeframe, fromMs); openMs <= nowMs && told.length < limit; ) {
      const candle = this.candleOf(symbol, timeframe, openMs);
      const isLost = timeframe === '1m' && this.lost.get(symbol)?.has(openMs);
      if (candle !== undefined && !isLost) told.push(this.spoil(candle, symbol));
      openMs = nextOpenTime(timeframe, openMs);
    }
    return told;
  }

  async fetchTrades({ symbol }: Market, { sinceMs = 0, limit }: TradeQuery): Promise<PublicTrade[]> {
    this.#ask(symbol);
    const nowMs = this.#options.nowMs();
    const told: PublicTrade[] = [];
    for (let openMs = openTimeOf('1m', sinceMs); openMs <= nowMs && told.length < limit; openMs += minuteMs) {
      told.push(...this.#tradesOf(symbol, openMs).filter(({ atMs }) => atMs >= sinceMs && atMs <= nowMs));
    }
    return told.slice(0, limit);
  }

  async fetchFundingHistory({ symbol }: Market, query: TradeQuery): Promise<FundingPoint[]> {
    this.#ask(symbol);
    return fakeFundingHistory(query, this.#options.nowMs());
  }

  async fetchTickers(markets: readonly Market[]): Promise<Ticker[]> {
    for (const { symbol } of markets) this.#ask(symbol);
    return markets.map(({ symbol }) => ({ symbol, quoteVolume: notional(String(1_000 - symbol.length)) }));
  }

  /** What really happened in a minute, an hour or a day; `undefined` where nothing was traded. */
  candleOf(symbol: string, timeframe: string, openMs: number): Candle | undefined {
    const trades: PublicTrade[] = [];
    const toMs = nextOpenTime(timeframe, openMs);
    for (let atMs = openMs; atMs < toMs; atMs += minuteMs) trades.push(...this.#tradesOf(symbol, atMs));
    const [first] = trades;
    if (first === undefined) return undefined;
    const values = trades.map((trade) => Number(trade.price));
    const turnover = trades.reduce((sum, trade) => sum + Number(trade.price) * Number(trade.amount), 0);
    return {
      openTimeMs: openMs,
      ...{ open: first.price, close: trades.at(-1)?.price ?? first.price },
      ...{ high: price(String(Math.max(...values))), low: price(String(Math.min(...values))) },
      volume: amount(String(trades.length / 2)),
      quoteVolume: notional(String(turnover)),
      trades: trades.length,
    };
  }

  /** Open times of the candles that there are in a span, lost ones too. */
  opensIn(symbol: string, { fromMs, toMs }: { fromMs: number; toMs: number }): number[] {
    const opens: number[] = [];
    for (let openMs = fromMs; openMs < toMs; openMs += minuteMs) {
      if (this.#tradesOf(symbol, openMs).length > 0) opens.push(openMs);
    }
    return opens;
  }

  get #listedFromMs(): number {
    return this.#options.listedFromMs ?? 60_000;
  }

  #ask(symbol: string): void {
    this.questions += 1;
    const error = this.fail(symbol);
    if (error !== undefined) throw error;
  }

  /** Three of a half each, at prices that are told exactly by a float. */
  #tradesOf(symbol: string, openMs: number): PublicTrade[] {
    if (openMs < this.#listedFromMs || this.quiet.get(symbol)?.has(openMs)) return [];
    const minute = openMs / minuteMs;
    return [1, 20, 40].map((second, index) => ({
      tradeId: String(minute * 3 + index),
      side: index === 1 ? 'sell' : 'buy',
      price: price(String(100 + chance(minute, index, symbol.length) / 8)),
      amount: amount('0.5'),
      atMs: openMs + second * 1_000,
    }));
  }
}

export const venueFailure = (venue: string, code: string): VenueError =>
  new VenueError(venue, `${code}: it does not answer`, { code });
