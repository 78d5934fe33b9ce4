/** Candles of trades, and of the mark and index price. */
import { type Candle, candleOf } from '../engine/candles.ts';
import { answerCandles, spansOf } from '../shared/candle-pages.ts';
import { isInterval, type Span } from '../shared/candle-spans.ts';
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
    trimmed(candle.baseVolume),
    trimmed(candle.quoteVolume),
  ]);
  return { category: spec.category, symbol: spec.symbol, list };
}

/** The market's own path stands for mark and index price. */
function priceCandles(call: Call) {
  const spec = requiredSpec(call);
  return { category: spec.category, symbol: spec.symbol, list: listed(call, spec, (one) => priceFields(spec, one)) };
}

/** Newest first, as Bybit gives them: with a start only, those that follow it, else the newest that fit. */
function listed(call: Call, spec: SymbolSpec, view: (candle: Candle) => string[]): string[][] {
  const { params, nowMs, venue, path } = call;
  const spanAt = spansOf(intervalOf(params.required('interval')));
  const limit = params.limit({ standard: 200, max: 1000 });
  const startMs = params.integer('start');
  const endMs = params.integer('end');
  const prefer = startMs !== undefined && endMs === undefined ? 'oldest' : 'newest';
  const range = { startMs, endMs: endMs ?? nowMs, limit, prefer, spanAt } as const;
  const question = { past: venue.market.candleSource(spec.id), symbol: spec.symbol, path, ...range };
  return answerCandles(venue, question, nowMs).toReversed().map(view);
}

export function candleAt(venue: BybitVenue, spec: SymbolSpec, span: Span): Candle {
  return candleOf(venue.market.candleSource(spec.id), span, venue.nowMs());
}

function priceFields(spec: SymbolSpec, { openMs, open, high, low, close }: Candle): string[] {
  const places = spec.tickSize.toFixed().split('.')[1]?.length ?? 0;
  return [String(openMs), ...[open, high, low, close].map((price) => price.toFixed(places))];
}

const amountPlaces = 8;

/** Without zeros at the end. */
function trimmed(amount: number): string {
  const text = amount.toFixed(amountPlaces);
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}
