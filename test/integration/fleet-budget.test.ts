/**
 * Ten processes hammer one venue, through the functions' own code and an embedded DynamoDB. What they sent is counted by the
 * simulated venue, window by window.
 */
import type { Market, RequestLimit, VenueId } from '@nightdesk/core';
import { createVenue } from '@nightdesk/exchange';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Limits } from '../../local/simulators/binance/limits.ts';
import { type BinanceSimulator, createBinanceSimulator } from '../../local/simulators/binance/simulator.ts';
import { realClock } from '../support/clocks.ts';
import { startCoordinationTable, type TestTable } from '../support/coordination-table.ts';
import { Fleet } from '../support/fleet/fleet.ts';
import type { FleetCommand } from '../support/fleet/sandbox.ts';
import { type BuiltVenueLayer, openVenueLayer } from '../support/venue-layer.ts';

const sandboxes = 10;
/** Minutes would take minutes. */
const windowMs = 4_000;
/** For the fleet to construct its venues. */
const leadMs = 1_000;
/** In the first the fleet starts. Of the others the fullest is looked at: other tests may take the processors for a while. */
const windows = 4;
const credentials = { apiKey: 'k'.repeat(64), secret: 's'.repeat(64) };
const wide = 1_000_000;

const weight = (unitsMax: number): RequestLimit => ({
  ...{ name: 'weight', scope: 'egress', kind: 'window', counts: 'all' },
  ...{ unitsMax, windowMs, unitsPerWeight: 5 },
});
const orders = (unitsMax: number): RequestLimit => ({
  ...{ name: 'orders-10s', scope: 'key', kind: 'window', counts: 'orders' },
  ...{ unitsMax, windowMs },
});

let layer: BuiltVenueLayer;
let table: TestTable;
let fleet: Fleet;
let market: Market;
beforeAll(async () => {
  layer = await openVenueLayer();
  table = await startCoordinationTable();
  market = await findMarket();
  fleet = await Fleet.start(sandboxes, table.url);
});
afterAll(async () => {
  await fleet?.close();
  await table?.close();
  layer?.remove();
});

interface Hammering extends Pick<FleetCommand, 'placing' | 'asking' | 'table' | 'fleetName'> {
  windows: number;
  weightMax: number;
  ordersMax: number;
}

/** Lets the fleet hammer a new venue, for so many windows, and asks the venue what it saw. */
async function hammer({ weightMax, ordersMax, windows, ...how }: Hammering) {
  const simulator = await startVenue({ weightPerMinute: weightMax, ordersPer10Seconds: ordersMax });
  try {
    const startAtMs = (Math.floor((Date.now() + leadMs) / windowMs) + 1) * windowMs;
    const endAtMs = startAtMs + windows * windowMs;
    const command = { venue: 'binance', directory: layer.directory, credentials, market, startAtMs, endAtMs };
    const limits = [weight(weightMax), orders(ordersMax)];
    const report = await fleet.run({ ...command, ...how, url: simulator.url, limits });
    const answer = await fetch(`${simulator.url}/__sim/requests`);
    return { report, seen: (await answer.json()) as Seen };
  } finally {
    await simulator.close();
  }
}

interface Seen {
  rateLimitAnswers: number;
  bans: number;
  weightByWindow: Record<string, number>;
  ordersByWindow: Record<string, number>;
}

const fullest = (byWindow: Record<string, number>): number => Math.max(...Object.values(byWindow));

const startVenue = (limits: Partial<Limits>): Promise<BinanceSimulator> =>
  createBinanceSimulator({
    ...{ seed: 3, symbolsCount: 20 },
    accounts: [{ name: 'main', ...credentials, balances: { USDT: '100000000' } }],
    limits: {
      weightWindowMs: windowMs,
      ordersWindowMs: windowMs,
      violationsBeforeBan: 10,
      firstBanMs: 60_000,
      ...limits,
    },
  });

/** From a venue of its own, where it does not matter what it weighs. */
async function findMarket(): Promise<Market> {
  const simulator = await startVenue({});
  try {
    const exchangeConfig = { baseUrl: simulator.url, timeoutMs: 5_000 };
    const venue = 'binance' as VenueId;
    const port = await createVenue({
      venue,
      directory: layer.directory,
      mode: 'sandbox',
      exchangeConfig,
      clock: realClock,
    });
    const found = (await port.fetchMarkets()).find(({ symbol }) => symbol === 'BTC/USDT');
    if (found === undefined) throw new Error('BTC/USDT is not listed');
    return found;
  } finally {
    await simulator.close();
  }
}

// A process that stands still between its turn and its request sends it in a window that others count on: the machine's doing.
const onBusyMachines = { retry: 1, timeout: 240_000 };
it(
  'a fleet that shares a budget uses nine tenths of the weight of an address, and is never refused',
  onBusyMachines,
  async () => {
    const weightMax = 160;
    const how = { windows, placing: 2, asking: 2, table: table.name, fleetName: 'weight' };
    const { report, seen } = await hammer({ weightMax, ordersMax: wide, ...how });
    const used = fullest(seen.weightByWindow) / weightMax;
    expect(seen).toMatchObject({ rateLimitAnswers: 0, bans: 0 });
    expect(used, JSON.stringify(report)).toBeGreaterThanOrEqual(0.9);
    expect(used).toBeLessThanOrEqual(1);
  },
);

it('a fleet that shares a budget uses nine tenths of the orders of a key, and is never refused', async () => {
  const ordersMax = 40;
  const how = { windows, placing: 3, asking: 0, table: table.name, fleetName: 'orders' };
  const { report, seen } = await hammer({ weightMax: wide, ordersMax, ...how });
  const used = fullest(seen.ordersByWindow) / ordersMax;
  expect(seen).toMatchObject({ rateLimitAnswers: 0, bans: 0 });
  expect(used, JSON.stringify(report)).toBeGreaterThanOrEqual(0.9);
  expect(used).toBeLessThanOrEqual(1);
}, 240_000);

it('the same fleet without a shared budget is refused, and its address banned', async () => {
  const { report, seen } = await hammer({
    weightMax: 400,
    ordersMax: wide,
    windows: 1,
    placing: 2,
    asking: 2,
    fleetName: 'alone',
  });
  expect(seen.rateLimitAnswers).toBeGreaterThan(0);
  expect(seen.bans).toBeGreaterThan(0);
  expect(report['order rejected: venue_blocked'], 'what each knew by itself still stopped it').toBeGreaterThan(0);
}, 240_000);
