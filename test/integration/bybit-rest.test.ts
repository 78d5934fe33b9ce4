import type { bybit } from 'ccxt';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { BybitSimulator } from '../../local/simulators/bybit/simulator.ts';
import {
  control,
  mainAccount,
  perpetual,
  readerAccount,
  restClient,
  simulatedOrders,
  spot,
  startSimulator,
} from './bybit-support.ts';

let simulator: BybitSimulator;
let exchange: bybit;

beforeAll(async () => {
  simulator = await startSimulator({ symbolsCount: 420, tickMs: 50 });
  exchange = restClient(simulator);
  await exchange.loadMarkets();
});

beforeEach(async () => {
  await control(simulator.url, 'POST', 'reset');
});

afterAll(async () => {
  await simulator.close();
});

const lastPrice = async (symbol: string) => Number((await exchange.fetchTicker(symbol)).last);
const orderOf = (id: string | undefined, symbol: string) =>
  exchange.fetchOrder(String(id), symbol, { acknowledged: true });

describe("ccxt's bybit class against the simulator", () => {
  it('lists at least 400 spot symbols and 300 perpetuals, with their filters', () => {
    const markets = Object.values(exchange.markets ?? {});
    expect(markets.filter((market) => market?.spot).length).toBeGreaterThanOrEqual(400);
    expect(markets.filter((market) => market?.swap && market.linear).length).toBeGreaterThanOrEqual(300);
    expect(exchange.market(spot)).toMatchObject({
      id: 'BTCUSDT',
      precision: { amount: 0.000001, price: 0.1 },
      limits: { cost: { min: 5 } },
    });
    expect(exchange.market(perpetual)).toMatchObject({
      id: 'BTCUSDT',
      settle: 'USDT',
      precision: { amount: 0.001, price: 0.1 },
      limits: { amount: { min: 0.001 }, leverage: { max: 100 } },
    });
  });

  it('pages through perpetuals by cursor', async () => {
    const names = new Set<string>();
    let cursor = '';
    const pagesMax = 20;
    for (let page = 0; page < pagesMax; page++) {
      const query = new URLSearchParams({ category: 'linear', limit: '100', ...(cursor && { cursor }) });
      const response = await fetch(`${simulator.url}/v5/market/instruments-info?${query}`);
      const { result } = (await response.json()) as {
        result: { list: { symbol: string }[]; nextPageCursor: string };
      };
      for (const { symbol } of result.list) names.add(symbol);
      cursor = result.nextPageCursor;
      if (cursor === '') break;
    }
    expect(cursor).toBe('');
    expect(names.size).toBe(Object.values(exchange.markets ?? {}).filter((market) => market?.swap).length);
  });

  it.each([spot, perpetual])('serves book, trades, candles, ticker and fees of %s', async (symbol) => {
    const { bids, asks } = await exchange.fetchOrderBook(symbol, 10);
    expect(Number(asks[0]?.[0])).toBeGreaterThan(Number(bids[0]?.[0]));
    expect((await exchange.fetchTrades(symbol, undefined, 20)).length).toBe(20);
    const candles = await exchange.fetchOHLCV(symbol, '1h', undefined, 24);
    expect(candles.length).toBe(24);
    expect(Number(candles[1]?.[0]) - Number(candles[0]?.[0])).toBe(3_600_000);
    expect(await lastPrice(symbol)).toBeGreaterThan(0);
    expect(await exchange.fetchTradingFee(symbol)).toMatchObject({ taker: symbol === spot ? 0.001 : 0.00055 });
  });

  it('serves mark candles, funding rates and their history, and risk limits', async () => {
    expect((await exchange.fetchMarkOHLCV(perpetual, '1h', undefined, 3)).length).toBe(3);
    const { fundingRate, markPrice, interval } = await exchange.fetchFundingRate(perpetual);
    expect(Math.abs(Number(fundingRate))).toBeLessThan(0.001);
    expect(Number(markPrice)).toBeGreaterThan(0);
    expect(interval).toBe('8h');
    const history = await exchange.fetchFundingRateHistory(perpetual, undefined, 5);
    expect(history.length).toBe(5);
    expect(Number(history[1]?.timestamp) - Number(history[0]?.timestamp)).toBe(8 * 3_600_000);
    const tiers = await exchange.fetchMarketLeverageTiers(perpetual);
    expect(tiers[0]).toMatchObject({ maxLeverage: 100, maintenanceMarginRate: 0.005 });
  });

  it('prices spot and perpetual of a coin alike', async () => {
    expect((await lastPrice(spot)) / (await lastPrice(perpetual))).toBeCloseTo(1, 2);
  });

  it('tells what a key may do and where from', async () => {
    const key = (await exchange.privateGetV5UserQueryApi()) as { result: Record<string, unknown> };
    expect(key.result).toMatchObject({ readOnly: 0, uta: 1, ips: ['*'], permissions: { Spot: ['SpotTrade'] } });
    const reader = (await restClient(simulator, readerAccount).privateGetV5UserQueryApi()) as typeof key;
    expect(reader.result).toMatchObject({ readOnly: 1, permissions: { Spot: [], ContractTrade: [], Wallet: [] } });
  });
});

