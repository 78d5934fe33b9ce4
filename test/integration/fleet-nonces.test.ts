/** Processes that use one key at a venue which wants rising nonces, as track-orders and execute-order do. */
import type { Market, VenueId } from '@nightdesk/core';
import { createVenue } from '@nightdesk/exchange';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { KrakenSimulator } from '../../local/simulators/kraken/simulator.ts';
import { realClock } from '../support/clocks.ts';
import { startCoordinationTable, type TestTable } from '../support/coordination-table.ts';
import { Fleet } from '../support/fleet/fleet.ts';
import { type BuiltVenueLayer, openVenueLayer } from '../support/venue-layer.ts';
import { mainAccount, startSimulator } from './kraken-support.ts';

const venue = 'kraken' as VenueId;
const { apiKey, secret } = mainAccount;
const credentials = { apiKey, secret };
/** For the fleet to construct its venues. */
const leadMs = 1_000;
const hammeringMs = 4_000;
/** Limits are not what this is about. */
const limits = (['key', 'egress'] as const).map((scope) => ({
  ...{ name: scope, scope, kind: 'window' as const, counts: 'all' as const },
  ...{ unitsMax: 1_000_000, windowMs: 60_000 },
}));

let simulator: KrakenSimulator;
let layer: BuiltVenueLayer;
let table: TestTable;
let fleet: Fleet;
let market: Market;
beforeAll(async () => {
  [simulator, layer, table] = await Promise.all([startSimulator(), openVenueLayer(), startCoordinationTable()]);
  const exchangeConfig = { baseUrl: simulator.url, timeoutMs: 5_000 };
  const { directory } = layer;
  const port = await createVenue({ venue, directory, mode: 'sandbox', exchangeConfig, clock: realClock });
  const found = (await port.fetchMarkets()).find(({ symbol }) => symbol === 'BTC/USD');
  if (found === undefined) throw new Error('BTC/USD is not listed');
  market = found;
  fleet = await Fleet.start(3, table.url);
});
afterAll(async () => {
  await fleet?.close();
  await table?.close();
  await simulator?.close();
  layer?.remove();
});

// A machine that stands still for longer than a lease lasts lets another take over: that is the desk's bound, not its defect.
it('three processes hammer one key and no nonce is too low', { retry: 2, timeout: 240_000 }, async () => {
  await fetch(`${simulator.url}/__sim/reset`, { method: 'POST' });
  const startAtMs = Date.now() + leadMs;
  const report = await fleet.run({
    ...{ venue, url: simulator.url, directory: layer.directory, credentials, market, limits },
    ...{ startAtMs, endAtMs: startAtMs + hammeringMs, placing: 1, asking: 2 },
    ...{ table: table.name, fleetName: 'main' },
  });
  const answer = await fetch(`${simulator.url}/__sim/requests`);
  const { endpoints } = (await answer.json()) as { endpoints: Record<string, Record<string, number>> };
  const seen = JSON.stringify({ endpoints, report });
  expect(seen).not.toContain('nvalid nonce');
  expect(report.placed, seen).toBeGreaterThan(3);
  expect(report.asked, seen).toBeGreaterThan(3);
});
