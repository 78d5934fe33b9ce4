/** Market data over REST, the same for spot and for the perpetuals but for path and weight. */
import { decimalOfStatistic, fixed } from '../engine/decimal.ts';
import type { MarketFamily, SymbolSpec } from './catalog.ts';
import { type Call, findSymbol, type Route, requiredSymbol } from './context.ts';
import { badCombination, missingEither } from './errors.ts';
import { perpetualExchangeInfo, spotExchangeInfo } from './exchange-info.ts';
import { historyRoutes } from './history-routes.ts';
import { bookSide, bookTickerView, tickerView, topOfBook } from './market-view.ts';
import { averagePrice } from './order-routes.ts';
import type { Params } from './params.ts';

const depthLimitMax = 5000;

export const marketRoutes: readonly Route[] = [
  open('/api/v3/exchangeInfo', 20, spotExchangeInfo),
  open('/fapi/v1/exchangeInfo', 1, (call) => perpetualExchangeInfo(call, 'linear')),
  open('/dapi/v1/exchangeInfo', 1, (call) => perpetualExchangeInfo(call, 'inverse')),
  open('/sapi/v1/system/status', 1, () => ({ status: 0, msg: 'normal' })),
  ...familyRoutes('/api/v3', 'spot'),
  ...familyRoutes('/fapi/v1', 'linear'),
  ...familyRoutes('/dapi/v1', 'inverse'),
];

function open(path: string, weight: Route['weight'], handle: (call: Call) => unknown): Route {
  return { method: 'GET', path, weight, security: 'none', handle };
}

function familyRoutes(prefix: string, family: MarketFamily): Route[] {
  return [
    ...historyRoutes(prefix, family),
    open(`${prefix}/ping`, 1, () => ({})),
    open(`${prefix}/time`, 1, ({ nowMs }) => ({ serverTime: nowMs })),
    open(`${prefix}/depth`, depthWeight, (call) => depth(call, family)),
    open(`${prefix}/avgPrice`, 2, (call) => average(call, family)),
    open(`${prefix}/ticker/24hr`, tickerWeight(2, 80), (call) => tickers(call, family)),
    open(`${prefix}/ticker/price`, tickerWeight(2, 4), (call) => prices(call, family)),
    open(`${prefix}/ticker/bookTicker`, tickerWeight(2, 4), (call) => bookTickers(call, family)),
  ];
}

function depthWeight(params: Params): number {
  const limit = Number(params.peek('limit') ?? 100);
  if (limit <= 100) return 5;
  if (limit <= 500) return 25;
  return limit <= 1000 ? 50 : 250;
}

function tickerWeight(single: number, all: number): (params: Params) => number {
  return (params) => {
    if (params.has('symbol')) return single;
    const symbols = params.peek('symbols')?.split(',').length;
    return symbols === undefined || symbols > 100 ? all : Math.min(all, Math.max(single, symbols));
  };
}

function depth(call: Call, family: MarketFamily): unknown {
  const spec = requiredSymbol(call, family);
  const limit = call.params.limit({ standard: 100, max: depthLimitMax });
  call.params.finish();
  const market = call.venue.market.use(spec.id);
  call.venue.books.note(market, { sequence: market.book.updateId, atMs: call.nowMs });
  const times = family === 'spot' ? {} : { E: call.nowMs, T: call.nowMs };
  return {
    lastUpdateId: market.book.updateId,
    ...times,
    bids: bookSide(market, 'buy', limit),
    asks: bookSide(market, 'sell', limit),
  };
}

function average(call: Call, family: MarketFamily): unknown {
  const spec = requiredSymbol(call, family);
  call.params.finish();
  const value = averagePrice(call, spec, call.nowMs);
  return { mins: 5, price: fixed(decimalOfStatistic(value, 8)), closeTime: call.nowMs };
}

/** One symbol, a list, or all of them; the answer is an object or a list accordingly. */
function forSymbols(call: Call, family: MarketFamily, view: (spec: SymbolSpec) => unknown): unknown {
  const single = call.params.optional('symbol');
  const several = call.params.symbolList('symbols');
  if (single !== undefined && several !== undefined) throw badCombination();
  call.params.finish();
  if (single !== undefined) return view(findSymbol(call, single, family));
  if (several?.length === 0) throw missingEither('symbol', 'symbols');
  const specs = several?.map((symbol) => findSymbol(call, symbol, family)) ?? call.venue.catalog.list(family);
  return specs.map(view);
}

function tickers(call: Call, family: MarketFamily): unknown {
  const isMini = call.params.optional('type') === 'MINI';
  const wake = call.params.has('symbol');
  return forSymbols(call, family, (spec) => {
    if (wake) call.venue.market.use(spec.id);
    const view = tickerView(call.venue, spec, call.nowMs);
    if (!isMini) return view;
    const { symbol, openPrice, highPrice, lowPrice, lastPrice, volume, quoteVolume, openTime, closeTime } = view;
    const { firstId, lastId, count } = view;
    const prices = { openPrice, highPrice, lowPrice, lastPrice };
    return { symbol, ...prices, volume, quoteVolume, openTime, closeTime, firstId, lastId, count };
  });
}

function prices(call: Call, family: MarketFamily): unknown {
  return forSymbols(call, family, (spec) => {
    return { symbol: spec.symbol, price: topOfBook(call.venue, spec, call.nowMs).last };
  });
}

function bookTickers(call: Call, family: MarketFamily): unknown {
  const wake = call.params.has('symbol');
  return forSymbols(call, family, (spec) => {
    if (wake) call.venue.market.use(spec.id);
    return bookTickerView(spec, topOfBook(call.venue, spec, call.nowMs));
  });
}