describe('spot orders', () => {
  it('answer with ids, and are found by them and by orderLinkId', async () => {
    const price = Math.round((await lastPrice(spot)) * 0.95);
    const placed = await exchange.createOrder(spot, 'limit', 'buy', 0.01, price, { clientOrderId: 'mine-1' });
    expect(placed.info).toEqual({ orderId: placed.id, orderLinkId: 'mine-1' });
    expect(placed.status).toBeUndefined();
    const order = await orderOf(placed.id, spot);
    expect(order).toMatchObject({ clientOrderId: 'mine-1', status: 'open', price, amount: 0.01, filled: 0 });
    expect((await exchange.fetchOpenOrders(spot)).map(({ id }) => id)).toEqual([placed.id]);
    const byLink = await exchange.fetchOpenOrders(spot, undefined, undefined, { orderLinkId: 'mine-1' });
    expect(byLink.map(({ id }) => id)).toEqual([placed.id]);
    await exchange.cancelOrder(String(placed.id), spot);
    expect(await orderOf(placed.id, spot)).toMatchObject({ status: 'canceled', filled: 0 });
    expect((await exchange.fetchCanceledOrders(spot)).map(({ id }) => id)).toEqual([placed.id]);
    expect(await exchange.fetchOpenOrders(spot)).toEqual([]);
  });

  it('buy for an amount of the quote coin, the fee in what is received', async () => {
    const placed = await exchange.createMarketBuyOrderWithCost(spot, 1000);
    const order = await orderOf(placed.id, spot);
    expect(order.status).toBe('closed');
    expect(Number(order.cost)).toBeGreaterThan(999);
    expect(Number(order.cost)).toBeLessThanOrEqual(1000);
    expect(order.fee?.currency).toBe('BTC');
    expect(Number(order.fee?.cost)).toBeCloseTo(Number(order.filled) * 0.001, 7);
    const trades = await exchange.fetchMyTrades(spot);
    expect(trades.map(({ order: id }) => id)).toEqual(trades.map(() => placed.id));
    expect(trades.reduce((sum, { amount }) => sum + Number(amount), 0)).toBeCloseTo(Number(order.filled), 8);
    const balance = await exchange.fetchBalance();
    expect(balance.BTC?.total).toBeCloseTo(100 + Number(order.filled) * 0.999, 7);
    expect(balance.USDT?.total).toBeCloseTo(10_000_000 - Number(order.cost), 6);
  });

  it('honour IOC, FOK and PostOnly by ending what can not be carried out', async () => {
    const last = await lastPrice(spot);
    const [far, through] = [Math.round(last * 0.95), Math.round(last * 1.02)];
    const ioc = await exchange.createOrder(spot, 'limit', 'buy', 0.01, far, { timeInForce: 'IOC' });
    expect(await orderOf(ioc.id, spot)).toMatchObject({ status: 'canceled', filled: 0, timeInForce: 'IOC' });
    const fok = await exchange.createOrder(spot, 'limit', 'buy', 0.01, through, { timeInForce: 'FOK' });
    expect(await orderOf(fok.id, spot)).toMatchObject({ status: 'closed', filled: 0.01 });
    const postOnly = await exchange.createOrder(spot, 'limit', 'buy', 0.01, through, { postOnly: true });
    const { info, status } = await orderOf(postOnly.id, spot);
    expect(status).toBe('canceled');
    expect(info).toMatchObject({ rejectReason: 'EC_PostOnlyWillTakeLiquidity', orderStatus: 'Cancelled' });
  });

  it('are amended, several at once placed, and all canceled', async () => {
    const price = Math.round((await lastPrice(spot)) * 0.95);
    const order = (index: number, amount: number) => ({
      ...{ symbol: spot, type: 'limit' as const, side: 'buy' as const, amount, price },
      params: { clientOrderId: `batch-${index}` },
    });
    const placed = await exchange.createOrders([order(1, 0.01), order(2, 5_000_000), order(3, 0.02)]);
    expect(placed.map(({ status }) => status)).toEqual([undefined, 'rejected', undefined]);
    const [first] = placed;
    await exchange.editOrder(String(first?.id), spot, 'limit', 'buy', 0.03, price - 10);
    expect(await orderOf(first?.id, spot)).toMatchObject({ amount: 0.03, price: price - 10, status: 'open' });
    expect((await exchange.cancelAllOrders(spot)).length).toBe(2);
    expect(await exchange.fetchOpenOrders(spot)).toEqual([]);
  });

  it('wait for a trigger without locking funds, then trade', async () => {
    const last = await lastPrice(spot);
    const stop = await exchange.createOrder(spot, 'market', 'sell', 1, undefined, {
      triggerPrice: Math.round(last * 0.98),
    });
    expect((await exchange.fetchBalance()).BTC).toMatchObject({ free: 100, used: 0 });
    const waiting = await exchange.fetchOpenOrders(spot, undefined, undefined, { trigger: true });
    expect(waiting.map(({ id, info }) => [id, info.orderStatus])).toEqual([[stop.id, 'Untriggered']]);
    expect(await exchange.fetchOpenOrders(spot)).toEqual([]);
    await control(simulator.url, 'POST', 'price', { symbol: 'BTCUSDT', factor: 0.97 });
    const [order] = (await simulatedOrders(simulator.url)).filter(({ orderId }) => orderId === stop.id);
    expect(order).toMatchObject({ orderStatus: 'Filled', cumExecQty: '1' });
  });

  it('bring a take-profit and a stop-loss along, which end each other', async () => {
    const last = await lastPrice(spot);
    await exchange.createOrder(spot, 'limit', 'buy', 0.5, Math.round(last * 1.02), {
      takeProfit: { triggerPrice: Math.round(last * 1.05) },
      stopLoss: { triggerPrice: Math.round(last * 0.95) },
    });
    await control(simulator.url, 'POST', 'price', { symbol: 'BTCUSDT', factor: 1.08 });
    const exits = (await simulatedOrders(simulator.url)).slice(1);
    expect(exits.map(({ orderStatus }) => orderStatus).toSorted()).toEqual(['Deactivated', 'Filled']);
  });
});

