/** What befalls an account's stream, and what of it reaches whoever listens; at the simulated Bybit. */

import {
  ConfigurationError,
  LocalBudget,
  type RequestLimit,
  SecretUnavailableError,
  type VenueId,
} from '@nightdesk/core';
import { createAccountStreams, MarketLists } from '@nightdesk/exchange';
import { AccountLeg } from '@nightdesk/exchange/streams/account-leg.ts';
import { traitsOf } from '@nightdesk/exchange/traits/index.ts';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { BybitSimulator } from '../../local/simulators/bybit/simulator.ts';
import { realClock } from '../support/clocks.ts';
import { openVenueLayer } from '../support/venue-layer.ts';
import { waitFor } from '../support/waiting.ts';
import * as bybit from './bybit-support.ts';
import { AccountBench, Told } from './streams-account-support.ts';

const { perpetual } = bybit;
const limits = { orders: 1_000, weight: 10_000 };

let bench: AccountBench;
let simulator: BybitSimulator;
let directory: string;
beforeAll(async () => {
  ({ directory } = await openVenueLayer());
  simulator = await bybit.startSimulator();
  const timing = { pingEveryMs: 50, silentMsMax: 400 };
  bench = await AccountBench.open({ venue: 'bybit', directory, simulator, account: bybit.mainAccount, limits, timing });
  await bench.connected();
});
afterAll(() => bench.close());

it('tells of positions as they are opened and closed', async () => {
  const symbol = 'ETH/USDT:USDT';
  await bench.place(symbol, { side: 'buy', size: '0.5' });
  const latest = () => bench.told.positions.findLast((position) => position.symbol === symbol);
  await waitFor(() => expect(latest()).toMatchObject({ side: 'long', contracts: '0.5' }));
  const [asked] = await bench.venue.fetchPositions([bench.market(symbol)]);
  expect(latest()?.entryPrice).toBe(asked?.entryPrice);
  await bench.place(symbol, { side: 'sell', size: '0.5' });
  await waitFor(() => expect(latest()).toMatchObject({ contracts: '0' }));
  expect(latest()?.side).toBeUndefined();
});

it.each([
  ['order', { status: 'open' }],
  ['execution', { status: 'filled', fills: [] }],
])('tells what it knows of an order whose messages of the topic %s are lost, and no more', async (channel, known) => {
  await bench.control('POST', 'faults', { kind: 'drop-frame', match: { channel } });
  const placed = await bench.place(perpetual, { side: 'buy', size: '0.2' });
  const asked = await bench.asked(perpetual, placed);
  await waitFor(() => expect(bench.told.sumOf(placed.venueOrderId)?.filled).toBe('0.2'));
  const { filled, cost, fills } = asked;
  expect(bench.told.sumOf(placed.venueOrderId)).toMatchObject({ filled, cost, fills, ...known });
  await bench.control('DELETE', 'faults');
});

it('notices that nothing comes any more, pings included, and connects again', async () => {
  const before = bench.told.count('connected');
  await bench.control('POST', 'faults', { kind: 'silence', match: { channel: 'position' }, count: 1 });
  await bench.place(perpetual, { side: 'buy', size: '0.1' });
  await waitFor(() => expect(bench.told.count('connected')).toBe(before + 1));
  expect(bench.told.incidents.at(-2)).toMatchObject({ incident: 'disconnected', reason: /^nothing came for \d+ ms$/ });
});

it('says once why it cannot be connected, and comes back when it can', async () => {
  const before = bench.told.incidents.length;
  await bench.control('POST', 'faults', { kind: 'disconnect-streams', forMs: 400 });
  await waitFor(() => expect(bench.connection.isOpen).toBe(false));
  expect(bench.connection.heardMs).toBeDefined();
  await bench.connected();
  const kinds = bench.told.incidents.slice(before).map(({ incident }) => incident);
  expect(kinds).toEqual(['disconnected', 'disconnected', 'connected']);
});

