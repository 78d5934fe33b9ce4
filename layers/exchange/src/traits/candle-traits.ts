/**
 * What venues tell in candles beyond what ccxt keeps of them, in which unit, and how much of the past they tell.
 *
 * ccxt keeps six numbers of a candle. The places below are those of the venue's own row, as its documentation and the comments
 * and code of `parseOHLCV` of ccxt 4.5.84 have them. What neither says is left out: absent is not wrong.
 */
import type { HistoryTerms, Market, MarketHistory, TradeQuery } from '@nightdesk/core';
import type { CallParameters } from '../venue-client.ts';

/** A place of a list, or a name of an object. */
export type RowPlace = number | string;

export interface CandleRow {
  /**
   * What the volume counts, and where it is, if not where ccxt takes it from. Absent where nobody has found out: then it is
   * believed on spot, where ccxt means base asset, and where a contract is one of base asset.
   */
  volume?: { unit: 'base' | 'contracts'; at?: RowPlace };
  quoteVolume?: RowPlace;
  /** Weighted by volume: with the volume it gives the quote volume of venues that tell none, as exactly as it is told. */
  averagePrice?: RowPlace;
  /** How many there were. */
  trades?: RowPlace;
}

/** What decides over it. */
export type CandleMarket = Pick<Market, 'kind' | 'contractType'>;

export interface TradeQuestion {
  /** Absent where the venue knows no such thing: ccxt would refuse it, or answer with nothing. */
  sinceMs?: number | undefined;
  parameters?: CallParameters;
}

export interface CandleTraits {
  candleRow(market: CandleMarket): CandleRow;
  /** Where ccxt's `features` say nothing, or something else than its code does. */
  history(market: CandleMarket): { [Kind in keyof MarketHistory]?: HistoryTerms };
  tradeQuestion(query: TradeQuery): TradeQuestion;
  /** Who asks for a time further back than so many candles is refused, whatever else was asked for. */
  candlesBackMax?: number;
  /** Candles that open at other times than those of UTC, or of no week that begins on Monday: they are not offered. */
  oddTimeframes: readonly string[];
  /** Where the venue's own payment of funding has the price that it was reckoned with. */
  fundingMarkPrice?: string;
}

export const defaultCandleTraits: CandleTraits = {
  candleRow: () => ({}),
  history: () => ({}),
  tradeQuestion: ({ sinceMs }) => ({ sinceMs }),
  oddTimeframes: [],
};

const isInverse = ({ contractType }: CandleMarket): boolean => contractType !== undefined && contractType !== 'linear';
const all = { reach: 'all' } as const;
/** What is after it is of this millisecond or later, whether or not a venue tells what is of that very time. */
const nanosecondBefore = (atMs: number): string => String(BigInt(atMs) * 1_000_000n - 1n);
/** These tell the latest only, and ccxt asks for those whatever the time. */
const latest = (count: number): HistoryTerms => ({ pageSize: count, reach: { latest: count } });
const withoutTime = (): TradeQuestion => ({});

/**
 * https://developers.binance.com/docs/binance-spot-api-docs/rest-api/market-data-endpoints#klinecandlestick-data and, of
 * contracts, https://developers.binance.com/docs/derivatives/usds-margined-futures/market-data/rest-api/Kline-Candlestick-Data:
 * on contracts paid in coins the volume is a number of contracts, and what follows it base asset, which ccxt takes. It asks for no
 * more than 1000 anywhere. Aggregate trades: those of an hour from a time on, or those from an id on.
 * https://developers.binance.com/docs/derivatives/usds-margined-futures/market-data/rest-api/Get-Funding-Rate-History
 */
const binance: CandleTraits = {
  ...defaultCandleTraits,
  candleRow: (market) =>
    isInverse(market)
      ? { volume: { unit: 'contracts', at: 5 }, trades: 8 }
      : { volume: { unit: 'base' }, quoteVolume: 7, trades: 8 },
  history: () => ({
    candles: { pageSize: 1_000, ...all },
    trades: { pageSize: 1_000, ...all, spanMsMax: 3_600_000, goesOnById: true },
    funding: { pageSize: 1_000, ...all },
  }),
  tradeQuestion: ({ sinceMs, afterId }) =>
    afterId !== undefined && /^\d+$/.test(afterId)
      ? { parameters: { fromId: String(BigInt(afterId) + 1n) } }
      : { sinceMs },
  fundingMarkPrice: 'markPrice',
};

