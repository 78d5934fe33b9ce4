import { amount, type OrderReference, price, type VenueOrderId } from '@nightdesk/core';
import { uuidOf } from '@nightdesk/exchange/traits/client-order-ids.ts';
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

const kraken = (name: string) => recording(`payloads/kraken/http_${name}.json`);
const bitcoin = marketOf({ venue: 'kraken', venueSymbol: 'XBTUSDT', base: 'BTC', quote: 'USDT' });

interface KrakenOrders {
  result: { open: Record<string, object>; closed: Record<string, object> };
}
const openOrders = () => (kraken('open_orders') as KrakenOrders).result.open;
const answered = (result: unknown) => ({ error: [], result });

const reference: OrderReference = {
  clientOrderId: 'nd1',
  symbol: 'BTC/USDT',
  side: 'buy',
  amount: amount('0.5'),
  sinceMs: 1_688_583_800_000,
};

describe.skipIf(!hasRecordings)(`Kraken's recorded answers${skippedWithout}`, () => {
  let layer: BuiltVenueLayer;
  let recorded: RecordedVenue;
  beforeAll(async () => {
    layer = await openVenueLayer();
  });
  afterAll(() => layer.remove());
  afterEach(() => recorded.server.close());
  const open = async (answers: Record<string, unknown>, name = 'kraken') => {
    recorded = await answerWith(layer, name, answers);
    return recorded.venue;
  };

  it('list a market', async () => {
    const assets = { XXBT: { aclass: 'currency', altname: 'XBT', decimals: 10 } };
    const venue = await open({ AssetPairs: kraken('asset_pairs'), Assets: answered(assets) });
    expect(await venue.fetchMarkets()).toMatchObject([
      {
        ...{ symbol: 'BTC/USDT', venueSymbol: 'XBTUSDT', kind: 'spot', base: 'BTC', quote: 'USDT', active: true },
        ...{ amountStep: '0.00000001', priceStep: '0.1', amountMin: '0.00005', notionalMin: '0.5' },
      },
    ]);
  });

  it('take an order of which they tell the state when asked', async () => {
    const venue = await open({
      AddOrder: kraken('add_order_spot'),
      QueryOrders: answered({ 'OUF4EM-FRGI2-MQMWZD': openOrders()['O26VBY-ISGAE-JP5TLU'] }),
    });
    const request = { ...reference, type: 'limit', price: price('29500') } as const;
    expect(await venue.placeOrder(request, bitcoin)).toEqual({
      kind: 'accepted',
      order: {
        ...{ venueOrderId: 'OUF4EM-FRGI2-MQMWZD', status: 'open', filled: '0', cost: '0', fills: [] },
        ...{ amount: '0.5', price: '29500' },
        // The recorded order carries `userref` 0 in place of an id of ours.
        clientOrderId: '0',
      },
    });
    const [sent] = recorded.server.requests;
    expect(sent?.parameters.get('cl_ord_id')).toBe(uuidOf('nd1'));
    expect(sent?.parameters.get('deadline')).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  it('list open orders of a market, though they name it otherwise than its id', async () => {
    const venue = await open({ OpenOrders: kraken('open_orders') });
    expect(
      await venue.fetchOpenOrders({ ...bitcoin, definition: bitcoin.definition.replace('XBTUSDT', 'XXBTUSDT') }),
    ).toEqual([
      {
        ...{
          venueOrderId: 'O26VBY-ISGAE-JP5TLU',
          clientOrderId: '0',
          status: 'open',
          filled: '0',
          cost: '0',
          fills: [],
        },
        ...{ symbol: 'BTC/USDT', side: 'buy', amount: '0.5', price: '29500', placedAtMs: 1_688_583_840_864 },
      },
    ]);
  });

  it('show an order among the closed ones', async () => {
    const venue = await open({
      QueryOrders: { error: ['EOrder:Unknown order'] },
      OpenOrders: answered({ open: {} }),
      ClosedOrders: kraken('closed_orders'),
    });
    const found = await venue.findOrder({ ...reference, venueOrderId: 'O5KZFT-GH3AD-LP6TLU' as VenueOrderId }, bitcoin);
    expect(found).toMatchObject({
      order: { venueOrderId: 'O5KZFT-GH3AD-LP6TLU', status: 'filled', filled: '0.5', cost: '14750' },
    });
  });

  it('tell the trades of an order that names them', async () => {
    const order = { ...openOrders()['O26VBY-ISGAE-JP5TLU'], status: 'closed', vol_exec: '0.50000000' };
    const { trades } = (kraken('trades_history') as { result: { trades: Record<string, unknown> } }).result;
    const name = 'TCCCTY-WJ6EO-4FP4VZ';
    const venue = await open({
      QueryOrders: answered({ 'O26VBY-ISGAE-JP5TLU': { ...order, trades: [name] } }),
      QueryTrades: answered({ [name]: trades[name] }),
    });
    const found = await venue.findOrder({ ...reference, venueOrderId: 'O26VBY-ISGAE-JP5TLU' as VenueOrderId }, bitcoin);
    const fee = { asset: 'USDT', amount: '23.6' };
    expect(found).toMatchObject({
      order: { fills: [{ tradeId: name, amount: '0.5', price: '29500.5', fee, atMs: 1_688_585_840_892 }] },
    });
  });

  it('cancel an order that ends afterwards', async () => {
    const order = { ...openOrders()['O26VBY-ISGAE-JP5TLU'], status: 'canceled' };
    const venue = await open({
      CancelOrder: kraken('cancel_order_spot'),
      QueryOrders: answered({ 'O26VBY-ISGAE-JP5TLU': order }),
    });
    const canceled = await venue.cancelOrder(
      { ...reference, venueOrderId: 'O26VBY-ISGAE-JP5TLU' as VenueOrderId },
      bitcoin,
    );
    expect(canceled).toMatchObject({ kind: 'canceled', order: { status: 'canceled', filled: '0' } });
  });

  it('quote prices, a book, and whole pages of candles and trades', async () => {
    const venue = await open({
      Depth: kraken('order_book'),
      Ticker: kraken('ticker'),
      OHLC: recording('candles/kraken-http-ohlc.json'),
      Trades: recording('trades/kraken-http-trades.json'),
    });
    expect(await venue.fetchOrderBook(bitcoin, 2)).toEqual({
      symbol: 'BTC/USDT',
      bids: [
        { price: '105944.2', amount: '0.002' },
        { price: '105935.4', amount: '0.024' },
      ],
      asks: [
        { price: '105944.3', amount: '0.136' },
        { price: '105946.9', amount: '0.095' },
      ],
    });
    expect(await venue.fetchTicker(bitcoin)).toMatchObject({
      ...{ symbol: 'BTC/USDT', bid: '105944.2', ask: '105944.3', last: '105899.4' },
      ...{ high: '106613.1', low: '104711', baseVolume: '163.28908096' },
    });
    const candles = await venue.fetchCandles(bitcoin, { timeframe: '1m', limit: 1_000 });
    expect(candles).toHaveLength(721);
    expect(candles.filter(({ trades }) => trades === 0)).toHaveLength(216);
    expect(candles[2]).toEqual({
      ...{ openTimeMs: 1_762_777_140_000, open: '106038.3', high: '106038.3', low: '106038.3', close: '106038.3' },
      ...{ volume: '0.00032101', quoteVolume: '34.039354683', trades: 1 },
    });
    const trades = await venue.fetchTrades(bitcoin, { limit: 1_000 });
    expect(trades).toHaveLength(1_000);
    expect(trades[0]).toEqual({
      ...{ tradeId: '10218208', side: 'buy', price: '105433.6', amount: '0.00027625', atMs: 1_762_795_433_971 },
    });
    expect(trades.at(-1)).toMatchObject({ tradeId: '10219207', side: 'sell' });
  });

  it('say that the venue is there, and how late it is', async () => {
    const venue = await open({ Time: kraken('server_time'), SystemStatus: kraken('system_status') });
    const { status, aheadMs } = await venue.probe();
    expect(status).toBe('ok');
    expect(Math.abs((aheadMs ?? 0) - (Date.now() - 1_762_820_224_000))).toBeLessThan(5_000);
    recorded.server.script = () => ({ body: answered({ status: 'maintenance', timestamp: '2025-11-11T00:17:10Z' }) });
    expect(await venue.probe()).toMatchObject({ status: 'maintenance' });
  });

  it('tell positions and a book of inverse contracts, which stay a number of contracts', async () => {
    const venue = await open(
      {
        instruments: kraken('futures_instruments'),
        openpositions: kraken('futures_open_positions'),
        orderbook: kraken('futures_orderbook'),
      },
      'krakenfutures',
    );
    const market = (await venue.fetchMarkets()).find(({ venueSymbol }) => venueSymbol === 'PI_XBTUSD');
    if (market === undefined) throw new Error('not listed');
    expect(market).toMatchObject({
      symbol: 'BTC/USD:BTC',
      kind: 'perpetual',
      contractType: 'inverse',
      contractSize: '1',
    });
    expect(await venue.fetchPositions([market])).toEqual([
      {
        ...{ symbol: 'BTC/USD:BTC', side: 'short', amount: '8000', contracts: '8000' },
        entryPrice: '27523.749993345933',
      },
    ]);
    const { bids, asks } = await venue.fetchOrderBook(market, 1);
    expect({ bids, asks }).toEqual({
      bids: [{ price: '105900', amount: '0.5' }],
      asks: [{ price: '105950', amount: '0.3' }],
    });
  });
});
