/** A publisher on stores in memory, by a clock that a test moves. */
import type { LiveLevel, MarketUnit, PlannedSubscription, StreamKind, VenueId } from '@nightdesk/core';
import { createPublisher } from '@nightdesk/stream/src/publish/create-publisher.ts';
import { createManualClock } from './clocks.ts';
import { binance, startMs } from './live-quotes.ts';
import { createMemoryOrderNews, createMemoryQuotes, createMemoryTicks } from './memory-streams.ts';
import { createWakingClock } from './waking-clock.ts';

export const subscriptionOf = (symbol: string, fields: Partial<PlannedSubscription> = {}): PlannedSubscription => ({
  ...{ kind: 'books', symbol, depth: 2, quoteEveryMs: 1_000, files: false },
  ...fields,
});

export const marketUnit: MarketUnit = { kind: 'markets', id: 'binance#markets#0', venue: binance, subscriptions: [] };

/** A book whose best bid is `price`, with more levels than are published. */
export function bookAt(price: number, fields: { symbol?: string; sequence?: number; receivedMs: number }) {
  const levels = (from: number, step: number): LiveLevel[] => [0, 1, 2].map((level) => [from + level * step, 1]);
  return { symbol: 'BTC/USDT', sequence: price, bids: levels(price, -1), asks: levels(price + 1, 1), ...fields };
}

/** Turns of the event loop after which work in memory is done. */
const turnsMax = 30;

export function openPublisher() {
  const time = createManualClock(startMs);
  const clock = createWakingClock(time);
  const quotes = createMemoryQuotes(time);
  const news = createMemoryOrderNews(time);
  const archive = createMemoryTicks();
  const published: { venue: VenueId; kind: StreamKind; delaysMs: readonly number[] }[] = [];
  const failures: string[] = [];
  let conflated = 0;
  const publisher = createPublisher({
    ...{ quotes, news, archive, clock, monotonicMs: () => time.nowMs() - startMs },
    observer: {
      published: (venue, kind, delaysMs) => published.push({ venue, kind, delaysMs }),
      conflated(_venue, count) {
        conflated += count;
      },
      failed: (what) => failures.push(what),
    },
  });
  const turns = async () => {
    for (let turn = 0; turn < turnsMax; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  };
  return {
    ...{ publisher, quotes, news, archive, published, failures, clock, turns },
    nowMs: () => time.nowMs(),
    conflated: () => conflated,
    /** Lets time pass, and with it everything happen that was to happen meanwhile. */
    pass: (byMs: number) => clock.drive(clock.sleep(byMs)),
    /** Best bids and sequences that are stored, by symbol. */
    bids: () => Object.fromEntries([...quotes.rows.values()].map(({ symbol, bid }) => [symbol, bid])),
  };
}

export type OpenedPublisher = ReturnType<typeof openPublisher>;
