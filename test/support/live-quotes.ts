/** Quotes and what tasks tell of themselves, for tests of what stores and reads them. */
import type { LiveLevel, LiveQuote, StreamTaskStatus, VenueId } from '@nightdesk/core';

export const binance = 'binance' as VenueId;
export const kraken = 'kraken' as VenueId;
export const startMs = Date.UTC(2026, 10, 21, 12);

/** So many levels of a side, from a price on, each a tick further away. */
export const levelsFrom = (price: number, count: number, tick: number): LiveLevel[] =>
  Array.from({ length: count }, (_, index) => [price + index * tick, (index + 1) / 8]);

export const quoteOf = (fields: Partial<LiveQuote> = {}): LiveQuote => ({
  ...{ venue: binance, symbol: 'BTC/USDT', connection: 'task-1/binance#markets#0' },
  ...{ bid: 90_000.1, bidSize: 0.125, ask: 90_000.2, askSize: 0.25 },
  ...{ bids: levelsFrom(90_000.1, 10, -0.1), asks: levelsFrom(90_000.2, 10, 0.1) },
  ...{ exchangeTimeMs: startMs - 20, receivedMs: startMs, sequence: 71_234_567_890 },
  ...fields,
});

export const statusOf = (fields: Partial<StreamTaskStatus> = {}): StreamTaskStatus => ({
  ...{ task: 'task-1', startedAtMs: startMs - 60_000, atMs: startMs, isDraining: false, unplaced: 0 },
  units: [{ unit: 'binance#markets#0', venue: 'binance', subscriptions: 100, isOpen: true, heardMs: startMs - 5 }],
  streams: [
    {
      ...{ venue: 'binance', kind: 'books', subscriptions: 100, updatesPerSecond: 12.5, written: 100, conflated: 20 },
      ...{ lagMs: { p50: 1.5, p90: 2, p99: 20, max: 100 }, incidents: { gap: 2, resynced: 2 } },
    },
  ],
  memory: { residentBytes: 100_000_000, heapBytes: 50_000_000 },
  eventLoopDelayMs: { p50: 1, p90: 2, p99: 5, max: 9 },
  latest: [{ atMs: startMs - 1, venue: 'binance', symbol: 'BTC/USDT', incident: 'gap', reason: '12 came after 10' }],
  ...fields,
});
