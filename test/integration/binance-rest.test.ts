import type { binance } from 'ccxt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BinanceSimulator } from '../../local/simulators/binance/simulator.ts';
import { control, readerAccount, restClient, simulatedOrders, startSimulator } from './binance-support.ts';

let simulator: BinanceSimulator;
let exchange: binance;

beforeAll(async () => {
  simulator = await startSimulator();
  exchange = restClient(simulator);
  await exchange.loadMarkets();
});

afterAll(async () => {
  await simulator.close();
});

describe("ccxt's binance class against the simulator", () => {
  it('loads more than two thousand spot markets, and perpetuals of the same name beside them', () => {
    const spot = exchange.symbols.filter((symbol) => exchange.market(symbol).spot);
    expect(spot.length).toBeGreaterThanOrEqual(2000);
    expect(exchange.market('BTC/USDT').id).toBe('BTCUSDT');
    expect(exchange.market('BTC/USDT:USDT').id).toBe('BTCUSDT');
    expect(exchange.market('BTC/USD:BTC').inverse).toBe(true);
    expect(exchange.market('BTC/USDT').precision).toEqual(expect.objectContaining({ amount: 0.00001, price: 0.01 }));
    expect(exchange.market('BTC/USDT').limits.cost?.min).toBe(5);
  });

  it('names the groups that may trade a symbol, as the venue does, unless they are not wanted', async () => {
    const ask = (changes: object) => exchange.publicGetExchangeInfo({ symbols: '["BTCUSDT"]', ...changes });
    const [shown] = (await ask({})).symbols;
    expect(shown.permissionSets).toHaveLength(1);
    expect(shown.permissionSets[0]).toHaveLength(181);
    expect(shown.permissionSets[0].slice(0, 5)).toEqual([
      'SPOT',
      'TRD_GRP_004',
      'TRD_GRP_005',
      'TRD_GRP_006',
      'TRD_GRP_008',
    ]);
    const [hidden] = (await ask({ showPermissionSets: 'false' })).symbols;
    expect(hidden).toEqual({ ...shown, permissionSets: [] });
    const whole = await exchange.publicGetExchangeInfo({ showPermissionSets: 'false' });
    expect(whole.symbols[0]).toMatchObject({ status: 'TRADING', permissionSets: [] });
  });

  it('fills a market order, charges the fee and shows it everywhere', async () => {
    const order = await exchange.createOrder('ETH/USDT', 'market', 'buy', 0.5, undefined, {
      clientOrderId: 'rest-market',
    });
    expect(order).toEqual(expect.objectContaining({ status: 'closed', filled: 0.5, clientOrderId: 'rest-market' }));
    expect(order.fee).toEqual({ currency: 'ETH', cost: 0.0005 });
    const queried = await exchange.fetchOrder('', 'ETH/USDT', { origClientOrderId: 'rest-market' });
    expect(queried).toEqual(expect.objectContaining({ id: order.id, status: 'closed', cost: order.cost }));
    const trades = await exchange.fetchMyTrades('ETH/USDT');
    const own = trades.filter((trade) => trade.order === order.id);
    expect(own.reduce((sum, trade) => sum + Number(trade.amount), 0)).toBeCloseTo(0.5, 8);
    const truth = (await simulatedOrders(simulator.url)).find(({ clientOrderId }) => clientOrderId === 'rest-market');
    expect(truth).toEqual(
      expect.objectContaining({ account: 'main', symbol: 'ETHUSDT', status: 'FILLED', orderId: Number(order.id) }),
    );
  });

  it('spends a quote amount with a market order', async () => {
    const order = await exchange.createMarketBuyOrderWithCost('BTC/USDT', 500);
    expect(order.status).toBe('closed');
    expect(Number(order.cost)).toBeGreaterThan(495);
    expect(Number(order.cost)).toBeLessThanOrEqual(500);
  });

  it('rests, lists and cancels a limit order, and locks what it needs', async () => {
    const price = Math.round(Number((await exchange.fetchTicker('BTC/USDT')).last) * 0.8);
    const order = await exchange.createOrder('BTC/USDT', 'limit', 'buy', 0.01, price);
    expect(order.status).toBe('open');
    const balance = await exchange.fetchBalance();
    expect(balance.USDT?.used).toBe(Number((price * 0.01).toFixed(8)));
    expect((await exchange.fetchOpenOrders('BTC/USDT')).map(({ id }) => id)).toEqual([order.id]);
    expect((await exchange.cancelOrder(`${order.id}`, 'BTC/USDT')).status).toBe('canceled');
    expect(await exchange.fetchOpenOrders('BTC/USDT')).toEqual([]);
    const all = await exchange.fetchOrders('BTC/USDT');
    expect(all.find(({ id }) => id === order.id)?.status).toBe('canceled');
  });

  it('replaces an order', async () => {
    const last = Number((await exchange.fetchTicker('BTC/USDT')).last);
    const order = await exchange.createOrder('BTC/USDT', 'limit', 'sell', 0.01, Math.round(last * 1.2));
    const edited = await exchange.editOrder(`${order.id}`, 'BTC/USDT', 'limit', 'sell', 0.02, Math.round(last * 1.3));
    expect(edited).toEqual(expect.objectContaining({ status: 'open', amount: 0.02 }));
    expect(await exchange.cancelAllOrders('BTC/USDT')).toHaveLength(1);
  });

  it('accepts stop and post-only orders', async () => {
    const last = Number((await exchange.fetchTicker('BTC/USDT')).last);
    const stop = await exchange.createOrder('BTC/USDT', 'limit', 'sell', 0.01, Math.round(last * 0.9), {
      stopLossPrice: Math.round(last * 0.95),
    });
    const maker = await exchange.createOrder('BTC/USDT', 'limit', 'buy', 0.01, Math.round(last * 0.9), {
      postOnly: true,
    });
    const open = await exchange.fetchOpenOrders('BTC/USDT');
    expect(open.map(({ id }) => id).toSorted()).toEqual([stop.id, maker.id].toSorted());
    expect((await exchange.fetchOrder(`${stop.id}`, 'BTC/USDT')).triggerPrice).toBe(Math.round(last * 0.95));
    await exchange.cancelAllOrders('BTC/USDT');
  });

  it('serves books, trades, candles and tickers', async () => {
    const book = await exchange.fetchOrderBook('BTC/USDT', 20);
    expect(book.bids.length).toBe(20);
    expect(Number(book.asks[0]?.[0])).toBeGreaterThan(Number(book.bids[0]?.[0]));
    expect((await exchange.fetchTrades('BTC/USDT', undefined, 10)).length).toBe(10);
    const candles = await exchange.fetchOHLCV('BTC/USDT', '1h', Date.now() - 5 * 3_600_000, 3);
    expect(candles.length).toBe(3);
    for (const [, open, high, low, close] of candles) {
      expect(Number(high)).toBeGreaterThanOrEqual(Math.max(Number(open), Number(close)));
      expect(Number(low)).toBeLessThanOrEqual(Math.min(Number(open), Number(close)));
    }
    const tickers = await exchange.fetchTickers();
    expect(Object.keys(tickers).length).toBeGreaterThanOrEqual(2000);
    expect(Number((await exchange.fetchTicker('BTC/USDT:USDT')).last)).toBeGreaterThan(0);
    expect(Math.abs(Number(await exchange.fetchTime()) - Date.now())).toBeLessThan(5_000);
  });

  it('tells what a key may do, and refuses orders of a key that may only read', async () => {
    const reader = restClient(simulator, readerAccount);
    reader.setMarkets(exchange.markets);
    const restrictions = await reader.sapiGetAccountApiRestrictions();
    expect(restrictions).toEqual(
      expect.objectContaining({ enableReading: true, enableWithdrawals: false, enableSpotAndMarginTrading: false }),
    );
    await expect(reader.createOrder('ETH/USDT', 'market', 'buy', 0.01)).rejects.toThrow(/-2015/);
    expect((await reader.fetchBalance()).USDT?.free).toBe(50);
    expect((await reader.fetchTradingFee('BTC/USDT')).taker).toBe(0.001);
  });

  it('shows what an outsider does with the same key', async () => {
    const order = {
      action: 'order',
      account: 'main',
      params: { symbol: 'ETHUSDT', side: 'SELL', type: 'MARKET', quantity: '0.1', newClientOrderId: 'not-us' },
    };
    expect((await control(simulator.url, 'POST', 'outsider', order)).status).toBe(200);
    expect((await exchange.fetchOrder('', 'ETH/USDT', { origClientOrderId: 'not-us' })).status).toBe('closed');
    const before = (await exchange.fetchBalance()).XRP?.free ?? 0;
    await control(simulator.url, 'POST', 'outsider', {
      action: 'deposit',
      account: 'main',
      asset: 'XRP',
      amount: '5.5',
    });
    expect((await exchange.fetchBalance()).XRP?.free).toBe(before + 5.5);
  });
});
