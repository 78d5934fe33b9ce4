import { amount, type OrderReference, type VenueOrderId } from '@nightdesk/core';
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

const bybit = (name: string) => recording(`payloads/bybit/http_get_${name}.json`);
const perpetual = (base: string) =>
  marketOf({ venue: 'bybit', venueSymbol: `${base}USDT`, base, quote: 'USDT', kind: 'perpetual' });
const [bitcoin, ether, solana] = [perpetual('BTC'), perpetual('ETH'), perpetual('SOL')];

const referenceOf = (clientOrderId: string, venueOrderId: string): OrderReference => ({
  ...{ clientOrderId, venueOrderId: venueOrderId as VenueOrderId, symbol: bitcoin.symbol, side: 'buy' },
  ...{ amount: amount('0.01'), sinceMs: 1_600_000_000_000 },
});
const nothing = { retCode: 0, retMsg: 'OK', result: { list: [], nextPageCursor: '' }, retExtInfo: {} };

describe.skipIf(!hasRecordings)(`Bybit's recorded answers${skippedWithout}`, () => {
  let layer: BuiltVenueLayer;
  let recorded: RecordedVenue;
  beforeAll(async () => {
    layer = await openVenueLayer();
  });
  afterAll(() => layer.remove());
  afterEach(() => recorded.server.close());
  const open = async (answers: Record<string, unknown>) => {
    recorded = await answerWith(layer, 'bybit', answers);
    return recorded.venue;
  };

  it('list spot markets, linear and inverse perpetuals', async () => {
    const venue = await open({});
    // Markets that are not launched yet are asked for apart; the recordings lack the category that Bybit repeats.
    recorded.server.script = ({ parameters }) => {
      const category = parameters.get('category');
      if (parameters.has('status')) return { body: nothing };
      const instruments = bybit(`instruments_${category}`) as { result: object };
      return { body: { ...instruments, result: { ...instruments.result, category } } };
    };
    const markets = await venue.fetchMarkets();
    const shown = markets.map(({ symbol, kind, amountStep, priceStep }) => [symbol, kind, amountStep, priceStep]);
    expect(shown.sort()).toEqual([
      ['BTC/USD:BTC', 'perpetual', '1', '0.5'],
      ['BTC/USDT', 'spot', '0.0001', '0.1'],
      ['BTC/USDT:USDT', 'perpetual', '0.001', '0.5'],
      ['ETH/USDT', 'spot', '0.00001', '0.01'],
      ['ETH/USDT:USDT', 'perpetual', '0.01', '0.05'],
    ]);
    const limits = { amountMin: '0.001', amountMax: '100', contractType: 'linear', contractSize: '1', settle: 'USDT' };
    expect(markets.find(({ symbol }) => symbol === 'BTC/USDT:USDT')).toMatchObject(limits);
    expect(markets.find(({ symbol }) => symbol === 'BTC/USD:BTC')).toMatchObject({ contractType: 'inverse' });
    expect(markets.find(({ symbol }) => symbol === 'BTC/USDT')).toMatchObject({
      amountMin: '0.001',
      notionalMin: '10',
    });
  });

  it('show an order that was rejected after a part of it was filled', async () => {
    const venue = await open({ realtime: bybit('order_partially_filled_rejected'), list: nothing });
    const id = '5cf98598-39a7-459e-97bf-76ca765ee021';
    const reference = referenceOf('O-20251001-164609-APEX-000-49', id);
    expect(await venue.findOrder(reference, bitcoin)).toEqual({
      kind: 'found',
      order: {
        ...{ venueOrderId: id, clientOrderId: 'O-20251001-164609-APEX-000-49', status: 'rejected' },
        ...{ amount: '0.01', price: '30000', filled: '0.005', cost: '150', fills: [] },
      },
    });
  });

  it('show a canceled order among the past ones', async () => {
    const venue = await open({ realtime: nothing, history: bybit('orders_history') });
    expect(await venue.findOrder(referenceOf('client-1', 'abcdef123456'), bitcoin)).toMatchObject({
      kind: 'found',
      order: { venueOrderId: 'abcdef123456', clientOrderId: 'client-1', status: 'canceled', filled: '0' },
    });
  });

  it('list open orders', async () => {
    const venue = await open({ realtime: bybit('orders_realtime') });
    const shown = { symbol: 'ETH/USDT:USDT', status: 'open', amount: '0.01', filled: '0' };
    expect(await venue.fetchOpenOrders(ether)).toMatchObject([
      { ...shown, venueOrderId: 'open-order-1', clientOrderId: 'client-open-1', side: 'buy', price: '3930.41' },
      { ...shown, venueOrderId: 'open-order-2', clientOrderId: 'client-open-2', side: 'sell', price: '3940.42' },
    ]);
  });

  it('tell the executions of an order', async () => {
    const orderId = '8c065341-7b52-4ca9-ac2c-37e31ac55c94';
    const [order] = (bybit('orders_realtime') as { result: { list: object[] } }).result.list;
    const filled = { ...order, orderId, symbol: 'BTCUSDT', orderStatus: 'Filled', qty: '0.1', cumExecQty: '0.1' };
    const venue = await open({
      realtime: { ...nothing, result: { list: [{ ...filled, cumExecValue: '5000', leavesQty: '0' }] } },
      list: bybit('executions'),
    });
    const fee = { asset: 'USDT', amount: '0.015' };
    expect(await venue.findOrder(referenceOf('client-open-1', orderId), bitcoin)).toMatchObject({
      order: {
        ...{ status: 'filled', filled: '0.1', cost: '5000' },
        fills: [
          {
            ...{ tradeId: 'e0cbe81d-0f18-5866-9415-cf319b5dab3b', amount: '0.1', price: '50000', fee },
            atMs: 1_672_282_722_429,
          },
        ],
      },
    });
  });

  it('tell positions, and none of what is not held', async () => {
    const venue = await open({});
    const { result } = bybit('positions') as { result: { list: { symbol: string }[] } };
    recorded.server.script = ({ parameters }) => {
      const list = result.list.filter(({ symbol }) => symbol === parameters.get('symbol'));
      return { body: { ...nothing, result: { ...result, list } } };
    };
    const told = await venue.fetchPositions([bitcoin, ether, solana]);
    expect(told).toMatchObject([
      {
        ...{ symbol: 'BTC/USDT:USDT', side: 'long', amount: '0.5', contracts: '0.5', leverage: '10' },
        ...{ entryPrice: '50000', markPrice: '50500', liquidationPrice: '45000', unrealizedPnl: '250' },
      },
      {
        ...{ symbol: 'ETH/USDT:USDT', side: 'short', amount: '5', contracts: '5', leverage: '5' },
        ...{ entryPrice: '3000', markPrice: '2950', liquidationPrice: '3500', unrealizedPnl: '250' },
      },
    ]);
  });

  it('tell balances, and what is borrowed', async () => {
    const venue = await open({ 'wallet-balance': bybit('wallet_balance') });
    // 0.06142 and the interest on it.
    const short = { asset: 'ETH', total: '0', borrowed: '0.08142' };
    expect(await venue.fetchBalances()).toMatchObject([short, { asset: 'USDT', total: '1000.5', borrowed: '0' }]);
    recorded.server.script = () => ({ body: bybit('wallet_balance_spot_short') });
    expect(await venue.fetchBalances()).toMatchObject([short, { asset: 'USDT', total: '2500' }]);
    recorded.server.script = () => ({ body: bybit('wallet_balance_with_spot_borrow') });
    expect(await venue.fetchBalances()).toMatchObject([{ asset: 'USDT', total: '1200', borrowed: '200.5' }]);
  });

  it('quote a book, a candle and a trade', async () => {
    const venue = await open({
      orderbook: bybit('orderbook'),
      kline: bybit('klines_linear'),
      'recent-trade': bybit('trades_recent'),
    });
    expect(await venue.fetchOrderBook(bitcoin, 2)).toMatchObject({
      symbol: 'BTC/USDT:USDT',
      bids: [
        { price: '27450.5', amount: '1.5' },
        { price: '27450', amount: '2' },
      ],
      asks: [
        { price: '27451', amount: '1.2' },
        { price: '27451.5', amount: '3' },
      ],
      atMs: 1_709_891_679_000,
    });
    expect(await venue.fetchCandles(bitcoin, { timeframe: '1m', limit: 1 })).toEqual([
      {
        ...{ openTimeMs: 1_709_891_679_000, open: '27450', high: '27460', low: '27440', close: '27455' },
        ...{ volume: '123.45', quoteVolume: '3390000' },
      },
    ]);
    expect(await venue.fetchTrades(bitcoin, { limit: 1 })).toEqual([
      {
        ...{ tradeId: 'a905d5c3-1ed0-4f37-83e4-9c73a2fe2f01', side: 'buy', price: '27450.5', amount: '0.005' },
        atMs: 1_709_891_679_000,
      },
    ]);
  });
});
