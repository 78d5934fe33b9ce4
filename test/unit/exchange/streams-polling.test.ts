import type { MarketStreamKind } from '@nightdesk/core';
import { expect, it } from 'vitest';
import type { StreamClient } from '../../../layers/exchange/src/streams/open-stream-client.ts';
import { Poller } from '../../../layers/exchange/src/streams/poller.ts';
import { Subscription } from '../../../layers/exchange/src/streams/subscription.ts';
import { traitsOf } from '../../../layers/exchange/src/traits/index.ts';
import { defaultStreamTraits } from '../../../layers/exchange/src/traits/stream-traits.ts';
import { createManualClock } from '../../support/clocks.ts';
import { btcUsdt } from '../../support/markets.ts';
import { createWakingClock } from '../../support/waking-clock.ts';

const traits = traitsOf(btcUsdt.venue);
const polled = (kind: MarketStreamKind, timeframe?: string) =>
  new Subscription({
    wanted: { kind, symbol: btcUsdt.symbol, ...(timeframe !== undefined && { timeframe }) },
    ...{ market: btcUsdt, plan: undefined, traits, streamTraits: defaultStreamTraits, nowMs: 0 },
  });

it('asks for each thing in turn, at its pace, goes on after what fails, and ends when nothing is wanted', async () => {
  const time = createManualClock(0);
  const clock = createWakingClock(time);
  const asked: string[] = [];
  const told: string[] = [];
  const failed: string[] = [];
  const client = {
    async fetchOrderBook(symbol: string) {
      asked.push(`book ${time.nowMs()}`);
      return {
        symbol,
        bids: [
          ['9', '1'],
          ['10', '1'],
          ['8', '0'],
        ],
        asks: [['11', '1']],
        nonce: 3,
      };
    },
    async fetchTicker() {
      asked.push(`ticker ${time.nowMs()}`);
      throw new Error('not now');
    },
    async fetchOHLCV(...question: unknown[]) {
      asked.push(`candles ${question.join(' ')}`);
      return [];
    },
  };
  const subscriptions = new Map(
    [polled('books'), polled('tickers'), polled('candles', '5m')].map((each) => [each.wanted.kind, each]),
  );
  const poller = new Poller({
    ...{ clock, monotonicMs: () => time.nowMs(), subscriptions, isClosed: () => false },
    tell: ({ wanted }, result) => void told.push(`${wanted.kind} ${JSON.stringify(result)}`),
    failed: ({ wanted }, error) => void failed.push(`${wanted.kind} ${String(error)}`),
  });
  poller.wake({ client } as unknown as StreamClient);
  await clock.drive(
    clock
      .sleep(4_600)
      .then(() => subscriptions.clear())
      .then(() => clock.sleep(2_000)),
  );
  expect(asked).toEqual(['book 0', 'ticker 250', 'candles BTC/USDT 5m  2', 'book 2000', 'book 4000']);
  expect(failed).toEqual(['tickers Error: not now']);
  // Best levels first, by number and not by text; what is nothing is left out.
  expect(told[0]).toBe('books {"symbol":"BTC/USDT","nonce":3,"bids":[[10,1],[9,1]],"asks":[[11,1]]}');
});

it('goes on asking at its pace when the clock of the machine is set back', async () => {
  const time = createManualClock(0);
  const waking = createWakingClock(time);
  const wall = { aheadMs: 0 };
  const clock = { ...waking, nowMs: () => time.nowMs() + wall.aheadMs };
  const asked: number[] = [];
  const client = {
    async fetchOrderBook() {
      asked.push(time.nowMs());
      return { symbol: btcUsdt.symbol, bids: [], asks: [] };
    },
  };
  const subscriptions = new Map([['books', polled('books')]]);
  const poller = new Poller({
    ...{ clock, monotonicMs: () => time.nowMs(), subscriptions, isClosed: () => false },
    ...{ tell: () => undefined, failed: () => undefined },
  });
  poller.wake({ client } as unknown as StreamClient);
  await waking.drive(waking.sleep(1_000));
  wall.aheadMs = -600_000;
  await waking.drive(waking.sleep(3_600).then(() => subscriptions.clear()));
  expect(asked).toEqual([0, 2_000, 4_000]);
});
