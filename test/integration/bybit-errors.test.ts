import type { bybit } from 'ccxt';
import { AuthenticationError, InsufficientFunds, InvalidNonce, OrderNotFound, PermissionDenied } from 'ccxt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sign } from '../../local/simulators/bybit/signature.ts';
import type { BybitSimulator } from '../../local/simulators/bybit/simulator.ts';
import { mainAccount, perpetual, readerAccount, restClient, spot, startSimulator } from './bybit-support.ts';

const strangerAccount = {
  name: 'elsewhere',
  apiKey: 'elseKey0'.repeat(3),
  secret: 'elseSecret0'.repeat(4),
  balances: { USDT: '50' },
  allowedAddresses: ['203.0.113.7'],
};

let simulator: BybitSimulator;
let exchange: bybit;

beforeAll(async () => {
  simulator = await startSimulator({ accounts: [mainAccount, readerAccount, strangerAccount] });
  exchange = restClient(simulator);
  await exchange.loadMarkets();
});

afterAll(async () => {
  await simulator.close();
});

async function get(path: string, headers: Record<string, string> = {}) {
  const response = await fetch(`${simulator.url}${path}`, { headers });
  return { status: response.status, headers: response.headers, body: (await response.json()) as { retCode: number } };
}

describe('who may ask', () => {
  const headers = (change: Record<string, string> = {}, query = 'accountType=UNIFIED') => {
    const timestamp = String(Date.now());
    const signature = sign(`${timestamp}${mainAccount.apiKey}5000${query}`, mainAccount.secret);
    return {
      ...{ 'X-BAPI-API-KEY': mainAccount.apiKey, 'X-BAPI-TIMESTAMP': timestamp },
      ...{ 'X-BAPI-RECV-WINDOW': '5000', 'X-BAPI-SIGN': signature, ...change },
    };
  };
  const wallet = '/v5/account/wallet-balance?accountType=UNIFIED';

  it('signs time, key, window and query', async () => {
    const { status, body, headers: answered } = await get(wallet, headers());
    expect([status, body.retCode]).toEqual([200, 0]);
    expect(Number(answered.get('X-Bapi-Limit'))).toBeGreaterThan(0);
    expect(Number(answered.get('X-Bapi-Limit-Status'))).toBeLessThan(Number(answered.get('X-Bapi-Limit')));
  });

  it.each([
    ['an unknown key', { 'X-BAPI-API-KEY': 'nobodysKey00' }, 10003],
    ['a wrong signature', { 'X-BAPI-SIGN': 'a'.repeat(64) }, 10004],
    ['another window than signed', { 'X-BAPI-RECV-WINDOW': '6000' }, 10004],
    ['no timestamp', { 'X-BAPI-TIMESTAMP': '' }, 10002],
  ])('refuses %s', async (_, change, code) => {
    expect((await get(wallet, headers(change))).body.retCode).toBe(code);
  });

  it.each([-60_000, 2_000])('refuses a timestamp that is %d ms off', async (skewMs) => {
    const change = { 'X-BAPI-TIMESTAMP': String(Date.now() + skewMs) };
    expect((await get(wallet, headers(change))).body.retCode).toBe(10002);
  });

  it('refuses keys without the permission, and keys used from elsewhere', async () => {
    const reader = restClient(simulator, readerAccount);
    await reader.loadMarkets();
    await expect(reader.createOrder(spot, 'market', 'sell', 0.01)).rejects.toThrow(PermissionDenied);
    await expect(restClient(simulator, strangerAccount).fetchBalance()).rejects.toThrow(/10010/);
  });

  it("is told apart by ccxt's own classes", async () => {
    const wrong = restClient(simulator, { ...mainAccount, secret: 'wrong' });
    await expect(wrong.fetchBalance()).rejects.toThrow(AuthenticationError);
    const late = restClient(simulator);
    late.nonce = () => Date.now() - 60_000;
    await expect(late.fetchBalance()).rejects.toThrow(InvalidNonce);
  });

  it('answers unknown paths and empty categories', async () => {
    expect((await get('/v5/no/such')).body.retCode).toBe(10017);
    expect((await get('/v5/market/tickers?category=futures')).body.retCode).toBe(10001);
    expect((await get('/v5/market/tickers?category=inverse')).body).toMatchObject({ retCode: 0, result: { list: [] } });
  });
});

