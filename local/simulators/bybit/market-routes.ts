/** Public calls: time, symbols, tickers, books, trades, funding. */
import { fundingIntervalMs } from '../engine/funding.ts';
import { asTrade, tradesUntil } from '../engine/past-trades.ts';
import { disturbPage } from '../shared/candle-faults.ts';
import type { SymbolSpec } from './catalog.ts';
import {
  type AnyCategory,
  type Call,
  listedCategory,
  marketOf,
  pageOf,
  type Route,
  requiredCategory,
  requiredSpec,
} from './context.ts';
import { invalidParameter, mistake } from './errors.ts';
import { instrumentView, riskLimitView } from './instruments.ts';
import { bookView, tickerView, tradeView } from './market-view.ts';

export const marketRoutes: readonly Route[] = [
  { method: 'GET', path: '/v5/market/time', access: 'public', handle: time },
  { method: 'GET', path: '/v5/market/instruments-info', access: 'public', handle: instruments },
  { method: 'GET', path: '/v5/market/tickers', access: 'public', handle: tickers },
  { method: 'GET', path: '/v5/market/orderbook', access: 'public', handle: orderBook },
  { method: 'GET', path: '/v5/market/recent-trade', access: 'public', handle: recentTrades },
  { method: 'GET', path: '/v5/market/funding/history', access: 'public', handle: fundingHistory },
  { method: 'GET', path: '/v5/market/risk-limit', access: 'public', handle: riskLimits },
];

function time({ nowMs }: Call) {
  return { timeSecond: String(Math.floor(nowMs / 1000)), timeNano: String(BigInt(nowMs) * 1_000_000n) };
}

/** Spot comes in one piece, contracts in pages. */
function instruments(call: Call) {
  const { params } = call;
  const category = requiredCategory(params);
  const status = params.text('status');
  const specs = specsOf(call, category).filter(
    (spec) => (params.text('baseCoin') ?? spec.base) === spec.base && (status ?? spec.status) === spec.status,
  );
  if (category === 'spot') return { category, list: specs.map(instrumentView) };
  const page = pageOf(specs, params, { standard: 500, max: 1000 });
  return { category, list: page.list.map(instrumentView), nextPageCursor: page.nextPageCursor };
}

/** The symbol that is named, or all of the category. @throws BybitError for an unknown symbol */
function specsOf({ venue, params }: Call, category: AnyCategory): SymbolSpec[] {
  if (category !== 'spot' && category !== 'linear') return [];
  const symbol = params.text('symbol');
  if (symbol === undefined) return venue.catalog.list(category);
  const spec = venue.catalog.find(category, symbol);
  if (spec === undefined) throw mistake('invalidSymbol', category);
  return [spec];
}

function tickers(call: Call) {
  const category = requiredCategory(call.params);
  return { category, list: specsOf(call, category).map((spec) => tickerView(call.venue, spec)) };
}

function orderBook(call: Call) {
  const spec = requiredSpec(call);
  const [standard, max] = spec.category === 'spot' ? [1, 200] : [25, 500];
  const depth = call.params.limit({ standard, max });
  return { ...bookView(marketOf(call.venue, spec), spec, depth), ts: call.nowMs, cts: call.nowMs };
}

function recentTrades(call: Call) {
  const spec = requiredSpec(call);
  const [standard, max] = spec.category === 'spot' ? [60, 60] : [500, 1000];
  const limit = call.params.limit({ standard, max });
  const past = call.venue.market.candleSource(spec.id);
  const known = tradesUntil(past, { toMs: call.nowMs + 1, limit }).toReversed();
  const found = disturbPage(call.venue.faults, { method: 'GET', path: call.path, symbol: spec.symbol }, known);
  return { category: spec.category, list: found.map((one) => tradeView(asTrade(past, spec.id, one), spec)) };
}

/** Newest first, as Bybit gives it. */
function fundingHistory(call: Call) {
  const { params, venue, nowMs } = call;
  const category = listedCategory(params);
  if (category === 'spot') throw invalidParameter('category must be linear or inverse');
  const spec = requiredSpec(call);
  const limit = params.limit({ standard: 200, max: 200 });
  const startMs = params.integer('startTime') ?? 0;
  const endMs = Math.min(params.integer('endTime') ?? nowMs, nowMs);
  if (startMs > endMs) throw invalidParameter('startTime is after endTime');
  const list = [];
  const past = venue.market.candleSource(spec.id);
  const lastMs = Math.floor(endMs / fundingIntervalMs) * fundingIntervalMs;
  for (
    let atMs = lastMs;
    atMs >= Math.max(startMs, past.listedAtMs) && list.length < limit;
    atMs -= fundingIntervalMs
  ) {
    const fundingRate = venue.market.fundingRate(spec.id, atMs).toFixed();
    list.push({ symbol: spec.symbol, fundingRate, fundingRateTimestamp: String(atMs) });
  }
  return { category, list };
}

function riskLimits(call: Call) {
  const category = requiredCategory(call.params);
  const specs = category === 'spot' ? [] : specsOf(call, category);
  const page = pageOf(specs, call.params, { standard: 15, max: 15 });
  return { category, list: page.list.map((spec) => riskLimitView(spec, 1)), nextPageCursor: page.nextPageCursor };
}