/**
 * https://docs.kraken.com/api-reference/market-data/get-ohlc-data: the latest 720 whatever the time, and the one still open.
 * https://docs.kraken.com/api-reference/market-data/get-recent-trades: from a nanosecond on, 1000 at a time; ccxt would ask for a
 * whole second, in which there may be more. Its weeks are counted from the epoch, which was a Thursday, and "2w" is 15 days.
 */
const kraken: CandleTraits = {
  ...defaultCandleTraits,
  candleRow: () => ({ volume: { unit: 'base' }, averagePrice: 5, trades: 7 }),
  history: () => ({ candles: latest(720), trades: { pageSize: 1_000, ...all } }),
  tradeQuestion: ({ sinceMs }) => ({
    sinceMs,
    ...(sinceMs !== undefined && { parameters: { since: nanosecondBefore(sinceMs) } }),
  }),
  oddTimeframes: ['1w', '2w'],
};

/**
 * https://bybit-exchange.github.io/docs/v5/market/kline: base asset and turnover in quote asset; on inverse contracts the volume is
 * in dollars, of which each contract is one, where ccxt takes the turnover.
 * https://bybit-exchange.github.io/docs/v5/market/recent-trade: 60 on spot, else 1000, without a time.
 * https://bybit-exchange.github.io/docs/v5/market/history-fund-rate: 200; ccxt asks for as long as so many payments take.
 */
const bybit: CandleTraits = {
  ...defaultCandleTraits,
  candleRow: (market) =>
    isInverse(market) ? { volume: { unit: 'contracts', at: 5 } } : { volume: { unit: 'base', at: 5 }, quoteVolume: 6 },
  history: ({ kind }) => ({
    candles: { pageSize: 1_000, ...all },
    trades: latest(kind === 'spot' ? 60 : 1_000),
    funding: { pageSize: 200, ...all, spanMsMax: 200 * 3_600_000 },
  }),
  tradeQuestion: withoutTime,
};

/**
 * https://www.okx.com/docs-v5/en/#order-book-trading-market-data-get-candlesticks: `vol` is base asset on spot and contracts
 * elsewhere, `volCcy` base asset of contracts, `volCcyQuote` quote asset. ccxt asks for a page's width from a time on, and for the
 * latest trades and payments only.
 */
const okx: CandleTraits = {
  ...defaultCandleTraits,
  candleRow: ({ kind }) => ({ volume: { unit: kind === 'spot' ? 'base' : 'contracts', at: 5 }, quoteVolume: 7 }),
  history: () => ({ candles: { pageSize: 300, ...all }, trades: latest(500), funding: latest(100) }),
  tradeQuestion: withoutTime,
};

/**
 * https://docs.cdp.coinbase.com/api-reference/advanced-trade-api/rest-api/products/get-product-candles: fewer than 350, from one
 * time to another, which ccxt makes a page's width of 300. ccxt refuses to ask for trades from a time on.
 */
const coinbase: CandleTraits = {
  ...defaultCandleTraits,
  history: () => ({ candles: { pageSize: 300, ...all }, trades: latest(1_000) }),
  tradeQuestion: withoutTime,
};

/**
 * https://www.kucoin.com/docs-new/rest/spot-trading/market-data/get-klines: volume in base asset, then turnover in quote asset. Of
 * contracts, ccxt's volume is a number of lots, which are its contracts. Trades are the latest 100. Its weeks begin on Thursday,
 * shows https://github.com/Kucoin/kucoin-api-docs/issues/350.
 */
const kucoin: CandleTraits = {
  ...defaultCandleTraits,
  candleRow: ({ kind }) =>
    kind === 'spot' ? { volume: { unit: 'base' }, quoteVolume: 6 } : { volume: { unit: 'contracts' } },
  history: ({ kind }) => ({ candles: { pageSize: kind === 'spot' ? 1_500 : 500, ...all }, trades: latest(100) }),
  tradeQuestion: withoutTime,
  oddTimeframes: ['1w'],
};

/**
 * https://www.gate.com/docs/developers/apiv4/en/#market-k-line-chart: quote asset second, base asset seventh. Futures: `v` is a
 * number of contracts and `sum` quote asset. Times more than 10,000 candles ago are refused, on futures too
 * (https://github.com/ccxt/ccxt/issues/27861), so how far back it tells depends on the timeframe: unknown here. Trades on spot are
 * the latest only. For "1w" ccxt asks for 7d, which that page counts from the epoch, a Thursday.
 */
