/** Our own class for BitMEX, as it is in the layer, over HTTP with a server that checks every signature. */
import { loadVenueClass } from '@nightdesk/exchange';
import { rebaseUrls } from '@nightdesk/exchange/base-url.ts';
import { createHttpTransport } from '@nightdesk/exchange/http-transport.ts';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type Bitmex from '../../layers/exchange/custom/bitmex/index.ts';
import { keys } from '../support/bitmex-answers.ts';
import { realClock } from '../support/clocks.ts';
import { exampleKey, type RecordedBitmex, startRecordedBitmex } from '../support/recorded-bitmex.ts';
import { type BuiltVenueLayer, openVenueLayer } from '../support/venue-layer.ts';

let layer: BuiltVenueLayer;
let server: RecordedBitmex;
let client: Bitmex;
beforeAll(async () => {
  layer = await openVenueLayer();
});
afterAll(() => layer.remove());
beforeEach(async () => {
  server = await startRecordedBitmex();
  client = await connect(exampleKey);
});
afterEach(() => server.close());

/** The class of the layer without Nightdesk's port around it, for what the port does not ask. */
async function connect(credentials: object): Promise<Bitmex> {
  const Venue = await loadVenueClass('bitmex', { directory: layer.directory, kind: 'rest' });
  const venue = new Venue({
    ...credentials,
    number: String,
    enableRateLimit: false,
    timeout: 2_000,
    options: {},
    fetchImplementation: createHttpTransport(realClock),
  });
  venue.urls = { ...venue.urls, api: rebaseUrls(venue.urls.api, server.url).urls };
  // The layer's class is this one, bundled.
  return venue as unknown as Bitmex;
}

/** ccxt types amounts as numbers; Nightdesk hands texts over, and they are to arrive as they are. */
const decimal = (text: string) => text as unknown as number;

const lastRequest = () => {
  const { method, path, query, body } = server.requests.at(-1) ?? {};
  return { method, path, query: Object.fromEntries(query ?? []), ...(body && { body: JSON.parse(body) as object }) };
};

describe('what BitMEX tells everybody', () => {
  beforeEach(async () => {
    client = await connect({});
  });

  it('its time and status', async () => {
    expect(await client.fetchTime()).toBeGreaterThan(Date.UTC(2026, 0, 1));
    expect(await client.fetchStatus()).toMatchObject({ status: 'ok' });
  });

  it('its markets and currencies', async () => {
    const symbols = (await client.fetchMarkets()).map((market) => market?.symbol);
    expect(symbols).toEqual(['BTC/USD:BTC', 'LTC/USDT:USDT', 'ETH/USD:BTC', 'BTC/USD:BTC-270326', 'BTC/USDT']);
    expect(await client.fetchCurrencies()).toMatchObject({
      BTC: { precision: '0.00000001' },
      USDT: { precision: '0.000001' },
    });
  });

  it('prices, one market or all', async () => {
    const ticker = {
      symbol: 'BTC/USD:BTC',
      bid: '97882.5',
      ask: '97887.1',
      markPrice: '97849.76',
      baseVolume: '4317.62899194',
    };
    expect(await client.fetchTicker('BTC/USD:BTC')).toMatchObject(ticker);
    expect(Object.keys(await client.fetchTickers())).toHaveLength(5);
    expect(await client.fetchTickers(['BTC/USD:BTC'])).toMatchObject({ 'BTC/USD:BTC': ticker });
  });

  it('its book, best first by value and in the base currency on spot', async () => {
    expect(await client.fetchOrderBook('BTC/USDT', 2)).toMatchObject({
      bids: [
        ['97882.5', '50'],
        ['9990', '50'],
      ],
      asks: [
        ['97887', '50'],
        ['100000', '50'],
      ],
    });
    expect(lastRequest()).toMatchObject({ path: '/api/v1/orderBook/L2', query: { symbol: 'XBT_USDT', depth: '2' } });
  });

  it('trades', async () => {
    expect(await client.fetchTrades('BTC/USD:BTC')).toMatchObject([{ side: 'buy', amount: '100', price: '98951' }]);
    expect(lastRequest().query).toEqual({ symbol: 'XBTUSD', count: '1000', reverse: 'true' });
  });

  it('candles by their start, asked for by their end', async () => {
    const startMs = Date.UTC(2026, 10, 20, 10, 30);
    expect(await client.fetchOHLCV('BTC/USD:BTC', '1m', startMs, 5)).toEqual([
      [startMs, '98950', '98965', '98940', '98960', '0.96005185'],
    ]);
    expect(lastRequest().query).toEqual({
      symbol: 'XBTUSD',
      binSize: '1m',
      count: '5',
      startTime: '2026-11-20T10:31:00.000Z',
    });
    await expect(client.fetchOHLCV('BTC/USD:BTC', '3m')).rejects.toThrow(/no candles of 3m/);
  });

  it('funding, coming and past', async () => {
    const coming = { fundingRate: '0.00011', nextFundingRate: '0.000125', interval: '8h' };
    expect(await client.fetchFundingRate('BTC/USD:BTC')).toMatchObject(coming);
    expect(Object.keys(await client.fetchFundingRates())).toEqual(['BTC/USD:BTC', 'LTC/USDT:USDT']);
    expect(await client.fetchFundingRateHistory('BTC/USD:BTC')).toMatchObject([
      { symbol: 'BTC/USD:BTC', fundingRate: '0.0001', timestamp: Date.UTC(2026, 10, 20, 20) },
    ]);
  });
});

