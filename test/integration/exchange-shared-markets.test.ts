/** Accounts of one process at one venue, by ccxt's own classes at the simulated ones. */
import { amount, type VenueId } from '@nightdesk/core';
import { createVenue, MarketLists } from '@nightdesk/exchange';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { realClock } from '../support/clocks.ts';
import { type BuiltVenueLayer, openVenueLayer } from '../support/venue-layer.ts';
import * as binance from './binance-support.ts';
import * as kraken from './kraken-support.ts';

let layer: BuiltVenueLayer;
beforeAll(async () => {
  layer = await openVenueLayer();
});
afterAll(() => layer.remove());

const venues = [
  [
    'binance',
    binance,
    '/api/v3/exchangeInfo',
    'BTC/USDT',
    { ...{ symbol: 'BTCUSDT', quantity: '0.01' }, ...{ side: 'BUY', type: 'LIMIT', timeInForce: 'GTC' } },
  ],
  [
    'kraken',
    kraken,
    '/0/public/AssetPairs',
    'BTC/USD',
    { pair: 'XBTUSD', volume: '0.01', type: 'buy', ordertype: 'limit' },
  ],
] as const;

it.each(venues)(
  'share one list of the markets of %s, and read every answer by it',
  async (name, support, path, symbol, terms) => {
    const simulator = await support.startSimulator();
    const marketLists = new MarketLists();
    const open = (credentials: { apiKey: string; secret: string }) =>
      createVenue({
        ...{
          venue: name as VenueId,
          directory: layer.directory,
          mode: 'sandbox',
          clock: realClock,
          credentials,
          marketLists,
        },
        exchangeConfig: { baseUrl: simulator.url, timeoutMs: 5_000 },
      });
    const [first, second] = await Promise.all([open(support.mainAccount), open(support.mainAccount)]);
    const rest = { action: 'order', account: 'main' };
    await support.control(simulator.url, 'POST', 'outsider', { ...rest, params: { price: '20000', ...terms } });
    const answers = await Promise.all([first.fetchOpenOrders('spot'), second.fetchOpenOrders('spot')]);
    for (const orders of answers) expect(orders).toMatchObject([{ symbol, amount: amount('0.01') }]);
    const requests = await support.control(simulator.url, 'GET', 'requests');
    expect(requests).toMatchObject({ body: { endpoints: { [`GET ${path}`]: { 200: 1 } } } });
    await simulator.close();
  },
);
