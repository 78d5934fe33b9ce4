import type { Market, MarketsStore, VenueId } from '@nightdesk/core';
import { cachedMarkets } from '@nightdesk/functions/shared/cached-markets.ts';
import { beforeEach, expect, it } from 'vitest';
import { createManualClock, type ManualClock } from '../../support/clocks.ts';
import { btcUsdt, btcUsdtPerpetual, ethUsdt } from '../../support/markets.ts';
import { createMemoryMarkets, MemoryTables } from '../../support/memory-stores.ts';

const venue = 'fake' as VenueId;
const ageMsMax = 300_000;
const entriesMax = 5_000;

let clock: ManualClock;
let store: MarketsStore;
let cached: MarketsStore;
let reads: string[];

beforeEach(() => {
  clock = createManualClock();
  store = createMemoryMarkets(new MemoryTables());
  reads = [];
  cached = cachedMarkets(
    {
      ...store,
      get(of, symbol) {
        reads.push(symbol);
        return store.get(of, symbol);
      },
      findByName(of, name) {
        reads.push(name);
        return store.findByName(of, name);
      },
    },
    clock,
  );
});

it('reads a market once in five minutes', async () => {
  await store.replaceAll(venue, [btcUsdt]);
  for (const waitMs of [0, ageMsMax - 1, 1]) {
    clock.advance(waitMs);
    expect(await cached.get(venue, 'BTC/USDT')).toEqual(btcUsdt);
  }
  expect(reads).toEqual(['BTC/USDT', 'BTC/USDT']);
});

it('keeps names apart from symbols, and all markets of a name', async () => {
  await store.replaceAll(venue, [btcUsdt, btcUsdtPerpetual]);
  for (let turn = 0; turn < 2; turn++) {
    const found = await cached.findByName(venue, 'BTCUSDT');
    expect(found.map(({ symbol }) => symbol).sort()).toEqual(['BTC/USDT', 'BTC/USDT:USDT']);
    expect(await cached.get(venue, 'BTCUSDT')).toBeUndefined();
  }
  expect(reads).toEqual(['BTCUSDT', 'BTCUSDT', 'BTCUSDT']);
});

it('keeps venues apart', async () => {
  const elsewhere = { ...btcUsdt, venue: 'other' as VenueId };
  await store.replaceAll(venue, [btcUsdt]);
  await store.replaceAll(elsewhere.venue, [elsewhere]);
  expect((await cached.get(venue, 'BTC/USDT'))?.venue).toBe('fake');
  expect((await cached.get(elsewhere.venue, 'BTC/USDT'))?.venue).toBe('other');
});

it('asks again for what was not found, so that a listing of today is seen', async () => {
  expect(await cached.get(venue, 'ETH/USDT')).toBeUndefined();
  await store.replaceAll(venue, [ethUsdt]);
  expect(await cached.get(venue, 'ETH/USDT')).toEqual(ethUsdt);
});

it('forgets the oldest when it holds too many', async () => {
  const markets = Array.from(
    { length: entriesMax + 1 },
    (_, index): Market => ({ ...btcUsdt, symbol: `C${index}/USDT` }),
  );
  await store.replaceAll(venue, markets);
  for (const { symbol } of markets) await cached.get(venue, symbol);
  reads = [];
  await cached.get(venue, 'C1/USDT');
  await cached.get(venue, 'C0/USDT');
  expect(reads).toEqual(['C0/USDT']);
});

it('changes nothing about writing', async () => {
  expect(await cached.replaceAll(venue, [btcUsdt])).toEqual({ written: 1, removed: 0 });
  expect(await cached.hasAny(venue)).toBe(true);
});
