/** What BitMEX tells everybody. */
import type {
  Currencies,
  Dict,
  FundingRate,
  FundingRateHistory,
  FundingRates,
  Int,
  Market,
  OHLCV,
  OrderBook,
  Status,
  Str,
  Strings,
  Ticker,
  Tickers,
  Trade,
} from 'ccxt';
import { BadRequest, NullResponse } from 'ccxt';
import { BitmexBase } from './base.ts';
import { pageSizes } from './description.ts';
import { parseInstrument } from './instruments.ts';
import { bookSide, candleFields, fundingFields } from './parse-values.ts';

type Endpoint<Answer> = (params?: Dict) => Promise<Answer>;

export class BitmexPublic extends BitmexBase {
  declare publicGet: Endpoint<Dict>;
  declare publicGetFunding: Endpoint<Dict[]>;
  declare publicGetInstrument: Endpoint<Dict[]>;
  declare publicGetInstrumentActive: Endpoint<Dict[]>;
  declare publicGetOrderBookL2: Endpoint<Dict[]>;
  declare publicGetTrade: Endpoint<Dict[]>;
  declare publicGetTradeBucketed: Endpoint<Dict[]>;
  declare publicGetWalletAssets: Endpoint<Dict[]>;

  override async fetchTime(params: Dict = {}): Promise<Int> {
    return this.safeInteger(await this.publicGet(params), 'timestamp');
  }

  /** BitMEX has no page for this: that it answers is its status, and while it does not there is an error. */
  override async fetchStatus(params: Dict = {}): Promise<Status> {
    const info = await this.publicGet(params);
    return { status: 'ok', updated: this.safeInteger(info, 'timestamp'), eta: undefined, url: undefined, info };
  }

  override async fetchCurrencies(params: Dict = {}): Promise<Currencies> {
    const assets = await this.publicGetWalletAssets(params);
    const currencies = Object.values(assets).map((asset) => {
      const scale = this.safeString(asset, 'scale');
      return this.safeCurrencyStructure({
        id: this.safeString(asset, 'asset'),
        code: this.safeCurrencyCode(this.safeString(asset, 'asset')),
        name: this.safeString(asset, 'name'),
        active: asset.enabled,
        precision: scale === undefined ? undefined : this.parseNumber(this.parsePrecision(scale)),
        info: asset,
      });
    });
    return this.indexBy(currencies, 'code');
  }

  override async fetchMarkets(params: Dict = {}): Promise<Market[]> {
    const instruments = await this.publicGetInstrumentActive(params);
    return instruments.flatMap((instrument) => {
      const market = parseInstrument(this, instrument);
      return market === undefined ? [] : [this.safeMarketStructure(market)];
    });
  }

