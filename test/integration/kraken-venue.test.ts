import { amount, type Market, type OrderRequest, type VenueId, type VenuePort } from '@nightdesk/core';
import { createVenue } from '@nightdesk/exchange';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KrakenSimulator } from '../../local/simulators/kraken/simulator.ts';
import { realClock } from '../support/clocks.ts';
import { openVenueLayer } from '../support/venue-layer.ts';
import { control, mainAccount, simulatedOrders, startSimulator } from './kraken-support.ts';

let simulator: KrakenSimulator;
let layer: Awaited<ReturnType<typeof openVenueLayer>>;
let venue: VenuePort;
let market: Market;

beforeAll(async () => {
  [simulator, layer] = await Promise.all([startSimulator(), openVenueLayer()]);
  const { apiKey, secret } = mainAccount;
  venue = await createVenue({
    venue: 'kraken' as VenueId,
    directory: layer.directory,
    credentials: { apiKey, secret },
    mode: 'sandbox',
    exchangeConfig: { baseUrl: simulator.url, timeoutMs: 2_000 },
    clock: realClock,
  });
  const found = (await venue.fetchMarkets()).find(({ symbol }) => symbol === 'BTC/USD');
  if (found === undefined) throw new Error('BTC/USD is not listed');
  market = found;
});
afterAll(async () => {
  await simulator.close();
  layer.remove();
});

const order = (clientOrderId: string): OrderRequest => ({
  ...{ clientOrderId, symbol: 'BTC/USD', side: 'buy', type: 'market', amount: amount('0.01') },
});
const find = ({ clientOrderId, symbol, side, amount: size }: OrderRequest) =>
  venue.findOrder({ clientOrderId, symbol, side, amount: size, sinceMs: Date.now() - 60_000 }, market);

describe('the desk at the simulated Kraken, with nothing set but its base address', () => {
  it('trades', async () => {
    const outcome = await venue.placeOrder(order('ndkraken0001'), market);
    expect(outcome).toMatchObject({ kind: 'accepted', order: { status: 'filled', filled: '0.01' } });
  });

  it('finds the order whose answer was lost', async () => {
    const match = { path: '/0/private/AddOrder' };
    await control(simulator.url, 'POST', 'faults', { kind: 'drop-answer', match, count: 1 });
    const before = (await simulatedOrders(simulator.url)).length;
    const request = order('ndkraken0002');
    expect((await venue.placeOrder(request, market)).kind).toBe('unknown');
    expect(await simulatedOrders(simulator.url)).toHaveLength(before + 1);
    expect(await find(request)).toMatchObject({ kind: 'found', order: { status: 'filled' } });
  });
});
