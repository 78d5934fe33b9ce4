/** Public data of a venue. */
import {
  type Candle,
  type CandleQuery,
  type FundingPoint,
  firstOpenFrom,
  type Market,
  type MarketDataPort,
  type MarketHistory,
  type OrderBook,
  type Price,
  type PublicTrade,
  type Side,
  type Ticker,
  type TradeQuery,
  timeframeMs,
  VenueError,
} from '@nightdesk/core';
import { askVenue, type VenueContext } from './ask-venue.ts';
import { Fields, listOf } from './fields.ts';
import { mapBook } from './map-book.ts';
import { mapCandles } from './map-candle.ts';
import { mapFundingPoints, mapFundingRate } from './map-funding-rate.ts';
import { mapMarkets, type SkippedMarket } from './map-market.ts';
import { mapTicker } from './map-ticker.ts';
import { mapTrades } from './map-trade.ts';
import { timeframesOf } from './status.ts';
import { offers, type VenueClient } from './venue-client.ts';

const monthMsMin = 28 * 86_400_000;
/** Levels asked for where only the best price is wanted. */
const pricedLevels = 5;

export type OnSkippedMarkets = (skipped: readonly SkippedMarket[]) => void;

export function createMarketData(context: VenueContext, onSkipped?: OnSkippedMarkets): MarketDataPort {
  return {
    fetchMarkets: () => fetchMarkets(context, onSkipped),
    fetchPrice: (market, side) => fetchPrice(context, market, side),
    fetchOrderBook: (market, depthMax) => fetchOrderBook(context, market, depthMax),
    fetchTicker: (market) => fetchTicker(context, market),
    fetchTickers: (markets) => fetchTickers(context, markets),
    historyOf: (market) => historyOf(context, market),
    fetchCandles: (market, query) => fetchCandles(context, market, query),
    fetchTrades: (market, query) => fetchTrades(context, market, query),
    fetchFundingHistory: (market, query) => fetchFundingHistory(context, market, query),
    fetchFundingRate: (market) =>
      askVenue(context, {
        method: 'fetchFundingRate',
        ask: () => context.session.use(market).fetchFundingRate(market.symbol),
        read: (answer) => mapFundingRate(answer, market),
      }),
  };
}

async function fetchMarkets(context: VenueContext, onSkipped?: OnSkippedMarkets): Promise<Market[]> {
  const { venue, session } = context;
  const { markets, skipped } = await askVenue(context, {
    method: 'fetchMarkets',
    ask: (client) => client.fetchMarkets(),
    read: (answer) => mapMarkets(venue, listOf('markets', answer), session.client.precisionMode),
  });
  if (skipped.length > 0) onSkipped?.(skipped);
  if (markets.length === 0) throw new VenueError(venue, `none of the ${skipped.length} markets it lists is usable`);
  return markets;
}

/** From the venue's book ticker where it has one, else from its book. */
async function fetchPrice(context: VenueContext, market: Market, side: Side): Promise<Price> {
  const best = offers(context.session.client, 'fetchBidsAsks')
    ? await bestOfTicker(context, market, side)
    : (await fetchOrderBook(context, market, pricedLevels))[side === 'buy' ? 'asks' : 'bids'][0]?.price;
  if (best !== undefined) return best;
  const message = `nobody ${side === 'buy' ? 'sells' : 'buys'} ${market.symbol} now`;
  throw new VenueError(context.venue, message, { code: 'price_missing' });
}

function bestOfTicker(context: VenueContext, market: Market, side: Side): Promise<Price | undefined> {
  return askVenue(context, {
    method: 'fetchBidsAsks',
    ask: () => context.session.use(market).fetchBidsAsks([market.symbol]),
    read: (answer) =>
      new Fields('tickers', answer).optionalFields(market.symbol)?.optionalPrice(side === 'buy' ? 'ask' : 'bid'),
  });
}

/** Venues that cannot be asked about many at once are asked one by one, for no more than this: what is beyond is not told. */
const tickersOneByOneMax = 20;

/** One that the venue does not list any more says nothing of the others. */
const unlisted: ReadonlySet<string | undefined> = new Set(['bad_symbol', 'market_unavailable']);

async function fetchTickers(context: VenueContext, markets: readonly Market[]): Promise<Ticker[]> {
  if (offers(context.session.client, 'fetchTickers')) return tickersAtOnce(context, markets);
  const found: Ticker[] = [];
  for (const market of markets.slice(0, tickersOneByOneMax)) {
    try {
      found.push(await fetchTicker(context, market));
    } catch (error) {
      if (!(error instanceof VenueError) || !unlisted.has(error.code)) throw error;
    }
  }
  return found;
}

function tickersAtOnce(context: VenueContext, markets: readonly Market[]): Promise<Ticker[]> {
  return askVenue(context, {
    method: 'fetchTickers',
    ask: () => context.session.use(...markets).fetchTickers(markets.map(({ symbol }) => symbol)),
    read: (answer) => {
      const told = new Fields('tickers', answer);
      const names = new Set(told.names());
      return markets.flatMap((market) =>
        names.has(market.symbol) ? [mapTicker(told.value(market.symbol), market)] : [],
      );
    },
  });
}