const gate: CandleTraits = {
  ...defaultCandleTraits,
  candleRow: ({ kind }) =>
    kind === 'spot'
      ? { volume: { unit: 'base' }, quoteVolume: 1 }
      : { volume: { unit: 'contracts' }, quoteVolume: 'sum' },
  history: ({ kind }) => ({ trades: kind === 'spot' ? latest(1_000) : { pageSize: 1_000 } }),
  // A few less, since time goes on until it is answered.
  candlesBackMax: 9_990,
  oddTimeframes: ['1w'],
};

/**
 * https://www.bitget.com/api-doc/spot/market/Get-History-Candle-Data: base asset, then worth in USDT, then in quote asset.
 * https://www.bitget.com/api-doc/contract/market/Get-Candle-Data: base asset, then quote asset; ccxt takes the second of inverse
 * contracts. Older ones come 200 at a time.
 */
const bitget: CandleTraits = {
  ...defaultCandleTraits,
  candleRow: ({ kind }) => ({ volume: { unit: 'base', at: 5 }, quoteVolume: kind === 'spot' ? 7 : 6 }),
  history: () => ({ candles: { pageSize: 200, ...all }, trades: { pageSize: 1_000 }, funding: latest(100) }),
};

/**
 * https://huobiapi.github.io/docs/spot/v1/en/#get-klines-candles: `amount` is base asset and `vol` quote asset. Of contracts
 * (https://huobiapi.github.io/docs/usdt_swap/v1/en/#general-get-kline-data) `vol` is a number of contracts; with a limit they are
 * the latest, whatever the time, says ccxt's code. Days, weeks and months are those of Singapore.
 */
const htx: CandleTraits = {
  ...defaultCandleTraits,
  candleRow: ({ kind }) =>
    kind === 'spot'
      ? { volume: { unit: 'base' }, quoteVolume: 'vol', trades: 'count' }
      : { volume: { unit: 'contracts', at: 'vol' } },
  history: ({ kind }) => ({ candles: kind === 'spot' ? { pageSize: 1_000 } : latest(2_000), trades: latest(2_000) }),
  tradeQuestion: withoutTime,
  oddTimeframes: ['1d', '1w', '1M', '1y'],
};

/** https://docs.bitfinex.com/reference/rest-public-candles and rest-public-trades: 10,000, oldest first from a time on. */
const bitfinex: CandleTraits = {
  ...defaultCandleTraits,
  history: () => ({ candles: { pageSize: 10_000, ...all }, trades: { pageSize: 10_000, ...all } }),
};

/** https://www.mexc.com/api-docs/spot-v3/market-data-endpoints: quote asset eighth; 500 in practice, says ccxt's code. */
const mexc: CandleTraits = {
  ...defaultCandleTraits,
  candleRow: ({ kind }) =>
    kind === 'spot' ? { volume: { unit: 'base' }, quoteVolume: 7 } : { volume: { unit: 'contracts' } },
  history: ({ kind }) => ({ candles: { pageSize: kind === 'spot' ? 500 : 2_000 } }),
};

/**
 * https://docs.bitmex.com/api-explorer/get-trades-bucketed, by our own class: `volume` is a number of contracts, `homeNotional` base
 * asset, which the class takes, and `foreignNotional` quote asset. Of quanto contracts none of the two is what was traded.
 */
const bitmex: CandleTraits = {
  ...defaultCandleTraits,
  candleRow: ({ contractType }) => ({
    volume:
      contractType === 'inverse' || contractType === 'quanto' ? { unit: 'contracts', at: 'volume' } : { unit: 'base' },
    ...(contractType !== 'quanto' && { quoteVolume: 'foreignNotional' }),
    trades: 'trades',
  }),
  history: () => ({
    candles: { pageSize: 1_000, ...all },
    trades: { pageSize: 1_000, ...all },
    funding: { pageSize: 500, ...all },
  }),
};

/** Our own class: a page's width from a time on. */
const edgex: CandleTraits = {
  ...defaultCandleTraits,
  history: () => ({ candles: { pageSize: 1_000, ...all } }),
};

export const candleTraits: Readonly<Record<string, CandleTraits>> = {
  ...{ binance, binanceus: binance, bitfinex, bitget, bitmex, bybit, bybiteu: bybit, bybitid: bybit, coinbase, edgex },
  ...{ gate, gateeu: gate, htx, kraken, kucoin, mexc, okx, myokx: okx, okxus: okx },
};