describe('an account at BitMEX', () => {
  it('has balances, scaled by what the venue says of each asset', async () => {
    expect(await client.fetchBalance({ type: 'spot' })).toMatchObject({
      BTC: { total: '1.0001036', free: '0.99994411', used: '0.00015949' },
      USDT: { total: '5', free: '4.000001', used: '0.999999' },
      ETH: { total: '0.000000001', free: '0.000000001', used: '0' },
    });
    const asked = server.requests.map(({ target }) => target);
    expect(asked).toEqual(['/api/v1/user/margin?currency=all', '/api/v1/wallet/assets']);
  });

  it('has positions', async () => {
    expect(await client.fetchPositions()).toMatchObject([
      {
        symbol: 'BTC/USD:BTC',
        side: 'short',
        contracts: '100',
        contractSize: '1',
        entryPrice: '98390.88',
        liquidationPrice: '49195.44',
        unrealizedPnl: '0.0000135',
        notional: '0.00102041',
        leverage: '10',
        marginMode: 'isolated',
      },
    ]);
    expect(lastRequest().query).toEqual({ filter: '{"isOpen":true}' });
  });

  it('sets the leverage of a position', async () => {
    expect(await client.setLeverage(5, 'BTC/USD:BTC')).toMatchObject({ leverage: 5 });
    expect(lastRequest().body).toEqual({ symbol: 'XBTUSD', leverage: 5 });
  });

  it('shows what its keys may do', async () => {
    // ccxt makes a method of every path, which is how the check of a key asks.
    const { privateGetApiKey } = client as unknown as { privateGetApiKey(): Promise<unknown> };
    expect(await privateGetApiKey()).toEqual(keys);
  });

  it('is refused with a wrong secret, and with a clock that is behind', async () => {
    await expect((await connect({ ...exampleKey, secret: 'wrong' })).fetchBalance()).rejects.toMatchObject({
      name: 'AuthenticationError',
    });
    client.milliseconds = () => Date.now() - 30_000;
    await expect(client.fetchBalance()).rejects.toMatchObject({ name: 'InvalidNonce' });
  });
});