describe('orders that are refused', () => {
  const create = (params: Record<string, unknown>) => exchange.privatePostV5OrderCreate(params);
  const order = {
    spot: { category: 'spot', symbol: 'BTCUSDT', side: 'Sell', orderType: 'Limit', qty: '0.01', price: '95000' },
    linear: { category: 'linear', symbol: 'BTCUSDT', side: 'Buy', orderType: 'Limit', qty: '0.01', price: '95000' },
  };

  it.each([
    ['an unknown spot symbol', { ...order.spot, symbol: 'NOSUCHUSDT' }, /170121/],
    ['an unknown perpetual', { ...order.linear, symbol: 'NOSUCHUSDT' }, /10001/],
    ['a spot price off its tick', { ...order.spot, price: '95000.05' }, /170134/],
    ['a spot quantity off its step', { ...order.spot, qty: '0.0100001' }, /170137/],
    ['a spot quantity too large', { ...order.spot, qty: '5000' }, /170135/],
    ['a spot value too small', { ...order.spot, qty: '0.00001' }, /170140/],
    ['a sell far below the market', { ...order.spot, price: '50000' }, /170194/],
    ['a perpetual price far through the market', { ...order.linear, price: '150000' }, /110003/],
    ['a perpetual quantity off its step', { ...order.linear, qty: '0.0105' }, /Qty invalid/],
    ['a perpetual quantity of nothing', { ...order.linear, qty: '0' }, /minimum limit/],
    ['a perpetual value too small', { ...order.linear, symbol: 'XRPUSDT', qty: '0.1', price: '2' }, /110094/],
    ['no price', { ...order.spot, price: '' }, /price is required/],
    ['no side', { ...order.spot, side: undefined }, /side is required/],
    ['a wrong time in force', { ...order.spot, timeInForce: 'DAY' }, /timeInForce/],
    ['a wrong orderLinkId', { ...order.spot, orderLinkId: 'has a space' }, /orderLinkId/],
    ['a trigger without its direction', { ...order.linear, triggerPrice: '96000' }, /TriggerDirection/],
    ['a stop-loss above a long', { ...order.linear, stopLoss: '99000' }, /StopLoss/],
    ['a take-profit of a reduce-only order', { ...order.linear, reduceOnly: true, takeProfit: '99000' }, /TP\/SL/],
    ['an option', { ...order.linear, category: 'option' }, /symbol invalid/],
  ])('for %s', async (_, params, error) => {
    await expect(create(params)).rejects.toThrow(error);
  });

  it('for an orderLinkId that was ever used, per category', async () => {
    const once = (symbol: string) =>
      exchange.createOrder(symbol, 'market', 'sell', 0.01, undefined, {
        clientOrderId: 'once',
      });
    await once(spot);
    await expect(once(spot)).rejects.toThrow(/170141/);
    await once(perpetual);
    await expect(once(perpetual)).rejects.toThrow(/110072/);
  });

  it('for lack of funds, in the words of the category', async () => {
    const orders = { type: 'limit' as const, side: 'sell' as const, amount: 60, price: 96_000 };
    const sell = () => exchange.createOrder(spot, orders.type, orders.side, orders.amount, orders.price);
    await sell();
    await expect(sell()).rejects.toThrow(InsufficientFunds);
    await exchange.cancelAllOrders(spot);
  });

  it('when they are canceled or amended but not there', async () => {
    const [uuid, number] = ['8c065341-7b52-4ca9-ac2c-37e31ac55c94', '1990000000000000001'];
    await expect(exchange.cancelOrder(uuid, perpetual)).rejects.toThrow(OrderNotFound);
    await expect(exchange.cancelOrder(number, spot)).rejects.toThrow(/170213/);
    await expect(exchange.editOrder(uuid, perpetual, 'limit', 'buy', 0.02, 90_000)).rejects.toThrow(/110001/);
    expect(await exchange.fetchOpenOrders(perpetual, undefined, undefined, { orderId: uuid })).toEqual([]);
  });
});
