import type { kraken } from 'ccxt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KrakenSimulator } from '../../local/simulators/kraken/simulator.ts';
import { callPrivate, callPublic, restClient, simulatedOrders, startSimulator } from './kraken-support.ts';

let simulator: KrakenSimulator;
let exchange: kraken;

beforeAll(async () => {
  simulator = await startSimulator({ symbolsCount: 600 });
  exchange = restClient(simulator);
  await exchange.loadMarkets();
});
afterAll(() => simulator.close());

/** ccxt types every field of an order as possibly absent. */
const fetchOrder = async (id: string | undefined) => await exchange.fetchOrder(String(id), 'BTC/USD');
const lastPrice = async () => (await exchange.fetchTicker('BTC/USD')).last as number;

describe("ccxt's kraken class against the simulator", () => {
  it('lists hundreds of pairs under the names that everybody uses', () => {
    expect(exchange.symbols.length).toBeGreaterThanOrEqual(600);
    expect(exchange.market('BTC/USD')).toMatchObject({
      id: 'XXBTZUSD',
      altname: 'XBTUSD',
      wsId: 'XBT/USD',
      active: true,
    });
    expect(exchange.market('BTC/USDT')).toMatchObject({ id: 'XBTUSDT', taker: 0.004, maker: 0.0025 });
    expect(exchange.market('DOGE/USD')).toMatchObject({ id: 'XDGUSD', precision: { amount: 1e-8, price: 1e-7 } });
    expect(exchange.market('ETH/BTC')).toMatchObject({ id: 'XETHXXBT', limits: { amount: { min: 0.002 } } });
  });

  it('knows a pair by its id, its altname and its name with a slash', async () => {
    for (const name of ['XXBTZUSD', 'XBTUSD', 'XBT/USD', 'xbtusd']) {
      const answer = await callPublic(simulator.url, `AssetPairs?pair=${name}`);
      expect(Object.keys(answer.result ?? {})).toEqual(['XXBTZUSD']);
    }
    expect(await callPublic(simulator.url, 'Depth?pair=NOSUCH')).toEqual({ error: ['EQuery:Unknown asset pair'] });
  });

  it('serves time, status, books, trades, candles and tickers', async () => {
    expect(Math.abs(((await exchange.fetchTime()) ?? 0) - Date.now())).toBeLessThan(5_000);
    expect((await exchange.fetchStatus()).status).toBe('ok');
    const book = await exchange.fetchOrderBook('BTC/USD', 20);
    expect(book.bids).toHaveLength(20);
    expect(book.asks[0]?.[0]).toBeGreaterThan(book.bids[0]?.[0] as number);
    const trades = await exchange.fetchTrades('BTC/USD', undefined, 30);
    expect(trades).toHaveLength(30);
    expect(trades[0]?.price).toBeGreaterThan(0);
    const candles = await exchange.fetchOHLCV('BTC/USD', '1h', undefined, 48);
    expect(candles).toHaveLength(48);
    for (const [, open, high, low, close] of candles as number[][]) {
      expect(high).toBeGreaterThanOrEqual(Math.max(open as number, close as number));
      expect(low).toBeLessThanOrEqual(Math.min(open as number, close as number));
    }
    const ticker = await exchange.fetchTicker('BTC/USD');
    expect(ticker.bid).toBeLessThan(ticker.ask as number);
    const all = await exchange.fetchTickers();
    expect(Object.keys(all).length).toBeGreaterThanOrEqual(600);
    expect(Object.keys((await callPublic(simulator.url, 'Spread?pair=XBTUSD')).result ?? {})).toEqual([
      'XXBTZUSD',
      'last',
    ]);
  });

  it('gives candles since a time, the open one last, 720 at most', async () => {
    const sinceMs = Math.floor(Date.now() / 60_000) * 60_000 - 10 * 60_000;
    const candles = await exchange.fetchOHLCV('ETH/USD', '1m', sinceMs);
    expect(candles[0]?.[0]).toBe(sinceMs);
    const answer = await callPublic(simulator.url, 'OHLC?pair=ETHUSD&interval=1');
    expect((answer.result as { XETHZUSD: unknown[] }).XETHZUSD).toHaveLength(720);
    expect(await callPublic(simulator.url, 'OHLC?pair=ETHUSD&interval=7')).toEqual({
      error: ['EGeneral:Invalid arguments:interval'],
    });
  });

  it('fills a market order, takes the fee from the quote currency, and shows it in orders, trades and balances', async () => {
    const before = await exchange.fetchBalance();
    const placed = await exchange.createOrder('BTC/USD', 'market', 'buy', 0.5);
    const order = await fetchOrder(placed.id);
    expect(order).toMatchObject({ status: 'closed', filled: 0.5, side: 'buy', type: 'market', symbol: 'BTC/USD' });
    const trades = (await exchange.fetchMyTrades('BTC/USD')).filter((trade) => trade.order === placed.id);
    const cost = sum(trades.map((trade) => trade.cost as number));
    const fee = sum(trades.map((trade) => trade.fee?.cost as number));
    expect(sum(trades.map((trade) => trade.amount as number))).toBeCloseTo(0.5, 8);
    expect(fee).toBeCloseTo(cost * 0.004, 4);
    expect(trades[0]).toMatchObject({ takerOrMaker: 'taker', fee: { currency: 'USD' } });
    expect(order.fee?.currency).toBe('USD');
    expect(Number(order.fee?.cost)).toBeCloseTo(fee, 6);
    const after = await exchange.fetchBalance();
    expect(total(after, 'BTC') - total(before, 'BTC')).toBeCloseTo(0.5, 8);
    expect(total(before, 'USD') - total(after, 'USD')).toBeCloseTo(cost + fee, 4);
    const byId = await exchange.fetchOrderTrades(String(placed.id), 'BTC/USD', undefined, undefined, {
      trades: order.trades,
    });
    expect(byId.map(({ id }) => id).sort()).toEqual(trades.map(({ id }) => id).sort());
  });

  it('takes the fee from the base currency when asked to, on both sides', async () => {
    const fees: Record<string, string> = {};
    for (const side of ['buy', 'sell'] as const) {
      const { id } = await exchange.createOrder('ETH/USD', 'market', side, 1, undefined, { oflags: 'fcib' });
      const truth = (await simulatedOrders(simulator.url)).find(({ orderId }) => orderId === id);
      fees[side] = truth?.fills.map(({ commissionAsset }) => commissionAsset).join() ?? '';
      expect(sum(truth?.fills.map(({ commission }) => Number(commission)) ?? [])).toBeCloseTo(0.004, 8);
    }
    expect(fees).toEqual({ buy: expect.stringMatching(/^ETH(,ETH)*$/), sell: expect.stringMatching(/^ETH(,ETH)*$/) });
  });

  it('spends a cost in the quote currency', async () => {
    const { id } = await exchange.createMarketBuyOrderWithCost('BTC/USD', 1000);
    const order = await fetchOrder(id);
    expect(order.status).toBe('closed');
    const spent = Number(order.filled) * Number(order.average);
    expect(spent).toBeGreaterThan(999);
    expect(spent).toBeLessThanOrEqual(1000.1);
  });

  it('rests a limit order, holds its money with the fee, finds it by its id and cancels it', async () => {
    const price = Math.round((await lastPrice()) * 0.9);
    const clientOrderId = 'd15708c1-dbb6-465d-b77d-47258319cc90';
    const { id } = await exchange.createOrder('BTC/USD', 'limit', 'buy', 0.1, price, { clientOrderId });
    const open = await exchange.fetchOpenOrders('BTC/USD', undefined, undefined, { clientOrderId });
    expect(open).toMatchObject([{ id, clientOrderId, status: 'open', price, amount: 0.1, filled: 0 }]);
    expect((await exchange.fetchBalance()).USD).toMatchObject({ used: expect.closeTo(0.1 * price * 1.004, 4) });
    await exchange.cancelOrder(String(id), 'BTC/USD');
    expect(await fetchOrder(id)).toMatchObject({ status: 'canceled', clientOrderId });
    const closed = await exchange.fetchClosedOrders('BTC/USD', undefined, undefined, { clientOrderId });
    expect(closed.map((order) => order.id)).toEqual([id]);
    expect((await exchange.fetchBalance()).USD).toMatchObject({ used: 0 });
    await expect(exchange.cancelOrder(String(id), 'BTC/USD')).rejects.toMatchObject({ name: 'OrderNotFound' });
  });

  it('cancels by client order id, by reference and all at once', async () => {
    const price = Math.round((await lastPrice()) * 0.9);
    const place = (params: object) => exchange.createOrder('BTC/USD', 'limit', 'buy', 0.01, price, params);
    await place({ clientOrderId: 'short-one' });
    await exchange.cancelOrder('', 'BTC/USD', { clientOrderId: 'short-one' });
    for (let count = 0; count < 2; count++) await place({ userref: 7 });
    expect(await callPrivate(simulator.url, 'CancelOrder', { txid: '7' })).toEqual({ error: [], result: { count: 2 } });
    for (let count = 0; count < 3; count++) await place({});
    expect(await callPrivate(simulator.url, 'CancelAll')).toEqual({ error: [], result: { count: 3 } });
    expect(await exchange.fetchOpenOrders()).toEqual([]);
  });

  it('amends an open order in its place', async () => {
    const price = Math.round((await lastPrice()) * 0.9);
    const { id } = await exchange.createOrder('BTC/USD', 'limit', 'buy', 0.02, price);
    await exchange.editOrder(String(id), 'BTC/USD', 'limit', 'buy', 0.03, price - 10);
    expect(await fetchOrder(id)).toMatchObject({ amount: 0.03, price: price - 10, status: 'open' });
    await exchange.cancelOrder(String(id), 'BTC/USD');
  });

  it('triggers a stop when the price passes it', async () => {
    const last = await lastPrice();
    const stop = await exchange.createOrder('BTC/USD', 'market', 'sell', 0.01, undefined, {
      stopLossPrice: Math.round(last * 0.97),
    });
    expect(await fetchOrder(stop.id)).toMatchObject({ status: 'open', type: 'market' });
    const move = { symbol: 'XBTUSD', factor: 0.95 };
    await fetch(`${simulator.url}/__sim/price`, { method: 'POST', body: JSON.stringify(move) });
    await expect.poll(async () => (await fetchOrder(stop.id)).status).toBe('closed');
  });

  it('describes orders in the words that ccxt reads', async () => {
    const answer = await callPrivate(simulator.url, 'AddOrder', {
      ...{
        pair: 'XBTUSD',
        type: 'sell',
        ordertype: 'stop-loss-limit',
        volume: '0.01',
        price: '50000',
        price2: '49000.5',
      },
      validate: 'true',
    });
    expect(answer.result).toEqual({
      descr: expect.objectContaining({ order: 'sell 0.01000000 XBTUSD @ stop loss 50000.0 -> limit 49000.5' }),
    });
  });

  it('tells what the key may do and who may use it', async () => {
    const { result } = await callPrivate(simulator.url, 'GetApiKeyInfo');
    expect(result).toMatchObject({ apiKeyName: 'main', nonceWindow: 0, ipAllowlist: [], validUntil: '0' });
    expect(result?.permissions).toContain('modify-trades');
    expect(result?.permissions).not.toContain('withdraw-funds');
    expect((await callPrivate(simulator.url, 'OpenPositions')).result).toEqual({});
    expect(Number((await callPrivate(simulator.url, 'TradeBalance')).result?.eb)).toBeGreaterThan(20_000_000);
    expect((await callPrivate(simulator.url, 'Balance')).result).toHaveProperty('XXBT');
  });
});

function sum(values: readonly number[]): number {
  return values.reduce((left, right) => left + right, 0);
}

function total(balance: object, code: string): number {
  return (balance as Record<string, { total: number }>)[code]?.total ?? 0;
}
