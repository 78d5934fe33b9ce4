/** What was traded, at what prices, and what holders of perpetuals paid: back to the listing of each market. */
import { fundingIntervalMs } from '../engine/funding.ts';
import { asTrade, type PastTrade, tradesFrom, tradesFromId, tradesUntil } from '../engine/past-trades.ts';
import type { Trade } from '../engine/types.ts';
import { disturbPage } from '../shared/candle-faults.ts';
import { answerCandles, spansOf } from '../shared/candle-pages.ts';
import { isInterval } from '../shared/candle-spans.ts';
import { onTick } from '../shared/market-figures.ts';
import type { MarketFamily, SymbolSpec } from './catalog.ts';
import { type Call, type Route, requiredSymbol } from './context.ts';
import { badCombination, intervalTooBig, invalidInterval } from './errors.ts';
import { aggregateTradeView, candleView, tradeView } from './market-view.ts';
import type { Params } from './params.ts';

const hourMs = 3_600_000;

/** Page sizes and weights. https://developers.binance.com/docs/binance-spot-api-docs, …/docs/derivatives */
const terms = {
  spot: { candles: 1000, candleWeight: () => 2, trades: 25, oldTrades: 25, aggregates: 4 },
  linear: { candles: 1500, candleWeight: candleWeightOfContracts, trades: 5, oldTrades: 20, aggregates: 20 },
  inverse: { candles: 1500, candleWeight: candleWeightOfContracts, trades: 5, oldTrades: 20, aggregates: 20 },
} as const;

function candleWeightOfContracts(params: Params): number {
  const limit = Number(params.peek('limit') ?? 500);
  if (limit < 100) return 1;
  if (limit < 500) return 2;
  return limit <= 1000 ? 5 : 10;
}

export function historyRoutes(prefix: string, family: MarketFamily): Route[] {
  const { candleWeight, ...weights } = terms[family];
  const open = (name: string, weight: Route['weight'], handle: (call: Call) => unknown): Route => {
    return { method: 'GET', path: `${prefix}/${name}`, weight, security: 'none', handle };
  };
  const routes = [
    open('klines', candleWeight, (call) => candles(call, family)),
    open('trades', weights.trades, (call) => latestTrades(call, family)),
    open('historicalTrades', weights.oldTrades, (call) => numberedTrades(call, family)),
    open('aggTrades', weights.aggregates, (call) => aggregateTrades(call, family)),
  ];
  return family === 'spot' ? routes : [...routes, open('fundingRate', 1, (call) => fundingRates(call, family))];
}

/** From a start on the oldest that follow it, else the last. */
function candles(call: Call, family: MarketFamily): unknown {
  const spec = requiredSymbol(call, family);
  const interval = call.params.required('interval');
  const startMs = call.params.integer('startTime');
  const endMs = call.params.integer('endTime') ?? call.nowMs;
  const limit = call.params.limit({ standard: 500, max: terms[family].candles });
  call.params.optional('timeZone');
  call.params.finish();
  if (!isInterval(interval)) throw invalidInterval();
  const prefer = startMs === undefined ? 'newest' : 'oldest';
  const range = { startMs, endMs, limit, prefer, spanAt: spansOf(interval) } as const;
  const question = { past: pastOf(call, spec), symbol: spec.symbol, path: call.path, ...range };
  return answerCandles(call.venue, question, call.nowMs).map(candleView);
}

function latestTrades(call: Call, family: MarketFamily): unknown {
  const spec = requiredSymbol(call, family);
  const limit = call.params.limit({ standard: 500, max: 1000 });
  call.params.finish();
  return asTrades(call, spec, tradesUntil(pastOf(call, spec), { toMs: call.nowMs + 1, limit })).map(tradeView);
}

function numberedTrades(call: Call, family: MarketFamily): unknown {
  const spec = requiredSymbol(call, family);
  const id = call.params.integer('fromId');
  const limit = call.params.limit({ standard: 500, max: 1000 });
  call.params.finish();
  const [past, toMs] = [pastOf(call, spec), call.nowMs + 1];
  const found = id === undefined ? tradesUntil(past, { toMs, limit }) : tradesFromId(past, { id, toMs, limit });
  return asTrades(call, spec, found).map(tradeView);
}

/** Every trade is its own aggregate here. From a start on the oldest that follow it, else the last. */
function aggregateTrades(call: Call, family: MarketFamily): unknown {
  const spec = requiredSymbol(call, family);
  const id = call.params.integer('fromId');
  const startMs = call.params.integer('startTime');
  const endMs = call.params.integer('endTime');
  const limit = call.params.limit({ standard: 500, max: 1000 });
  call.params.finish();
  if (id !== undefined && (startMs !== undefined || endMs !== undefined)) throw badCombination();
  // Only contracts still have this bound. An hour itself is let pass, as ccxt asks for it.
  const isTooLong = startMs !== undefined && endMs !== undefined && endMs - startMs > hourMs;
  if (family !== 'spot' && isTooLong) throw intervalTooBig(1);
  const past = pastOf(call, spec);
  const toMs = Math.min(endMs ?? call.nowMs, call.nowMs) + 1;
  const find = (): PastTrade[] => {
    if (id !== undefined) return tradesFromId(past, { id, toMs, limit });
    if (startMs !== undefined) return tradesFrom(past, { fromMs: startMs, toMs, limit });
    return tradesUntil(past, { toMs, limit });
  };
  return asTrades(call, spec, find()).map(aggregateTradeView);
}

const pastOf = (call: Call, spec: SymbolSpec) => call.venue.market.candleSource(spec.id);

function asTrades(call: Call, spec: SymbolSpec, trades: readonly PastTrade[]): Trade[] {
  const past = pastOf(call, spec);
  const page = disturbPage(call.venue.faults, { method: 'GET', path: call.path, symbol: spec.symbol }, trades);
  return page.map((trade) => asTrade(past, spec.id, trade));
}

/** Oldest first: from a start on, else the last ones. */
function fundingRates(call: Call, family: MarketFamily): unknown {
  const spec = requiredSymbol(call, family);
  const startMs = call.params.integer('startTime');
  const endMs = Math.min(call.params.integer('endTime') ?? call.nowMs, call.nowMs);
  const limit = call.params.limit({ standard: 100, max: 1000 });
  call.params.finish();
  const { market } = call.venue;
  const past = pastOf(call, spec);
  const first = Math.ceil(Math.max(startMs ?? 0, past.listedAtMs + 1) / fundingIntervalMs);
  const last = Math.floor(endMs / fundingIntervalMs);
  const from = startMs === undefined ? Math.max(first, last - limit + 1) : first;
  const count = Math.max(0, Math.min(limit, last - from + 1));
  return Array.from({ length: count }, (_, index) => {
    const fundingTime = (from + index) * fundingIntervalMs;
    const fundingRate = market.fundingRate(spec.id, fundingTime).toFixed(8);
    const markPrice = onTick(spec, past.path(fundingTime)).toFixed(8);
    return { symbol: spec.symbol, fundingTime, fundingRate, markPrice };
  });
}
