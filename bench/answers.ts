/** Answers of the simulated Binance, each with the way ccxt parses it and the way our mappers map what came of that. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Market, VenueId } from '@nightdesk/core';
import { rebaseUrls } from '@nightdesk/exchange/base-url.ts';
import { mapBook } from '@nightdesk/exchange/map-book.ts';
import { mapCandles } from '@nightdesk/exchange/map-candle.ts';
import { mapMarkets } from '@nightdesk/exchange/map-market.ts';
import { mapOrder } from '@nightdesk/exchange/map-order.ts';
import { mapTicker } from '@nightdesk/exchange/map-ticker.ts';
import { mapTrades } from '@nightdesk/exchange/map-trade.ts';
import type { binance, Dict } from 'ccxt';

export interface AnswerSource {
  /** The folder `venues` of the layer. */
  directory: string;
  simulatorUrl: string;
  apiKey: string;
  secret: string;
}

export interface Answer {
  /** What it holds, in the plural. */
  name: string;
  /** How many of them. */
  count: number;
  parse(): unknown;
  /** Maps what `parse` made of it once. */
  map(): unknown;
}

interface Asked {
  client: binance;
  markets: ReadonlyMap<string, Market>;
  /** The one that questions about a single market name. */
  market: Market;
}

const venue = 'binance' as VenueId;
const symbol = 'BTC/USDT';
/** The most that Binance puts into one answer. */
const limit = 1_000;
const ordersCount = 20;
const timeframe = '1m';

/** Asks the venue once for each kind of answer. @throws Error when it refuses or something can not be mapped */
export async function fetchAnswers(source: AnswerSource): Promise<Answer[]> {
  const client = await openClient(source);
  const exchangeInfo = (await client.publicGetExchangeInfo()) as { symbols: Dict[] };
  const parseMarkets = () => exchangeInfo.symbols.map((listed) => client.parseMarket(listed));
  const parsedMarkets = parseMarkets();
  client.setMarkets(parsedMarkets);
  const mapParsed = () => mapMarkets(venue, parsedMarkets, Number(client.precisionMode));
  const markets = new Map(mapParsed().markets.map((market) => [market.symbol, market]));
  const market = markets.get(symbol);
  if (market === undefined) throw new Error(`the simulated venue does not list ${symbol}`);
  const asked = { client, markets, market };
  return [
    await orders(asked),
    await trades(asked),
    await tickers(asked),
    await book(asked),
    await candles(asked),
    { name: 'markets', count: parsedMarkets.length, parse: parseMarkets, map: mapParsed },
  ];
}

/** Numbers stay texts, as in production; what is sent does not wait. */
async function openClient({ directory, simulatorUrl, apiKey, secret }: AnswerSource): Promise<binance> {
  const file = pathToFileURL(join(directory, 'rest', `${venue}.js`)).href;
  const { default: Venue } = (await import(file)) as { default: typeof binance };
  // Parsing a market looks up which pairs are lent for; that costs requests of its own, and no answer here is about it.
  const options = { crossMarginPairsData: [], isolatedMarginPairsData: [] };
  const client = new Venue({ apiKey, secret, number: String, enableRateLimit: false, options });
  client.urls = { ...client.urls, api: rebaseUrls(client.urls.api, simulatorUrl).urls as Dict };
  return client;
}

/** Each with its fills, as Binance answers to a market order. */
async function orders({ client, market }: Asked): Promise<Answer> {
  const raw: Dict[] = [];
  for (let index = 0; index < ordersCount; index++) {
    const request = {
      symbol: market.venueSymbol,
      side: index % 2 === 0 ? 'BUY' : 'SELL',
      type: 'MARKET',
      quantity: '0.5',
    };
    raw.push(await client.privatePostOrder({ ...request, newOrderRespType: 'FULL' }));
  }
  const ccxtMarket = client.market(symbol);
  const parse = () => raw.map((order) => client.parseOrder(order, ccxtMarket));
  const parsed = parse();
  return { name: 'orders', count: raw.length, parse, map: () => parsed.map((order) => mapOrder(order, market)) };
}

async function trades({ client, market }: Asked): Promise<Answer> {
  const raw = await client.publicGetTrades({ symbol: market.venueSymbol, limit });
  const ccxtMarket = client.market(symbol);
  const parse = () => client.parseTrades(raw, ccxtMarket);
  const parsed = parse();
  return { name: 'trades', count: parsed.length, parse, map: () => mapTrades(parsed, market) };
}

/** Of all markets at once. */
async function tickers({ client, markets }: Asked): Promise<Answer> {
  const raw = (await client.publicGetTicker24hr()) as Dict[];
  const parse = () => raw.map((ticker) => client.parseTicker(ticker));
  const parsed = parse().flatMap((ticker) => {
    const market = markets.get(ticker.symbol ?? '');
    return market === undefined ? [] : [{ ticker, market }];
  });
  if (parsed.length < raw.length)
    throw new Error(`${raw.length - parsed.length} tickers are of no market that is listed`);
  return {
    name: 'tickers',
    count: raw.length,
    parse,
    map: () => parsed.map(({ ticker, market }) => mapTicker(ticker, market)),
  };
}

async function book({ client, market }: Asked): Promise<Answer> {
  const raw = await client.publicGetDepth({ symbol: market.venueSymbol, limit });
  const parse = () => client.parseOrderBook(raw, symbol);
  const parsed = parse();
  const count = parsed.bids.length + parsed.asks.length;
  return { name: 'book levels', count, parse, map: () => mapBook(parsed, market, limit) };
}

async function candles({ client, market }: Asked): Promise<Answer> {
  const raw = await client.publicGetKlines({ symbol: market.venueSymbol, interval: timeframe, limit });
  const ccxtMarket = client.market(symbol);
  const parse = () => client.parseOHLCVs(raw, ccxtMarket, timeframe);
  const parsed = parse();
  return { name: 'candles', count: parsed.length, parse, map: () => mapCandles(parsed, market) };
}
