/** What ccxt hands over of streams other than books, in Nightdesk's words. What cannot be read throws `UnparsableAnswerError`. */
import type { LiveCandle, LiveFunding, LiveLiquidation, LiveTicker, LiveTrade, Market } from '@nightdesk/core';
import { fromContracts } from '../contract-amounts.ts';
import { Fields, present, UnparsableAnswerError } from '../fields.ts';
import { mapFundingRate } from '../map-funding-rate.ts';
import { mapTicker } from '../map-ticker.ts';
import { mapTrades } from '../map-trade.ts';

interface Cache extends ReadonlyArray<unknown> {
  clear?(): void;
  /** How many were added since this was asked last. */
  getLimit?(symbol: string | undefined, limit: number | undefined): number | undefined;
}

const symbolOf = (value: unknown): unknown => (value as { symbol?: unknown } | undefined)?.symbol;

/** The entries of ccxt's cache that its latest message brought, and how many of them it had no room for. */
function newOf(value: unknown, symbol: string): { found: readonly unknown[]; missedCount: number } {
  if (!Array.isArray(value)) throw new UnparsableAnswerError('trades', 'trades', 'no list');
  const cache: Cache = value;
  const told = cache.getLimit?.(symbol, undefined);
  const count = told ?? cache.length;
  // Taken by one rather than by `slice`, which makes an array of ccxt's own costly class.
  const found: unknown[] = [];
  for (let place = cache.length - 1; place >= 0 && found.length < count; place--) {
    const entry = cache[place];
    if (symbolOf(entry) === symbol) found.push(entry);
  }
  // Nothing is kept twice, and nothing is pushed out of the cache entry by entry. One that has others' entries as well is left alone.
  if (found.length === cache.length) cache.clear?.();
  return { found: found.reverse(), missedCount: told === undefined ? 0 : told - found.length };
}

/** Trades that are told again, as they are after a reconnect, within the latest so many of a market, or of one answer if that is longer. */
const rememberedMin = 256;
const rememberedMax = 4_096;

/** Tells each trade of one market once. */
export class TradeReader {
  readonly #market: Market;
  readonly #told = new Set<string>();
  #rememberedCount = rememberedMin;
  /** Trades of the latest message that ccxt had no room for. */
  missedCount = 0;
  /** Of trades without ids: those of a new connection that are no later are taken for the same. */
  #latestMs = 0;
  #sinceMs = 0;

  constructor(market: Market) {
    this.#market = market;
  }

  /** Another connection begins, and may tell of trades again. */
  reconnected(): void {
    this.#sinceMs = this.#latestMs;
  }

  read(value: unknown, receivedMs: number): LiveTrade[] {
    const { symbol } = this.#market;
    const { found, missedCount } = newOf(value, symbol);
    this.missedCount = missedCount;
    this.#rememberedCount = Math.min(rememberedMax, Math.max(this.#rememberedCount, found.length));
    const trades: LiveTrade[] = [];
    for (const trade of mapTrades(found, this.#market)) {
      const { tradeId } = trade;
      if (tradeId === undefined ? trade.atMs <= this.#sinceMs : this.#told.has(tradeId)) continue;
      if (tradeId !== undefined) this.#remember(tradeId);
      this.#latestMs = Math.max(this.#latestMs, trade.atMs);
      trades.push({ ...trade, symbol, receivedMs });
    }
    return trades;
  }

  #remember(tradeId: string): void {
    this.#told.add(tradeId);
    if (this.#told.size <= this.#rememberedCount) return;
    for (const oldest of this.#told) {
      this.#told.delete(oldest);
      break;
    }
  }
}

const numberOf = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text));

/** Of one market, or of several by their symbols; `undefined` where this one is not among them. */
function tickerOf(value: unknown, symbol: string): unknown {
  const told = symbolOf(value);
  return told === undefined ? (value as Record<string, unknown>)[symbol] : told === symbol ? value : undefined;
}

export function readTicker(value: unknown, market: Market, receivedMs: number): LiveTicker | undefined {
  const told = tickerOf(value, market.symbol);
  if (told === undefined) return undefined;
  const ticker = mapTicker(told, market);
  return {
    symbol: market.symbol,
    ...present({
      bid: numberOf(ticker.bid),
      bidSize: numberOf(ticker.bidAmount),
      ask: numberOf(ticker.ask),
      askSize: numberOf(ticker.askAmount),
      last: numberOf(ticker.last),
      exchangeTimeMs: ticker.atMs,
    }),
    receivedMs,
  };
}