  override async fetchTicker(symbol: string, params: Dict = {}): Promise<Ticker> {
    return this.parseTicker(await this.#instrument(symbol, params), this.market(symbol));
  }

  override async fetchTickers(symbols?: Strings, params: Dict = {}): Promise<Tickers> {
    await this.loadMarkets();
    const wanted = this.marketSymbols(symbols);
    const instruments = await this.publicGetInstrumentActive(params);
    return this.parseTickers(this.#ofMarkets(instruments), wanted);
  }

  override async fetchOrderBook(symbol: string, limit?: Int, params: Dict = {}): Promise<OrderBook> {
    await this.loadMarkets();
    const market = this.market(symbol);
    const depth = limit === undefined ? {} : { depth: limit };
    const levels = await this.publicGetOrderBookL2({ symbol: market.id, ...depth, ...params });
    const timestamp = this.parse8601(this.safeString(levels[0], 'timestamp'));
    return {
      symbol: market.symbol,
      bids: bookSide(this, levels, { market, side: 'Buy' }),
      asks: bookSide(this, levels, { market, side: 'Sell' }),
      timestamp,
      datetime: this.iso8601(timestamp),
      nonce: undefined,
    } as OrderBook;
  }

  override async fetchTrades(symbol: string, since?: Int, limit?: Int, params: Dict = {}): Promise<Trade[]> {
    await this.loadMarkets();
    const market = this.market(symbol);
    const range = this.rangeOf(since, limit, pageSizes.trades);
    const trades = await this.publicGetTrade({ symbol: market.id, ...range, ...params });
    return this.parseTrades(trades, market, since, limit);
  }

  override async fetchOHLCV(
    symbol: string,
    timeframe = '1m',
    since?: Int,
    limit?: Int,
    params: Dict = {},
  ): Promise<OHLCV[]> {
    await this.loadMarkets();
    const market = this.market(symbol);
    const binSize = this.safeString(this.timeframes, timeframe);
    if (binSize === undefined) throw new BadRequest(`${this.id} has no candles of ${timeframe}`);
    const durationMs = this.parseTimeframe(timeframe) * 1_000;
    const range = this.rangeOf(since === undefined ? undefined : since + durationMs, limit, pageSizes.trades);
    const bins = await this.publicGetTradeBucketed({ symbol: market.id, binSize, ...range, ...params });
    const candles = bins.map((bin) => this.parseOHLCV({ ...bin, durationMs }));
    return this.filterBySinceLimit(this.sortBy(candles, 0), since, limit, 0);
  }

  /** @param bin with its length as `durationMs` */
  override parseOHLCV(bin: Dict): OHLCV {
    return candleFields(this, bin, this.safeInteger(bin, 'durationMs', 0)) as OHLCV;
  }

  override async fetchFundingRate(symbol: string, params: Dict = {}): Promise<FundingRate> {
    return fundingFields(this, await this.#instrument(symbol, params), this.market(symbol)) as FundingRate;
  }

  override async fetchFundingRates(symbols?: Strings, params: Dict = {}): Promise<FundingRates> {
    await this.loadMarkets();
    const instruments = await this.publicGetInstrumentActive(params);
    const rates = this.#ofMarkets(instruments)
      .filter((instrument) => this.safeString(instrument, 'fundingRate') !== undefined)
      .map((instrument) => fundingFields(this, instrument, this.safeMarket(this.safeString(instrument, 'symbol'))));
    return this.filterByArray(rates, 'symbol', this.marketSymbols(symbols));
  }

  override async fetchFundingRateHistory(
    symbol?: Str,
    since?: Int,
    limit?: Int,
    params: Dict = {},
  ): Promise<FundingRateHistory[]> {
    await this.loadMarkets();
    const market = symbol === undefined ? undefined : this.market(symbol);
    const only = market === undefined ? {} : { symbol: market.id };
    const range = this.rangeOf(since, limit, pageSizes.orders);
    const entries = await this.publicGetFunding({ ...only, ...range, ...params });
    const rates = entries.map((info) => {
      const timestamp = this.parse8601(this.safeString(info, 'timestamp'));
      return {
        info,
        symbol: this.safeSymbol(this.safeString(info, 'symbol'), market),
        fundingRate: this.safeNumber(info, 'fundingRate'),
        timestamp,
        datetime: this.iso8601(timestamp),
      };
    });
    return this.filterBySymbolSinceLimit(this.sortBy(rates, 'timestamp'), market?.symbol, since, limit);
  }

  /** From a time on, oldest first; without one the newest. */
  protected rangeOf(since: Int, limit: Int, countMax: number): Dict {
    const count = Math.min(limit ?? countMax, countMax);
    return since === undefined ? { count, reverse: true } : { count, startTime: this.iso8601(since) };
  }

  async #instrument(symbol: string, params: Dict): Promise<Dict> {
    await this.loadMarkets();
    const [instrument] = await this.publicGetInstrument({ symbol: this.market(symbol).id, ...params });
    if (instrument === undefined) throw new NullResponse(`${this.id} shows nothing for ${symbol}`);
    return instrument;
  }

  /** Indices and options are among the instruments, and are no markets here. */
  #ofMarkets(instruments: Dict[]): Dict[] {
    return instruments.filter(({ symbol }) => symbol in (this.markets_by_id ?? {}));
  }
}
