/** Venues whose answers differ from Binance's in kind: no more than an id, no book ticker, no look-up by our id. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { amount, type Market, price, type VenueId } from '@nightdesk/core';
import { createVenue, loadVenueClass } from '@nightdesk/exchange';
import { rebaseUrls } from '@nightdesk/exchange/base-url.ts';
import type { VenueIndex } from '@nightdesk/exchange/build-venue-layer.ts';
import { constructClient } from '@nightdesk/exchange/construct-client.ts';
import { traitsOf } from '@nightdesk/exchange/traits/index.ts';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { realClock } from '../support/clocks.ts';
import { type ScriptedServer, startScriptedServer } from '../support/scripted-server.ts';
import { type BuiltVenueLayer, openVenueLayer } from '../support/venue-layer.ts';

let layer: BuiltVenueLayer;
let server: ScriptedServer;
beforeAll(async () => {
  layer = await openVenueLayer();
});
afterAll(() => layer.remove());
beforeEach(async () => {
  server = await startScriptedServer(() => ({ status: 404, body: 'no such route in this test' }));
});
afterEach(() => server.close());

const connect = (venue: string) =>
  createVenue({
    venue: venue as VenueId,
    directory: layer.directory,
    credentials: { apiKey: 'the-key', secret: Buffer.from('the-secret').toString('base64'), password: 'the-pass' },
    mode: 'sandbox',
    exchangeConfig: { baseUrl: server.url, timeoutMs: 1_000 },
    clock: realClock,
  });

function marketAt(venue: string, venueSymbol: string): Market {
  const definition = {
    id: venueSymbol,
    symbol: 'BTC/USDT',
    type: 'spot',
    spot: true,
    contract: false,
    base: 'BTC',
    quote: 'USDT',
    baseId: 'BTC',
    quoteId: 'USDT',
    precision: { amount: '0.0001', price: '0.1' },
    info: {},
  };
  return {
    venue: venue as VenueId,
    symbol: 'BTC/USDT',
    venueSymbol,
    kind: 'spot',
    base: 'BTC',
    quote: 'USDT',
    active: true,
    amountStep: amount('0.0001'),
    priceStep: price('0.1'),
    definition: JSON.stringify(definition),
  };
}

const request = {
  clientOrderId: 'nd1',
  symbol: 'BTC/USDT',
  side: 'buy',
  type: 'limit',
  amount: amount('0.01'),
  price: price('60000'),
} as const;

describe('OKX, which answers an order with no more than its id', () => {
  const market = marketAt('okx', 'BTC-USDT');
  const placed = { code: '0', msg: '', data: [{ ordId: '312', clOrdId: 'nd1', sCode: '0', sMsg: '' }] };
  const order = {
    instType: 'SPOT',
    instId: 'BTC-USDT',
    ordId: '312',
    clOrdId: 'nd1',
    side: 'buy',
    ordType: 'limit',
    px: '60000',
    sz: '0.01',
    accFillSz: '0.004',
    avgPx: '60000',
    fee: '0',
    state: 'partially_filled',
    cTime: '1795000000000',
    uTime: '1795000000000',
  };

  it('is asked for the state before the order counts as known', async () => {
    server.script = ({ method, path }) => {
      if (method === 'POST') return { body: placed };
      return { body: { code: '0', msg: '', data: path.endsWith('/trade/order') ? [order] : [] } };
    };
    const outcome = await (await connect('okx')).placeOrder(request, market);
    expect(outcome).toMatchObject({
      kind: 'accepted',
      order: { venueOrderId: '312', status: 'open', filled: '0.004' },
    });
  });

  it('leaves the order unknown, and not empty, when the state cannot be had', async () => {
    server.script = ({ method }) => (method === 'POST' ? { body: placed } : 'drop');
    const outcome = await (await connect('okx')).placeOrder(request, market);
    expect(outcome).toMatchObject({ kind: 'unknown', cause: { code: 'unparsable_answer' } });
  });

  it('rejects inside an answer of status 200', async () => {
    const refused = { ordId: '', clOrdId: 'nd1', sCode: '51008', sMsg: 'Insufficient balance' };
    server.script = () => ({ body: { code: '1', msg: '', data: [refused] } });
    const outcome = await (await connect('okx')).placeOrder(request, market);
    expect(outcome).toMatchObject({ kind: 'rejected', evidence: { code: 'insufficient_funds' } });
  });

  it('has its best price found by value in a book whose prices are texts', async () => {
    const book = {
      asks: [
        ['10', '1'],
        ['9.5', '1'],
        ['100', '1'],
      ],
      bids: [
        ['9', '1'],
        ['8.5', '1'],
        ['9.25', '1'],
      ],
    };
    server.script = () => ({ body: { code: '0', data: [{ ...book, ts: '1795000000000' }] } });
    const venue = await connect('okx');
    expect(await venue.fetchPrice(market, 'buy')).toBe('9.5');
    expect(await venue.fetchPrice(market, 'sell')).toBe('9.25');
  });
});

describe('Kraken, which does not look orders up by our id', () => {
  it('is unknown, not absent, while one of its lists has no answer', async () => {
    server.script = ({ path }) =>
      path.endsWith('/ClosedOrders') ? 'drop' : { body: { error: [], result: { open: {} } } };
    const reference = { ...request, sinceMs: 1_795_000_000_000 };
    const outcome = await (await connect('kraken')).findOrder(reference, marketAt('kraken', 'XBTUSDT'));
    expect(outcome.kind).toBe('unknown');
    expect(server.requests.map(({ path }) => path.split('/').at(-1))).toEqual(['OpenOrders', 'ClosedOrders']);
  });
});

describe('any venue', () => {
  it('has no address left outside loopback once a base URL is set', async () => {
    const index = JSON.parse(readFileSync(join(layer.directory, 'index.json'), 'utf8')) as VenueIndex;
    for (const kind of ['rest', 'pro'] as const) {
      for (const name of index[kind]) {
        const Venue = await loadVenueClass(name, { directory: layer.directory, kind });
        const venue = new Venue({ number: String, enableRateLimit: false, timeout: 1_000, options: {} });
        const text = JSON.stringify(rebaseUrls(venue.urls.api, server.url).urls);
        const hosts = [...text.matchAll(/"(?:https?|wss?):\/\/([^/"]*)/g)].map(([, host]) => host?.split(':')[0]);
        expect(new Set(hosts), name).toEqual(new Set(['127.0.0.1']));
      }
    }
  });

  it('in sandbox mode is refused without a sandbox, rather than sent to the real one', async () => {
    const options = {
      venue: 'kraken' as VenueId,
      directory: layer.directory,
      mode: 'sandbox',
      clock: realClock,
    } as const;
    await expect(createVenue({ ...options, exchangeConfig: { timeoutMs: 1_000 } })).rejects.toThrow(
      /exchange "kraken" has no sandbox/,
    );
  });

  it('has the parts of a sandbox account that have no base URL in the sandbox, never at the real venue', async () => {
    const hostsAt = async (venue: string, mode: 'sandbox' | 'live', baseUrl: Record<string, string>) => {
      const exchangeConfig = { baseUrl, timeoutMs: 1_000 };
      const options = { venue: venue as VenueId, directory: layer.directory, mode, exchangeConfig, clock: realClock };
      const { client } = await constructClient(options, traitsOf(options.venue));
      return Object.fromEntries(
        Object.entries(client.urls.api as object).map(([part, url]) => [part, new URL(url).host]),
      );
    };
    const some = { public: server.url, sapi: server.url };
    const { host } = new URL(server.url);
    const [sandbox, live] = [await hostsAt('binance', 'sandbox', some), await hostsAt('binance', 'live', some)];
    expect(live).toMatchObject({ public: host, sapi: host, private: 'api.binance.com', sapiV2: 'api.binance.com' });
    expect(sandbox).toMatchObject({ public: host, sapi: host, private: 'testnet.binance.vision' });
    expect(sandbox).not.toHaveProperty('sapiV2');
    // Kraken has no sandbox.
    await expect(hostsAt('kraken', 'sandbox', some)).rejects.toThrow(/must also name .*private/);
  });
});