/** @param fields where the venue's own words have what ccxt leaves out */
export function readFunding(
  value: unknown,
  market: Market,
  { fields, receivedMs }: { fields: Readonly<Record<string, string>>; receivedMs: number },
): LiveFunding | undefined {
  const told = tickerOf(value, market.symbol);
  if (told === undefined) return undefined;
  const answer = new Fields('funding rate', told);
  const exchangeTimeMs = answer.optionalTimeMs('timestamp');
  const { rate, nextAt, mark } = fields;
  const own = answer.optionalFields('info');
  const { fundingRate, ...rest } =
    rate === undefined || own === undefined
      ? (told as { fundingRate?: unknown })
      : { fundingRate: own.value(rate), fundingTimestamp: own.value(nextAt ?? ''), markPrice: own.value(mark ?? '') };
  // Messages that tell what has changed may leave it out.
  if (fundingRate === undefined || fundingRate === '') return undefined;
  const mapped = mapFundingRate({ fundingRate, ...rest }, market);
  return {
    ...{ symbol: market.symbol, rate: mapped.rate, receivedMs },
    ...present({ nextAtMs: mapped.nextAtMs, markPrice: mapped.markPrice, exchangeTimeMs }),
  };
}

export function readLiquidations(value: unknown, market: Market, receivedMs: number): LiveLiquidation[] {
  const list = Array.isArray(value) ? value : [value];
  return list
    .filter((each) => symbolOf(each) === market.symbol)
    .map((each) => {
      const fields = new Fields('liquidation', each);
      const contracts = fields.optionalQuantity('contracts');
      return {
        ...{ symbol: market.symbol, price: fields.price('price'), atMs: fields.timeMs('timestamp'), receivedMs },
        ...present({
          side: fields.optionalWord('side', ['buy', 'sell']),
          amount: contracts === undefined ? undefined : fromContracts(contracts, market),
        }),
      };
    });
}

const candlePlaces = ['openTimeMs', 'open', 'high', 'low', 'close', 'volume'] as const;

/**
 * The candle that is forming, and the one before it where a new one has just begun: its last state may have come with the same
 * message.
 */
export class CandleReader {
  readonly #market: Market;
  readonly #timeframe: string;
  readonly #countsBase: boolean;
  #latestMs = 0;

  /** @param countsBase the venue counts volumes in base asset, whatever a contract is */
  constructor(market: Market, { timeframe, countsBase }: { timeframe: string; countsBase: boolean }) {
    this.#market = market;
    this.#timeframe = timeframe;
    this.#countsBase = countsBase;
  }

  /** @param value a list of candles, or market, timeframe and list */
  read(value: unknown, receivedMs: number): LiveCandle[] {
    const list: unknown = Array.isArray(value) && typeof value[0] === 'string' ? value[2] : value;
    if (!Array.isArray(list)) throw new UnparsableAnswerError('candles', 'candles', 'no list');
    const latest = this.#candle(list.at(-1), receivedMs);
    const before = list.length > 1 && this.#latestMs !== 0 && latest.openTimeMs > this.#latestMs;
    this.#latestMs = Math.max(this.#latestMs, latest.openTimeMs);
    return before ? [this.#candle(list.at(-2), receivedMs), latest] : [latest];
  }

  #candle(row: unknown, receivedMs: number): LiveCandle {
    const values = Array.isArray(row) ? row : [];
    const fields = new Fields('candle', Object.fromEntries(candlePlaces.map((name, place) => [name, values[place]])));
    const read = (name: (typeof candlePlaces)[number]): number => Number(fields.decimal(name));
    const volume = fields.optionalQuantity('volume') ?? '0';
    return {
      ...{ symbol: this.#market.symbol, timeframe: this.#timeframe, openTimeMs: fields.timeMs('openTimeMs') },
      ...{ open: read('open'), high: read('high'), low: read('low'), close: read('close') },
      volume: Number(this.#countsBase ? volume : fromContracts(volume, this.#market)),
      receivedMs,
    };
  }
}