describe('the wallet', () => {
  it('logs every change with the balance it led to', async () => {
    await exchange.createOrder(perpetual, 'market', 'buy', 0.1);
    await control(simulator.url, 'POST', 'funding', { symbol: 'BTCUSDT', rate: '0.0001' });
    await exchange.createOrder(perpetual, 'market', 'sell', 0.1, undefined, { reduceOnly: true });
    expect((await exchange.fetchLedger('USDT')).map(({ type }) => type)).toHaveLength(4);
    const { result } = (await exchange.privateGetV5AccountTransactionLog({ currency: 'USDT' })) as {
      result: { list: { type: string; change: string; cashBalance: string }[] };
    };
    expect(result.list.map(({ type }) => type)).toEqual(['TRADE', 'SETTLEMENT', 'TRADE', 'TRANSFER_IN']);
    for (const [index, { change, cashBalance }] of result.list.entries()) {
      const before = Number(result.list[index + 1]?.cashBalance ?? 0);
      expect(Number(cashBalance)).toBeCloseTo(before + Number(change), 6);
    }
    expect(Number(result.list[0]?.cashBalance)).toBeCloseTo(Number((await exchange.fetchBalance()).USDT?.total), 6);
  });

  it('knows each account by its key only', async () => {
    await exchange.createOrder(spot, 'market', 'sell', 0.1);
    const reader = restClient(simulator, readerAccount);
    expect(await reader.fetchOpenOrders(spot)).toEqual([]);
    expect((await reader.fetchBalance()).USDT).toMatchObject({ total: 50 });
    expect(mainAccount.apiKey).not.toBe(readerAccount.apiKey);
  });
});
