import type { Clock } from '@nightdesk/core';
import { expect, it, vi } from 'vitest';
import { realClock } from '../support/clocks.ts';
import { openVenueLayer } from '../support/venue-layer.ts';
import { waitFor } from '../support/waiting.ts';
import * as binance from './binance-support.ts';
import { AccountBench, itTellsOfAccounts } from './streams-account-support.ts';

itTellsOfAccounts({
  venue: 'binance',
  symbols: ['BTC/USDT'],
  account: binance.mainAccount,
  start: () => binance.startSimulator({ symbolsCount: 20 }),
  outsider: { symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET', quantity: '0.01' },
});

it('keeps the listen key of contracts, which would run out after an hour', async () => {
  const { directory } = await openVenueLayer();
  const simulator = await binance.startSimulator({ symbolsCount: 20 });
  const later = Promise.withResolvers<void>();
  const passed = vi.fn<(delayMs: number) => void>();
  const clock: Clock = {
    nowMs: () => realClock.nowMs(),
    sleep(delayMs) {
      if (delayMs < 1_000_000) return realClock.sleep(delayMs);
      passed(delayMs);
      return passed.mock.calls.length === 1 ? later.promise : new Promise(() => undefined);
    },
  };
  const options = { venue: 'binance', directory, simulator, account: binance.mainAccount, clock };
  const bench = await AccountBench.open(options);
  await bench.connected();
  await waitFor(() => expect(passed).toHaveBeenCalledTimes(1));
  const renewed = async () => {
    const { endpoints } = (await bench.control('GET', 'requests')) as { endpoints: Record<string, { 200?: number }> };
    return endpoints['PUT /fapi/v1/listenKey']?.[200] ?? 0;
  };
  expect(await renewed()).toBe(0);
  later.resolve();
  await waitFor(async () => expect(await renewed()).toBe(1));
  await waitFor(() => expect(passed).toHaveBeenCalledTimes(2));
  expect(bench.connection.isOpen).toBe(true);
  await bench.close();
});
