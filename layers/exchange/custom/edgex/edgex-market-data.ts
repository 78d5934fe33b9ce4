/** edgeX's public data. */
import {
  BadSymbol,
  type Dict,
  type Int,
  type Market,
  type MarketInterface,
  type OHLCV,
  type OrderBook,
  Precise,
  type Str,
  type Strings,
  type Ticker,
  type Tickers,
} from 'ccxt';
import { EdgexClient, type Entry, entryOf, listOf, type Parameters } from './edgex-client.ts';

/** The two depths that edgeX has a book in. */
const bookLevels = { top: 15, deep: 200 } as const;
const candlesMax = 1_000;
/** Contracts pay for one unit of their base. */
const contractSize = '1';

/** ccxt's word for what a candle is made of, in edgeX's. */
const priceTypes: Readonly<Record<string, string>> = { mark: 'ORACLE_PRICE', index: 'INDEX_PRICE' };

/** How long an oracle's price is used again, milliseconds. */
const oracleAgeMsMax = 60_000;

export class EdgexMarketData extends EdgexClient {
  readonly #oraclePrices = new Map<string, { askedMs: number; price: Promise<Str> }>();
  /** By edgeX's id: balances are in coins, and a client may know no market. */
  readonly #coinNames = new Map<string, string>();

  override async fetchTime(params: Parameters = {}): Promise<Int> {
    const { data } = await this.ask('meta/getServerTime', params);
    return this.safeInteger(entryOf(data), 'timeMillis');
  }

  /** `info` is edgeX's contract with its coin of settlement inside, which orders are signed with. */
  override async fetchMarkets(params: Parameters = {}): Promise<Market[]> {
    const { data } = await this.ask('meta/getMetaData', params);
    const { coinList, contractList } = entryOf(data);
    const coins = new Map(listOf(coinList).map((coin) => [coin.coinId, coin]));
    for (const coin of coins.values()) this.#coinNames.set(String(coin.coinId), String(coin.coinName));
    return listOf(contractList).map((contract) =>
      this.parseMarket({
        ...contract,
        baseCoin: coins.get(contract.baseCoinId),
        quoteCoin: coins.get(contract.quoteCoinId),
      }),
    );
  }

  override parseMarket(contract: Dict): Market {
    const { baseCoin, ...info } = contract;
    const quoteName = this.safeString(contract.quoteCoin, 'coinName', '');
    // Contracts are called by both coins; that is what is left where the list of coins lacks one.
    const baseName = this.safeString(baseCoin, 'coinName') ?? contract.contractName.slice(0, -quoteName.length);
    const [base, quote] = [this.safeCurrencyCode(baseName), this.safeCurrencyCode(quoteName)];
    const id = this.safeString(contract, 'contractId');
    const quoteId = this.safeString(contract, 'quoteCoinId');
    return this.safeMarketStructure({
      id,
      symbol: `${base}/${quote}:${quote}`,
      base,
      quote,
      settle: quote,
      baseId: this.safeString(contract, 'baseCoinId'),
      quoteId,
      settleId: quoteId,
      type: 'swap',
      spot: false,
      margin: false,
      swap: true,
      future: false,
      option: false,
      active: contract.enableTrade === true,
      contract: true,
      linear: true,
      inverse: false,
      contractSize: this.parseNumber(contractSize),
      maker: this.safeNumber(contract, 'defaultMakerFeeRate'),
      taker: this.safeNumber(contract, 'defaultTakerFeeRate'),
      precision: { amount: this.safeNumber(contract, 'stepSize'), price: this.safeNumber(contract, 'tickSize') },
      limits: {
        amount: { min: this.safeNumber(contract, 'minOrderSize'), max: this.safeNumber(contract, 'maxOrderSize') },
        leverage: {
          min: this.safeNumber(contract, 'displayMinLeverage'),
          max: this.safeNumber(contract, 'displayMaxLeverage'),
        },
      },
      info,
    });
  }

  override async fetchTicker(symbol: string, params: Parameters = {}): Promise<Ticker> {
    const market = await this.marketOf(symbol);
    const { data, answeredMs } = await this.ask('quote/getTicker', { contractId: market.id, ...params });
    const [entry] = listOf(data);
    if (entry === undefined) throw new BadSymbol(`${this.id} has no ticker of ${symbol}`);
    return this.parseTicker({ ...entry, answeredMs }, market);
  }

  override async fetchTickers(symbols: Strings = undefined, params: Parameters = {}): Promise<Tickers> {
    await this.loadMarkets();
    const { data, answeredMs } = await this.ask('quote/getTicker', params);
    const entries = listOf(data).map((entry) => ({ ...entry, answeredMs }));
    return this.parseTickers(entries, this.marketSymbols(symbols));
  }

