import { amount, type OrderReference } from '@nightdesk/core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  answerWith,
  hasRecordings,
  marketOf,
  type RecordedVenue,
  recording,
  skippedWithout,
} from '../support/recorded-payloads.ts';
import { type BuiltVenueLayer, openVenueLayer } from '../support/venue-layer.ts';

const spot = (name: string) => recording(`payloads/binance/spot-http_json-${name}_response.json`);
const futures = (name: string) => recording(`payloads/binance/futures-http_json-${name}.json`);
const market = (venueSymbol: string, base: string, quote: string) =>
  marketOf({ venue: 'binance', venueSymbol, base, quote });
const perpetual = marketOf({ venue: 'binance', venueSymbol: 'BTCUSDT', base: 'BTC', quote: 'USDT', kind: 'perpetual' });
const litecoin = market('LTCBTC', 'LTC', 'BTC');

const myOrder: OrderReference = {
  clientOrderId: 'myOrder1',
  symbol: 'LTC/BTC',
  side: 'buy',
  amount: amount('1'),
  sinceMs: 1_499_827_319_000,
};
const shownOrder = {
  ...{ amount: '1', price: '0.1' },
  venueOrderId: '1',
  clientOrderId: 'myOrder1',
  status: 'open',
  filled: '0',
  cost: '0',
  fills: [],
};

