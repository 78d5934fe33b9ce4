import { type Market, VenueError, type VenueId } from '@nightdesk/core';
import { createVenue } from '@nightdesk/exchange';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { realClock } from '../support/clocks.ts';
import { startHttpProxy, type TestProxy } from '../support/proxies.ts';
import { credentials, request, type ScriptedBinance, startScriptedBinance } from '../support/scripted-binance.ts';
import { type BuiltVenueLayer, openVenueLayer } from '../support/venue-layer.ts';

let layer: BuiltVenueLayer;
let binance: ScriptedBinance;
let market: Market;
let proxy: TestProxy | undefined;

beforeAll(async () => {
  layer = await openVenueLayer();
  binance = await startScriptedBinance(layer.directory);
  market = await binance.market();
});
afterEach(() => proxy?.close());
afterAll(async () => {
  await binance.server.close();
  layer.remove();
});

function venueThrough(used: TestProxy) {
  proxy = used;
  binance.answerWith({});
  return createVenue({
    venue: 'binance' as VenueId,
    directory: layer.directory,
    credentials: { ...credentials, proxyUsername: 'me', proxyPassword: 'pw-of-the-proxy' },
    mode: 'sandbox',
    exchangeConfig: { baseUrl: binance.server.url, timeoutMs: 1_000, proxies: [used.url] },
    clock: realClock,
  });
}

it('an order that no proxy lets through is rejected as not sent, since the venue certainly has none', async () => {
  const venue = await venueThrough(await startHttpProxy({ status: 403 }));
  const outcome = await venue.placeOrder(request, market);
  expect(outcome).toMatchObject({ kind: 'rejected', evidence: { code: 'proxy_refused' } });
  expect(JSON.stringify(outcome)).not.toContain('pw-of-the-proxy');
  expect(binance.server.requests).toEqual([]);
});

it('an order that went through a proxy and was not answered stays unknown', async () => {
  const venue = await venueThrough(await startHttpProxy({ user: 'me:pw-of-the-proxy' }));
  binance.answerWith({ 'POST /api/v3/order': { status: 502, body: 'bad gateway' } });
  expect(await venue.placeOrder(request, market)).toMatchObject({ kind: 'unknown' });
  expect(binance.server.requests).toMatchObject([{ method: 'POST', path: '/api/v3/order' }]);
});

it('a question that no proxy lets through fails with the reason', async () => {
  const venue = await venueThrough(await startHttpProxy({ user: 'somebody:else' }));
  const question = venue.fetchPrice(market, 'buy');
  await expect(question).rejects.toThrow(VenueError);
  await expect(question).rejects.toThrow('it wants another user or password (407)');
});