  override parseTicker(entry: Dict, market?: Market): Ticker {
    const { answeredMs, ...info } = entry;
    const percentage = this.safeString(entry, 'priceChangePercent');
    return this.safeTicker(
      {
        symbol: this.safeSymbol(this.safeString(entry, 'contractId'), market),
        timestamp: answeredMs,
        datetime: this.iso8601(answeredMs),
        high: this.safeString(entry, 'high'),
        low: this.safeString(entry, 'low'),
        open: this.safeString(entry, 'open'),
        last: this.safeString(entry, 'lastPrice'),
        change: this.safeString(entry, 'priceChange'),
        // As a fraction from edgeX, as percent to ccxt.
        percentage: percentage === undefined ? undefined : Precise.stringMul(percentage, '100'),
        baseVolume: this.safeString(entry, 'size'),
        quoteVolume: this.safeString(entry, 'value'),
        markPrice: this.safeString(entry, 'oraclePrice'),
        indexPrice: this.safeString(entry, 'indexPrice'),
        info,
      },
      market,
    );
  }

  /**
   * In edgeX's order: ccxt's own sorting would compare prices as texts where numbers are texts. The cast leaves out
   * `copy`, which ccxt declares and its venues do not have either.
   */
  override async fetchOrderBook(symbol: string, limit?: Int, params: Parameters = {}): Promise<OrderBook> {
    const market = await this.marketOf(symbol);
    const level = (limit ?? 0) > bookLevels.top ? bookLevels.deep : bookLevels.top;
    const query = { contractId: market.id, level: String(level), ...params };
    const { data, answeredMs } = await this.ask('quote/getDepth', query);
    const [book] = listOf(data);
    if (book === undefined) throw new BadSymbol(`${this.id} has no book of ${symbol}`);
    const side = (levels: unknown) =>
      listOf(levels)
        .slice(0, limit)
        .map((entry) => [this.safeNumber(entry, 'price'), this.safeNumber(entry, 'size')]);
    return {
      symbol,
      bids: side(book.bids),
      asks: side(book.asks),
      timestamp: answeredMs,
      datetime: this.iso8601(answeredMs),
      nonce: this.safeInteger(book, 'endVersion'),
    } as unknown as OrderBook;
  }

  /** `params.price` `mark` or `index` for candles of those prices; `params.until` for the end. */
  override async fetchOHLCV(
    symbol: string,
    timeframe = '1m',
    since?: Int,
    limit: Int = candlesMax,
    params: Parameters = {},
  ): Promise<OHLCV[]> {
    const market = await this.marketOf(symbol);
    const { price, until, ...rest } = params;
    const size = Math.min(limit, candlesMax);
    // edgeX counts from the end, so the end is what keeps the page at its start.
    const endMs = until ?? (since === undefined ? undefined : since + size * this.parseTimeframe(timeframe) * 1_000);
    const { data } = await this.ask('quote/getKline', {
      contractId: market.id,
      priceType: priceTypes[String(price)] ?? 'LAST_PRICE',
      klineType: this.safeString(this.timeframes, timeframe, timeframe),
      size: String(size),
      ...(since !== undefined && { filterBeginKlineTimeInclusive: String(since) }),
      ...(endMs !== undefined && { filterEndKlineTimeExclusive: String(endMs) }),
      ...rest,
    });
    return this.parseOHLCVs(listOf(entryOf(data).dataList), market, timeframe, since, limit);
  }

  override parseOHLCV(candle: Entry): OHLCV {
    return [
      this.safeInteger(candle, 'klineTime'),
      this.safeNumber(candle, 'open'),
      this.safeNumber(candle, 'high'),
      this.safeNumber(candle, 'low'),
      this.safeNumber(candle, 'close'),
      this.safeNumber(candle, 'size'),
    ];
  }

  /** Asks for all of them once, when one is not known. */
  protected async coinCode(coinId: string): Promise<Str> {
    if (!this.#coinNames.has(coinId)) await this.fetchMarkets();
    return this.safeCurrencyCode(this.#coinNames.get(coinId) ?? coinId);
  }

  /**
   * For what needs only the magnitude of a price: asked for once a minute however many orders want it, for edgeX lets
   * few requests through.
   */
  protected async recentOraclePrice({ symbol }: MarketInterface): Promise<Str> {
    const known = this.#oraclePrices.get(symbol);
    const nowMs = this.milliseconds();
    if (known !== undefined && nowMs - known.askedMs <= oracleAgeMsMax) return known.price;
    const price = this.fetchTicker(symbol).then(({ info }) => this.safeString(info, 'oraclePrice'));
    this.#oraclePrices.set(symbol, { askedMs: nowMs, price });
    price.catch(() => this.#oraclePrices.delete(symbol));
    return price;
  }

  protected async marketOf(symbol: Str): Promise<MarketInterface> {
    await this.loadMarkets();
    return this.market(symbol);
  }
}
