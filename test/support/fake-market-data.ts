/** Public data of a fake venue whose market is one price: a deep book around it, and candles that never move. */
import {
  amount,
  type BookLevel,
  type Candle,
  type CandleQuery,
  type FundingPoint,
  type FundingRate,
  type Market,
  type MarketHistory,
  notional,
  type OrderBook,
  type Price,
  type PublicTrade,
  price,
  subtract,
  type Ticker,
  type TradeQuery,
} from '@nightdesk/core';
import type { FakeOrder } from './fake-order.ts';

const levelAmount = amount('1000');
const hourMs = 3_600_000;
const timeframesMs: Readonly<Record<string, number>> = { '1m': 60_000, '1h': hourMs };

export const fakeTimeframes = Object.keys(timeframesMs);

/** What the fake charges for each fill, as a share of its worth. */
export const feeRate = price('0.001');

export function fakeTicker(market: Market, at: Price, atMs: number): Ticker {
  const [bid] = levels(subtract(at, market.priceStep), market, { count: 1, away: 'down' });
  return { symbol: market.symbol, ask: at, ...(bid && { bid: bid.price }), last: at, atMs };
}

export function fakeBook(market: Market, at: Price, depthMax: number): OrderBook {
  return {
    symbol: market.symbol,
    asks: levels(at, market, { count: depthMax, away: 'up' }),
    bids: levels(subtract(at, market.priceStep), market, { count: depthMax, away: 'down' }),
  };
}

function levels(best: Price, market: Market, { count, away }: { count: number; away: 'up' | 'down' }): BookLevel[] {
  const found: BookLevel[] = [];
  let at = best;
  for (let level = 0; level < count; level += 1) {
    found.push({ price: at, amount: levelAmount });
    const step = away === 'up' ? price(`-${market.priceStep}`) : market.priceStep;
    at = subtract(at, step);
  }
  return found;
}

/** Up to the one that is forming at `nowMs`. */
export function fakeCandles(at: Price, { timeframe, sinceMs, limit }: CandleQuery, nowMs: number): Candle[] {
  const spanMs = timeframesMs[timeframe];
  if (spanMs === undefined) throw new RangeError(`no candles of ${timeframe}`);
  const lastMs = Math.floor(nowMs / spanMs) * spanMs;
  const firstMs = sinceMs === undefined ? lastMs - (limit - 1) * spanMs : Math.ceil(sinceMs / spanMs) * spanMs;
  const count = Math.max(0, Math.min(limit, (lastMs - firstMs) / spanMs + 1));
  return Array.from({ length: count }, (_, index) => {
    const prices = { open: at, high: at, low: at, close: at };
    return {
      ...{ openTimeMs: firstMs + index * spanMs, ...prices, volume: amount('1') },
      ...{ quoteVolume: notional(at), trades: 1 },
    };
  });
}

/** What was filled of orders, oldest first: from a time on, or the last ones. */
export function fakeTrades(
  orders: readonly Pick<FakeOrder, 'request' | 'fills'>[],
  { sinceMs, limit }: TradeQuery,
): PublicTrade[] {
  const trades = orders
    .flatMap(({ request: { side }, fills }) => fills.map(({ fee: _, ...fill }) => ({ side, ...fill })))
    .sort((left, right) => left.atMs - right.atMs);
  if (sinceMs === undefined) return trades.slice(-limit);
  return trades.filter(({ atMs }) => atMs >= sinceMs).slice(0, limit);
}

export const fakeFundingRate = ({ symbol }: Market, nowMs: number): FundingRate => ({
  symbol,
  rate: '0.0001',
  nextAtMs: (Math.floor(nowMs / (8 * hourMs)) + 1) * 8 * hourMs,
});

const fundingMs = 8 * hourMs;

/** Payments that were made every eight hours, each with a rate of its own. */
export function fakeFundingHistory({ sinceMs, limit }: TradeQuery, nowMs: number): FundingPoint[] {
  const last = Math.floor(nowMs / fundingMs);
  const first = sinceMs === undefined ? last - limit + 1 : Math.ceil(sinceMs / fundingMs);
  const count = Math.max(0, Math.min(limit, last - first + 1));
  return Array.from({ length: count }, (_, index) => ({
    atMs: (first + index) * fundingMs,
    rate: amount(`0.000${((first + index) % 9) + 1}`),
  }));
}

const terms = { pageSize: 1_000, reach: 'all' } as const;
export const fakeHistory: MarketHistory = { candles: terms, trades: terms, funding: terms };