function fetchTicker(context: VenueContext, market: Market): Promise<Ticker> {
  return askVenue(context, {
    method: 'fetchTicker',
    ask: () => context.session.use(market).fetchTicker(market.symbol),
    read: (answer) => mapTicker(answer, market),
  });
}

/** Venues answer timeframes that they do not have with those of another, and some begin their weeks and days at times of their own. */
async function fetchCandles(
  context: VenueContext,
  market: Market,
  { timeframe, sinceMs, limit }: CandleQuery,
): Promise<Candle[]> {
  const { venue, session, traits } = context;
  const offered = timeframesOf(session.client, traits);
  if (offered.length > 0 && !offered.includes(timeframe)) {
    const instead = `it has ${offered.join(', ')}, and longer ones are made of those when they are read`;
    throw new VenueError(venue, `${venue} has no ${timeframe} candles of UTC; ${instead}`, { code: 'not_supported' });
  }
  return askVenue(context, {
    method: 'fetchOHLCV',
    ask: () => session.use(market).fetchOHLCV(market.symbol, timeframe, askedFrom(context, timeframe, sinceMs), limit),
    read: (answer) =>
      cut(mapCandles(answer, market, traits.candleRow(market)), { sinceMs, limit }, ({ openTimeMs }) => openTimeMs),
  });
}

/** What a venue tells from there on shows that it does not tell of what was asked for, as well as its refusal would. */
function askedFrom({ session, traits }: VenueContext, timeframe: string, sinceMs: number | undefined) {
  const { candlesBackMax } = traits;
  if (sinceMs === undefined || candlesBackMax === undefined) return sinceMs;
  const backMs = candlesBackMax * (timeframeMs(timeframe) ?? monthMsMin);
  return Math.max(sinceMs, firstOpenFrom(timeframe, session.nowMs() - backMs));
}

/** Venues with a few depths to choose from are asked for the next larger one. */
function fetchOrderBook(context: VenueContext, market: Market, depthMax: number): Promise<OrderBook> {
  const { session, traits } = context;
  const depths = traits.bookDepths;
  const depth = depths === undefined ? depthMax : (depths.find((offered) => offered >= depthMax) ?? depths.at(-1));
  return askVenue(context, {
    method: 'fetchOrderBook',
    ask: () => session.use(market).fetchOrderBook(market.symbol, depth),
    read: (answer) => mapBook(answer, market, depthMax),
  });
}

function fetchTrades(context: VenueContext, market: Market, query: TradeQuery): Promise<PublicTrade[]> {
  const { session, traits } = context;
  const { sinceMs, limit, afterId } = query;
  const { sinceMs: askedMs, parameters } = traits.tradeQuestion(query);
  // Whoever is asked to go on behind an id is not asked by time.
  const goesOn = afterId !== undefined && askedMs === undefined && traits.history(market).trades?.goesOnById === true;
  return askVenue(context, {
    method: 'fetchTrades',
    ask: () => session.use(market).fetchTrades(market.symbol, askedMs, limit, parameters),
    read: (answer) => {
      const trades = mapTrades(answer, market);
      return goesOn ? trades.slice(0, limit) : cut(trades, { sinceMs, limit }, ({ atMs }) => atMs);
    },
  });
}

async function fetchFundingHistory(
  context: VenueContext,
  market: Market,
  { sinceMs, limit }: TradeQuery,
): Promise<FundingPoint[]> {
  // ccxt would ask Binance for the perpetual that has the same name as the spot market.
  if (market.kind !== 'perpetual') {
    throw new VenueError(context.venue, `${market.symbol} pays no funding`, { code: 'not_supported' });
  }
  return askVenue(context, {
    method: 'fetchFundingRateHistory',
    ask: () => context.session.use(market).fetchFundingRateHistory(market.symbol, sinceMs, limit),
    read: (answer) =>
      cut(mapFundingPoints(answer, context.traits.fundingMarkPrice), { sinceMs, limit }, ({ atMs }) => atMs),
  });
}

function historyOf({ session, traits }: VenueContext, market: Market): MarketHistory {
  const { candles, trades = {}, funding = {} } = traits.history(market);
  const pageSize = candlesAtOnce(session.client, market);
  return { candles: { ...(pageSize !== undefined && { pageSize }), ...candles }, trades, funding };
}

/** What ccxt's `features` say of candles: by kind of market, and where those are contracts by what they are paid in. */
function candlesAtOnce({ features }: VenueClient, { kind, contractType }: Market): number | undefined {
  const ofKinds = new Fields('features', features ?? {});
  const ofKind = ofKinds.optionalFields(kind === 'perpetual' ? 'swap' : kind);
  const ofMarket = kind === 'spot' ? ofKind : ofKind?.optionalFields(contractType === 'inverse' ? 'inverse' : 'linear');
  const limit = Number(ofMarket?.optionalFields('fetchOHLCV')?.value('limit') ?? Number.NaN);
  return Number.isSafeInteger(limit) && limit > 0 ? limit : undefined;
}

/** Venues that know no start or no limit return what they have: the wanted part is the first from a start, else the last. */
function cut<Entry>(
  entries: Entry[],
  { sinceMs, limit }: { sinceMs: number | undefined; limit: number },
  timeOf: (entry: Entry) => number,
): Entry[] {
  if (sinceMs === undefined) return entries.slice(-limit);
  return entries.filter((entry) => timeOf(entry) >= sinceMs).slice(0, limit);
}
