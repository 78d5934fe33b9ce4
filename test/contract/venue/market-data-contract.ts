import { type BookLevel, compare, isPositive } from '@nightdesk/core';
import { expect, it } from 'vitest';
import type { VenueBench } from './venue-bench.ts';

const minuteMs = 60_000;

/** What a venue tells of its markets. */
export function marketDataContract(bench: VenueBench): void {
  it('quotes a ticker whose bid is below its ask', async () => {
    const { symbol, bid, ask, last } = await bench.venue.fetchTicker(bench.market);
    expect(symbol).toBe(bench.market.symbol);
    expect(last !== undefined && isPositive(last)).toBe(true);
    if (bid !== undefined && ask !== undefined) expect(compare(bid, ask)).toBe(-1);
  });

  it('shows a book whose best prices come first and do not cross, no deeper than asked', async () => {
    const { bids, asks } = await bench.venue.fetchOrderBook(bench.market, 5);
    for (const side of [bids, asks]) {
      expect(side.length).toBeGreaterThan(0);
      expect(side.length).toBeLessThanOrEqual(5);
      expect(side.every(({ price, amount }) => isPositive(price) && isPositive(amount))).toBe(true);
    }
    expect(stepsOf(bids)).toEqual(bids.slice(1).map(() => -1));
    expect(stepsOf(asks)).toEqual(asks.slice(1).map(() => 1));
    expect(compare(bids[0]?.price ?? '0', asks[0]?.price ?? '0')).toBe(-1);
  });

  bench.testOf('candles')(
    'has candles that open on whole minutes, one after the other, with prices in order',
    async () => {
      const candles = await bench.venue.fetchCandles(bench.market, { timeframe: '1m', limit: 5 });
      expect(candles.length).toBeGreaterThan(1);
      expect(candles.length).toBeLessThanOrEqual(5);
      for (const [index, { openTimeMs, open, high, low, close }] of candles.entries()) {
        expect(openTimeMs % minuteMs).toBe(0);
        expect(openTimeMs).toBeGreaterThan(candles[index - 1]?.openTimeMs ?? 0);
        for (const at of [open, close]) expect(compare(low, at) <= 0 && compare(at, high) <= 0).toBe(true);
      }
    },
  );

  bench.testOf('candles')('has the candles from a time on that is asked for', async () => {
    const [, second] = await bench.venue.fetchCandles(bench.market, { timeframe: '1m', limit: 4 });
    const sinceMs = second?.openTimeMs ?? 0;
    const candles = await bench.venue.fetchCandles(bench.market, { timeframe: '1m', sinceMs, limit: 2 });
    expect(candles.map(({ openTimeMs }) => openTimeMs)).toEqual([sinceMs, sinceMs + minuteMs]);
  });

  bench.testOf('public_trades')('lists trades, oldest first, no more than asked', async () => {
    await bench.accepted(bench.order());
    const trades = await bench.venue.fetchTrades(bench.market, { limit: 3 });
    expect(trades.length).toBeGreaterThan(0);
    expect(trades.length).toBeLessThanOrEqual(3);
    expect(trades.map(({ atMs }) => atMs)).toEqual(trades.map(({ atMs }) => atMs).sort((left, right) => left - right));
    expect(trades.every(({ price, amount }) => isPositive(price) && isPositive(amount))).toBe(true);
  });

  bench.testOf('funding')('tells what a perpetual pays next, or that the market pays nothing', async () => {
    const asked = bench.venue.fetchFundingRate(bench.market);
    if (bench.market.kind === 'spot') await expect(asked).rejects.toMatchObject({ name: 'VenueError' });
    else expect(compare((await asked).rate, '1')).toBe(-1);
  });
}

/** How each price compares with the one before it. */
const stepsOf = (levels: readonly BookLevel[]) =>
  levels.slice(1).map(({ price }, index) => compare(price, levels[index]?.price ?? '0'));
