/**
 * One order as a function of Nightdesk places it once it has read the market from its table. Bundled before it is run, as
 * functions are.
 *
 * stdin `StoredMarketOrderInput`, stdout `StoredMarketOrderOutput`, both JSON.
 */
import { json } from 'node:stream/consumers';
import { systemClock } from '@nightdesk/aws/system-clock.ts';
import type { Market, OrderRequest } from '@nightdesk/core';
import { createVenue } from '@nightdesk/exchange';

export interface StoredMarketOrderInput {
  /** The folder `venues` of the layer. */
  directory: string;
  simulatorUrl: string;
  apiKey: string;
  secret: string;
  market: Market;
  request: OrderRequest;
}

export interface StoredMarketOrderOutput {
  /** Processor time since the process began. */
  cpuMs: number;
}

const { directory, simulatorUrl, apiKey, secret, market, request } = (await json(
  process.stdin,
)) as StoredMarketOrderInput;
const venue = await createVenue({
  venue: market.venue,
  directory,
  credentials: { apiKey, secret },
  mode: 'sandbox',
  exchangeConfig: { baseUrl: simulatorUrl, timeoutMs: 10_000 },
  clock: systemClock,
});
const outcome = await venue.placeOrder(request, market);
if (outcome.kind !== 'accepted') throw new Error(`the order was not accepted: ${JSON.stringify(outcome)}`);
const { user, system } = process.cpuUsage();
const output: StoredMarketOrderOutput = { cpuMs: (user + system) / 1000 };
// Connections that are kept for the next order would keep the process.
process.stdout.write(JSON.stringify(output), () => process.exit(0));
