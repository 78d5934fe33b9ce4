import { type DeskConfig, type Market, VenueError, type VenueId } from '@nightdesk/core';
import type { CreateVenueOptions } from '@nightdesk/exchange';
import { createMarketFinder, refreshMarkets } from '@nightdesk/functions/shared/market-finder.ts';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createManualClock, type ManualClock } from '../../support/clocks.ts';
import { deskConfig } from '../../support/desk-config.ts';
import { FakeVenue } from '../../support/fake-venue.ts';
import { btcUsdt, ethUsdt } from '../../support/markets.ts';
import { createMemoryMarkets, MemoryTables } from '../../support/memory-stores.ts';

const opened = vi.hoisted((): { with: unknown[]; open: (options: unknown) => unknown } => ({
  with: [],
  open: () => undefined,
}));
// The real one needs the venue layer and an exchange to talk to; test/integration has both.
vi.mock('@nightdesk/exchange', () => ({
  createVenue: async (options: unknown) => {
    opened.with.push(options);
    return opened.open(options);
  },
}));

const venue = 'fake' as VenueId;
const minuteMs = 60_000;

let clock: ManualClock;
let tables: MemoryTables;
let listed: Market[];

beforeEach(() => {
  clock = createManualClock();
  tables = new MemoryTables();
  listed = [btcUsdt];
  opened.with.length = 0;
  opened.open = () => new FakeVenue({ clock, markets: listed });
});

const dependencies = (config: DeskConfig = deskConfig()) => ({
  ...{ clock, directory: '/opt/venues', loadConfig: async () => config },
  markets: createMemoryMarkets(tables),
});

describe('a market', () => {
  it('that is stored is not asked of the venue', async () => {
    await createMemoryMarkets(tables).replaceAll(venue, [btcUsdt]);
    expect(await createMarketFinder(dependencies())(venue, 'BTC/USDT')).toEqual(btcUsdt);
    expect(opened.with).toEqual([]);
  });

  it('that is listed since the last refresh is fetched from the venue and stored', async () => {
    const find = createMarketFinder(dependencies());
    listed = [btcUsdt, ethUsdt];
    expect(await find(venue, 'ETH/USDT')).toEqual(ethUsdt);
    expect(tables.markets.size).toBe(2);
  });

  it('that does not exist is asked about once a minute', async () => {
    const find = createMarketFinder(dependencies());
    for (const waitMs of [0, minuteMs - 1, 1]) {
      clock.advance(waitMs);
      expect(await find(venue, 'NO/NE')).toBeUndefined();
    }
    expect(opened.with).toHaveLength(2);
  });

  it('is asked about again at once when the venue did not answer', async () => {
    const find = createMarketFinder(dependencies());
    opened.open = () => Promise.reject(new VenueError(venue, 'does not answer'));
    await expect(find(venue, 'BTC/USDT')).rejects.toThrow('does not answer');
    opened.open = () => new FakeVenue({ clock, markets: listed });
    expect(await find(venue, 'BTC/USDT')).toEqual(btcUsdt);
  });

  it('is fetched once for all who miss it at the same moment', async () => {
    const find = createMarketFinder(dependencies());
    await Promise.all([find(venue, 'BTC/USDT'), find(venue, 'ETH/USDT')]);
    expect(opened.with).toHaveLength(1);
  });
});

describe('refreshing', () => {
  it('makes the stored markets those of the venue, without any credentials', async () => {
    await createMemoryMarkets(tables).replaceAll(venue, [ethUsdt]);
    expect(await refreshMarkets(venue, dependencies())).toEqual({ written: 1, removed: 1 });
    expect([...tables.markets.keys()]).toEqual(['fake BTC/USDT']);
    const [options] = opened.with as CreateVenueOptions[];
    expect(options).toMatchObject({ venue, directory: '/opt/venues', mode: 'sandbox' });
    expect(options).not.toHaveProperty('credentials');
  });

  it('asks the real venue as soon as one of its accounts is live', async () => {
    const limits = { orderNotionalMax: '1000', openNotionalMax: '5000', exposureMax: '9%', dailyLossMax: '9%' };
    const config = deskConfig({
      accounts: { main: { exchange: 'fake', mode: 'live' } },
      risk: { accounts: { main: limits } },
    });
    await refreshMarkets(venue, dependencies(config));
    expect(opened.with).toMatchObject([{ mode: 'live' }]);
  });

  it('leaves the stored markets as they are when the venue does not answer', async () => {
    await createMemoryMarkets(tables).replaceAll(venue, [ethUsdt]);
    opened.open = () => Promise.reject(new VenueError(venue, 'does not answer'));
    await expect(refreshMarkets(venue, dependencies())).rejects.toThrow(VenueError);
    expect([...tables.markets.keys()]).toEqual(['fake ETH/USDT']);
  });

  it('names an exchange that is not configured', async () => {
    await expect(refreshMarkets('nowhere' as VenueId, dependencies())).rejects.toThrow('nowhere is not configured');
  });
});
