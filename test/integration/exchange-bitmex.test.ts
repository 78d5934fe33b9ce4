/** BitMEX as an account sees it: our own class from the layer, behind Nightdesk's port. */
import { amount, type Market, price, type VenueId, type VenuePort } from '@nightdesk/core';
import { createVenue } from '@nightdesk/exchange';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { refusal } from '../support/bitmex-answers.ts';
import { realClock } from '../support/clocks.ts';
import { exampleKey, type RecordedBitmex, startRecordedBitmex } from '../support/recorded-bitmex.ts';
import { type BuiltVenueLayer, openVenueLayer } from '../support/venue-layer.ts';

let layer: BuiltVenueLayer;
let server: RecordedBitmex;
beforeAll(async () => {
  layer = await openVenueLayer();
});
afterAll(() => layer.remove());
beforeEach(async () => {
  server = await startRecordedBitmex();
});
afterEach(() => server.close());

const open = () =>
  createVenue({
    venue: 'bitmex' as VenueId,
    directory: layer.directory,
    credentials: exampleKey,
    mode: 'sandbox',
    exchangeConfig: { baseUrl: server.url, timeoutMs: 2_000 },
    clock: realClock,
  });

async function perpetualOf(venue: VenuePort): Promise<Market> {
  const market = (await venue.fetchMarkets()).find(({ symbol }) => symbol === 'BTC/USD:BTC');
  if (market === undefined) throw new Error('the perpetual is not listed');
  return market;
}

describe("behind Nightdesk's port, BitMEX", () => {
  const request = {
    clientOrderId: 'nd1',
    symbol: 'BTC/USD:BTC',
    side: 'buy',
    type: 'limit',
    amount: amount('100'),
    price: price('90000'),
  } as const;

  it.each([
    [
      400,
      'Account has insufficient Available Balance, 1 XBt required',
      { kind: 'rejected', evidence: { code: 'insufficient_funds' } },
    ],
    [401, 'Signature not valid.', { kind: 'rejected', evidence: { code: 'authentication_failed' } }],
    [429, 'Rate limit exceeded, retry in 9 seconds.', { kind: 'unknown', cause: { code: 'rate_limited' } }],
    [
      503,
      'The system is currently overloaded. Please try again later.',
      { kind: 'unknown', cause: { code: 'unavailable' } },
    ],
  ])('ends an order that it answers with %i in its own word', async (status, message, outcome) => {
    const venue = await open();
    const market = await perpetualOf(venue);
    server.inject('POST /api/v1/order', { kind: 'error-before', answer: { status, body: refusal(message) } });
    expect(await venue.placeOrder(request, market)).toMatchObject(outcome);
    expect(server.orders).toEqual([]);
  });

  it('counts a perpetual in contracts and refuses a part of a lot', async () => {
    const venue = await open();
    const market = await perpetualOf(venue);
    expect(await venue.placeOrder(request, market)).toMatchObject({ kind: 'accepted', order: { status: 'open' } });
    expect(server.orders).toMatchObject([{ symbol: 'XBTUSD', orderQty: 100, price: 90000 }]);
    const part = { ...request, clientOrderId: 'nd2', amount: amount('150') };
    expect(await venue.placeOrder(part, market)).toMatchObject({
      kind: 'rejected',
      evidence: { code: 'invalid_order' },
    });
  });

  it('shows the market in neutral words', async () => {
    const venue = await open();
    const market = await perpetualOf(venue);
    expect(market).toMatchObject({ contractType: 'inverse', contractSize: '1', amountStep: '100', settle: 'BTC' });
    expect(await venue.fetchTicker(market)).toMatchObject({ bid: '97882.5', ask: '97887.1', last: '97893.7' });
    const startMs = Date.UTC(2026, 10, 20, 10, 30);
    const traded = { volume: '95000', quoteVolume: '95000', trades: 32 };
    expect(await venue.fetchCandles(market, { timeframe: '1m', sinceMs: startMs, limit: 1 })).toEqual([
      { openTimeMs: startMs, open: '98950', high: '98965', low: '98940', close: '98960', ...traded },
    ]);
    expect(await venue.fetchFundingRate(market)).toMatchObject({
      rate: '0.00011',
      nextAtMs: Date.UTC(2026, 10, 21, 4),
    });
  });

  it('shows the account in neutral words, without the markets known beforehand', async () => {
    const venue = await open();
    expect(await venue.fetchBalances()).toMatchObject([
      { asset: 'BTC', total: '1.0001036', free: '0.99994411', used: '0.00015949' },
      { asset: 'ETH', total: '0.000000001' },
      { asset: 'USDT', total: '5' },
    ]);
    expect(await venue.fetchPositions()).toMatchObject([
      { symbol: 'BTC/USD:BTC', side: 'short', contracts: '100', unrealizedPnl: '0.0000135', marginMode: 'isolated' },
    ]);
  });

  it('cancels an order by our id, and says when there is nothing left to cancel', async () => {
    const venue = await open();
    const market = await perpetualOf(venue);
    await venue.placeOrder(request, market);
    expect(await venue.fetchOpenOrders(market)).toMatchObject([
      { clientOrderId: 'nd1', amount: '100', price: '90000' },
    ]);
    const { clientOrderId, symbol, side, amount: size } = request;
    const reference = { clientOrderId, symbol, side, amount: size, sinceMs: Date.now() - 60_000 };
    expect(await venue.cancelOrder(reference, market)).toMatchObject({ kind: 'canceled', order: { filled: '0' } });
    expect(await venue.cancelOrder(reference, market)).toMatchObject({
      kind: 'not_open',
      order: { status: 'canceled' },
    });
    expect(await venue.fetchOpenOrders(market)).toEqual([]);
  });
});
