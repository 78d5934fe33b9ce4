/** Candles of trades, and of the mark and index price. */
import { type Candle, candleOf } from '../engine/candles.ts';
import { isInterval, type Span, spansFrom, spansUntil } from '../shared/candle-spans.ts';
import { onTick } from '../shared/market-figures.ts';
import type { SymbolSpec } from './catalog.ts';
import { type BybitVenue, type Call, type Route, requiredSpec } from './context.ts';
import { invalidParameter } from './errors.ts';

export const candleRoutes: readonly Route[] = [
  { method: 'GET', path: '/v5/market/kline', access: 'public', handle: candles },
  { method: 'GET', path: '/v5/market/mark-price-kline', access: 'public', handle: priceCandles },
  { method: 'GET', path: '/v5/market/index-price-kline', access: 'public', handle: priceCandles },
];

/** Bybit's names of intervals and ours. */
const intervals: Readonly<Record<string, string>> = {
  ...{ '1': '1m', '3': '3m', '5': '5m', '15': '15m', '30': '30m', '60': '1h', '120': '2h', '240': '4h' },
  ...{ '360': '6h', '720': '12h', D: '1d', W: '1w', M: '1M' },
};

/** @throws BybitError 10001 when there is no such interval. */
export function intervalOf(name: string): string {
  const interval = intervals[name];
  if (interval === undefined || !isInterval(interval)) throw invalidParameter('Invalid period!');
  return interval;
}

function candles(call: Call) {
  const spec = requiredSpec(call);
  const list = listed(call, spec, (candle) => [
    ...priceFields(spec, candle),
    candle.baseVolume.toFixed(4),
    candle.quoteVolume.toFixed(4),
  ]);
  return { category: spec.category, symbol: spec.symbol, list };
}

/** The market's own path stands for mark and index price. */
function priceCandles(call: Call) {
  const spec = requiredSpec(call);
  return { category: spec.category, symbol: spec.symbol, list: listed(call, spec, (one) => priceFields(spec, one)) };
}

/** Newest first, as Bybit gives them. */
function listed(call: Call, spec: SymbolSpec, view: (candle: Candle) => string[]): string[][] {
  return spansOf(call)
    .toReversed()
    .map((span) => view(candleAt(call.venue, spec, span)));
}

function spansOf({ params, nowMs }: Call): Span[] {
  const interval = intervalOf(params.required('interval'));
  const limit = params.limit({ standard: 200, max: 1000 });
  const startMs = params.integer('start');
  const endMs = Math.min(params.integer('end') ?? nowMs, nowMs);
  if (startMs === undefined) return spansUntil(interval, { endMs, limit });
  // With both ends given the newest that fit are shown; with a start only, those that follow it.
  const spans = spansFrom(interval, { startMs, endMs, limit: params.integer('end') === undefined ? limit : spansMax });
  return spans.slice(-limit);
}

const spansMax = 50_000;

export function candleAt(venue: BybitVenue, spec: SymbolSpec, span: Span): Candle {
  return candleOf(venue.market.candleSource(spec.id), span, venue.nowMs());
}

function priceFields(spec: SymbolSpec, { openMs, open, high, low, close }: Candle): string[] {
  return [String(openMs), ...[open, high, low, close].map((price) => onTick(spec, price).toFixed())];
}