describe('a venue whose streams nobody has compared with its answers', () => {
  it('is asked for the order that they tell of, and so brings every fill', async () => {
    const told = new Told();
    const leg = new AccountLeg({
      ...{ wallet: 'unified', streamTraits: undefined, symbols: [], isMain: true, listener: told.listener },
      ...{
        traits: traitsOf('bybit' as VenueId),
        random: () => 0,
        watches: [{ method: 'watchOrders', parameters: {} }],
      },
      options: {
        ...{ venue: 'bybit' as VenueId, directory, mode: 'sandbox', clock: realClock, marketLists: new MarketLists() },
        ...{ credentials: bybit.mainAccount, exchangeConfig: { baseUrl: simulator.url, timeoutMs: 5_000, limits } },
      },
    });
    await waitFor(() => expect(leg.isOpen).toBe(true));
    await waitFor(async () => {
      const { venueOrderId } = await bench.place(perpetual, { side: 'buy', size: '0.1' });
      // Not for long: what was traded before its streams were subscribed is not told, and the next order is.
      await vi.waitFor(() => expect(told.sumOf(venueOrderId)).toMatchObject({ status: 'filled', filled: '0.1' }));
      expect(told.sumOf(venueOrderId)?.fills).toHaveLength(1);
    });
    expect(told.count('unreadable')).toBe(0);
    await leg.close();
    expect(leg.isOpen).toBe(false);
  });
});

it('tells no key to the address of another company', async () => {
  const told = new Told();
  const port = await createAccountStreams({
    ...{ venue: 'binanceus' as VenueId, directory, mode: 'sandbox', clock: realClock, credentials: bybit.mainAccount },
    exchangeConfig: { baseUrl: simulator.url, timeoutMs: 5_000 },
  });
  expect(port.offers('orders')).toBe('absent');
  const connection = port.open(told.listener, []);
  expect([connection.isOpen, connection.heardMs]).toEqual([true, undefined]);
  await connection.close();
  expect(told.incidents).toEqual([]);
});

it.each([
  ['no-such-venue', bybit.mainAccount, ConfigurationError],
  ['bybit', { apiKey: 'a key' }, SecretUnavailableError],
] as const)('is refused at once for %s with what it was given', async (venue, credentials, error) => {
  const opened = createAccountStreams({
    ...{ venue: venue as VenueId, directory, mode: 'sandbox', clock: realClock, credentials },
    exchangeConfig: { baseUrl: simulator.url, timeoutMs: 5_000 },
  });
  await expect(opened).rejects.toBeInstanceOf(error);
});

it('takes its share of the limits once, however often it connects', async () => {
  const told = new Told();
  const fleet = {
    openBudget: vi.fn((shared: readonly RequestLimit[]) => new LocalBudget({ limits: shared, clock: realClock })),
    readAheadMs: async () => undefined,
  };
  const port = await createAccountStreams({
    ...{ venue: 'bybit' as VenueId, directory, mode: 'sandbox', clock: realClock, credentials: bybit.mainAccount },
    ...{ fleet, random: () => 0, exchangeConfig: { baseUrl: simulator.url, timeoutMs: 5_000, limits } },
  });
  const connection = port.open(told.listener, []);
  await waitFor(() => expect(connection.isOpen).toBe(true));
  await bench.control('POST', 'faults', { kind: 'disconnect-streams', forMs: 20 });
  await waitFor(() => expect(told.count('connected')).toBe(2));
  expect(fleet.openBudget).toHaveBeenCalledTimes(1);
  await Promise.all([connection.close(), bench.connected()]);
});

it('connects no more once it is closed, however it was just then', async () => {
  const told = new Told();
  const port = await bench.another({});
  const early = port.open(told.listener, []);
  await early.close();
  const late = port.open(told.listener, []);
  await waitFor(() => expect(late.isOpen).toBe(true));
  await Promise.all([late.close(), late.close()]);
  expect([early.isOpen, late.isOpen]).toEqual([false, false]);
  expect(told.incidents.map(({ incident }) => incident)).toEqual(['connected']);
});