describe.skipIf(!hasRecordings)(`Binance's recorded answers${skippedWithout}`, () => {
  let layer: BuiltVenueLayer;
  let recorded: RecordedVenue;
  beforeAll(async () => {
    layer = await openVenueLayer();
  });
  afterAll(() => layer.remove());
  afterEach(() => recorded.server.close());
  const open = async (answers: Record<string, unknown>) => {
    recorded = await answerWith(layer, 'binance', answers);
    return recorded.venue;
  };

  it('list a market without its filters, which is not traded by steps that nobody told', async () => {
    const venue = await open({ exchangeInfo: spot('exchange_info') });
    await expect(venue.fetchMarkets()).rejects.toThrow('none of the 2 markets it lists is usable');
  });

  it('show an order by its id, and the same among open and among all orders', async () => {
    const absent = { code: -2013, msg: 'Order does not exist.' };
    const byId = await open({ order: spot('order') });
    expect(await byId.findOrder(myOrder, litecoin)).toEqual({ kind: 'found', order: shownOrder });
    recorded.server.script = ({ path }) => {
      if (path.endsWith('/order')) return { status: 400, body: absent };
      return { body: path.endsWith('/allOrders') ? spot('all_orders') : [] };
    };
    expect(await byId.findOrder(myOrder, litecoin)).toEqual({ kind: 'found', order: shownOrder });
    recorded.server.script = () => ({ body: spot('open_orders') });
    expect(await byId.fetchOpenOrders(litecoin)).toEqual([
      { ...shownOrder, symbol: 'LTC/BTC', side: 'buy', placedAtMs: 1_499_827_319_559 },
    ]);
  });

  it('accept a market order with every fill of it', async () => {
    const venue = await open({ order: spot('new_order_full') });
    const request = {
      clientOrderId: '6gCrw2kRUAF9CvJDGP16IP',
      symbol: 'BTC/USDT',
      side: 'sell',
      type: 'market',
    } as const;
    const placed = await venue.placeOrder({ ...request, amount: amount('10') }, market('BTCUSDT', 'BTC', 'USDT'));
    const atMs = 1_507_725_176_595;
    const fill = (tradeId: string, size: string, at: string, fee: string) => ({
      ...{ tradeId, amount: size, price: at, fee: { asset: 'USDT', amount: fee }, atMs },
    });
    expect(placed).toEqual({
      kind: 'accepted',
      order: {
        ...{ venueOrderId: '28', clientOrderId: '6gCrw2kRUAF9CvJDGP16IP', status: 'filled', filled: '10', cost: '10' },
        amount: '10',
        fills: [
          fill('56', '1', '4000', '4'),
          fill('57', '5', '3999', '19.995'),
          fill('58', '2', '3998', '7.996'),
          fill('59', '1', '3997', '3.997'),
          fill('60', '1', '3995', '3.995'),
        ],
      },
    });
  });

  it('show an order as canceled once it was', async () => {
    const canceled = spot('cancel_order') as { clientOrderId: string };
    const venue = await open({ order: { ...canceled, clientOrderId: 'myOrder1' } });
    expect(await venue.cancelOrder({ ...myOrder, venueOrderId: '4' as never }, litecoin)).toEqual({
      kind: 'canceled',
      order: { ...shownOrder, venueOrderId: '4', status: 'canceled', price: '2' },
    });
  });

  it('tell the trades of an order', async () => {
    const order = { ...(spot('order') as object), symbol: 'BNBBTC', orderId: 100_234 };
    const filled = {
      ...order,
      origQty: '12.0',
      executedQty: '12.0',
      cummulativeQuoteQty: '48.000012',
      status: 'FILLED',
    };
    const venue = await open({ order: filled, myTrades: spot('account_trades') });
    const found = await venue.findOrder({ ...myOrder, symbol: 'BNB/BTC' }, market('BNBBTC', 'BNB', 'BTC'));
    const fee = { asset: 'BNB', amount: '10.1' };
    expect(found).toMatchObject({
      order: { fills: [{ tradeId: '28457', amount: '12', price: '4.000001', fee, atMs: 1_499_865_549_590 }] },
    });
  });

  it('tell balances of spot and of perpetuals', async () => {
    const venue = await open({ account: spot('account') });
    expect(await venue.fetchBalances()).toEqual([
      { asset: 'BTC', total: '4723846.89208129', free: '4723846.89208129', used: '0' },
      { asset: 'LTC', total: '4763368.68006011', free: '4763368.68006011', used: '0' },
    ]);
    recorded.server.script = () => ({ body: futures('account_info_v2') });
    expect(await venue.fetchBalances('perpetual')).toEqual([
      { asset: 'USDT', total: '23.72469206', free: '23.72469206', used: '0' },
    ]);
  });

  it('tell a position and an order of a perpetual', async () => {
    const venue = await open({
      positionRisk: futures('position_risk'),
      leverageBracket: [{ symbol: 'BTCUSDT', brackets: [] }],
      order: futures('order_response'),
    });
    expect(await venue.fetchPositions([perpetual])).toEqual([
      {
        ...{ symbol: 'BTC/USDT:USDT', side: 'long', amount: '0.001', contracts: '0.001', leverage: '20' },
        ...{ entryPrice: '50000', markPrice: '51000', liquidationPrice: '45000', unrealizedPnl: '1' },
        ...{ marginMode: 'cross', initialMargin: '2.55' },
      },
    ]);
    const reference = { ...myOrder, clientOrderId: 'testOrder123', symbol: 'BTC/USDT:USDT', amount: amount('0.001') };
    expect(await venue.findOrder(reference, perpetual)).toMatchObject({
      order: { venueOrderId: '12345678', clientOrderId: 'testOrder123', status: 'open', filled: '0' },
    });
  });

  it('quote prices, a book, a candle and a trade', async () => {
    const venue = await open({
      bookTicker: [spot('book_ticker')],
      depth: spot('depth'),
      '24hr': spot('ticker_24hr'),
      klines: spot('klines'),
      trades: spot('trades'),
      aggTrades: spot('trades'),
    });
    expect(await venue.fetchPrice(litecoin, 'buy')).toBe('4.000002');
    expect(await venue.fetchPrice(litecoin, 'sell')).toBe('4');
    expect(await venue.fetchOrderBook(litecoin, 5)).toEqual({
      symbol: 'LTC/BTC',
      bids: [{ price: '4', amount: '431' }],
      asks: [{ price: '4.000002', amount: '12' }],
      sequence: 1_027_024,
    });
    expect(await venue.fetchTicker(market('BNBBTC', 'BNB', 'BTC'))).toEqual({
      ...{ symbol: 'BNB/BTC', bid: '4', bidAmount: '100', ask: '4.000002', askAmount: '100', last: '4.000002' },
      ...{ high: '100', low: '0.1', baseVolume: '8913.3', quoteVolume: '15.3', atMs: 1_499_869_899_040 },
    });
    expect(await venue.fetchCandles(litecoin, { timeframe: '1m', limit: 1 })).toEqual([
      {
        ...{ openTimeMs: 1_499_040_000_000, open: '0.0163479', high: '0.8', low: '0.015758', close: '0.015771' },
        ...{ volume: '148976.11427815', quoteVolume: '2434.19055334', trades: 308 },
      },
    ]);
    expect(await venue.fetchTrades(litecoin, { limit: 1 })).toEqual([
      { tradeId: '28457', side: 'sell', price: '4.000001', amount: '12', atMs: 1_499_865_549_590 },
    ]);
  });

  it('tell the time of the venue', async () => {
    const venue = await open({ time: spot('server_time') });
    const { status, aheadMs } = await venue.probe();
    expect(status).toBe('ok');
    expect(Math.abs((aheadMs ?? 0) - (Date.now() - 1_499_827_319_559))).toBeLessThan(5_000);
  });
});