describe('orders at BitMEX', () => {
  const place = async (clientOrderId: string) => {
    const price = decimal('90000.5');
    const { id } = await client.createOrder('BTC/USDT', 'limit', 'buy', decimal('0.01'), price, { clientOrderId });
    return { id: String(id) };
  };

  it('are sent in the units of the venue', async () => {
    await place('nd1');
    expect(lastRequest()).toMatchObject({
      method: 'POST',
      body: { symbol: 'XBT_USDT', side: 'Buy', orderQty: 1_000_000, ordType: 'Limit', price: 90000.5, clOrdID: 'nd1' },
    });
    await client.createOrder('BTC/USD:BTC', 'market', 'sell', decimal('300'), undefined, { reduceOnly: true });
    const sent = server.requests.filter(({ method }) => method === 'POST').at(-1);
    expect(JSON.parse(sent?.body ?? '')).toEqual({
      symbol: 'XBTUSD',
      side: 'Sell',
      orderQty: 300,
      ordType: 'Market',
      execInst: 'ReduceOnly',
    });
  });

  it('are found by either id, listed while open, and then among the canceled', async () => {
    const { id } = await place('nd1');
    const ours = { id, clientOrderId: 'nd1', status: 'open', amount: '0.01', remaining: '0.01' };
    expect(await client.fetchOrder(id)).toMatchObject(ours);
    expect(await client.fetchOrder('', 'BTC/USDT', { clientOrderId: 'nd1' })).toMatchObject(ours);
    expect(await client.fetchOpenOrders('BTC/USDT')).toMatchObject([ours]);
    expect(await client.cancelOrder(id, 'BTC/USDT')).toMatchObject({ id, status: 'canceled' });
    expect(await client.fetchOpenOrders()).toEqual([]);
    expect(await client.fetchCanceledOrders('BTC/USDT')).toMatchObject([{ id, status: 'canceled' }]);
    expect(await client.fetchOrders('BTC/USD:BTC')).toEqual([]);
  });

  it('that cannot be found or canceled are said to be no orders', async () => {
    const missing = { name: 'OrderNotFound' };
    await expect(client.fetchOrder('none')).rejects.toMatchObject(missing);
    await expect(client.cancelOrder('none')).rejects.toMatchObject(missing);
    const { id } = await place('nd1');
    await client.cancelOrder('', undefined, { clientOrderId: 'nd1' });
    await expect(client.cancelOrder(id)).rejects.toMatchObject(missing);
  });

  it('are changed where they are', async () => {
    const { id } = await place('nd1');
    const changed = await client.editOrder(id, 'BTC/USDT', 'limit', 'buy', decimal('0.02'), decimal('90001'));
    expect(changed).toMatchObject({ id, amount: '0.02', price: '90001' });
    expect(lastRequest()).toMatchObject({ method: 'PUT', body: { orderID: id, orderQty: 2_000_000, price: 90001 } });
    await client.editOrder(id, 'BTC/USDT', 'limit', 'buy', undefined, decimal('90002'), { clientOrderId: 'nd1' });
    expect(lastRequest().body).toEqual({ origClOrdID: 'nd1', price: 90002 });
  });

  it('are canceled all at once, of one market or of all', async () => {
    await Promise.all([place('nd1'), place('nd2')]);
    expect(await client.cancelAllOrders('BTC/USD:BTC')).toEqual([]);
    expect(await client.cancelAllOrders()).toHaveLength(2);
  });

  it('that fill have their executions, also when asked for later', async () => {
    const placed = await client.createOrder('BTC/USDT', 'market', 'buy', decimal('0.01'));
    const fill = {
      order: placed.id,
      amount: '0.01',
      price: '97887',
      takerOrMaker: 'taker',
      fee: { currency: 'USDT', cost: '0.000012' },
    };
    expect(placed).toMatchObject({ status: 'closed', filled: '0.01', cost: '978.87', trades: [fill] });
    expect(await client.fetchOrderTrades(String(placed.id), 'BTC/USDT')).toMatchObject([fill]);
    expect(await client.fetchMyTrades('BTC/USDT')).toMatchObject([fill]);
    expect(await client.fetchClosedOrders('BTC/USDT')).toMatchObject([{ id: placed.id }]);
  });

  it('count as placed when their executions cannot be had', async () => {
    server.inject('GET /api/v1/execution/tradeHistory', { kind: 'drop-request' });
    const placed = await client.createOrder('BTC/USDT', 'market', 'buy', decimal('0.01'));
    expect(placed).toMatchObject({ status: 'closed', filled: '0.01', trades: [] });
  });
});
