import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMovableClock } from '../../local/cloud/clock.ts';
import { sign } from '../../local/simulators/binance/signature.ts';
import type { BinanceSimulator } from '../../local/simulators/binance/simulator.ts';
import { mainAccount, restClient, simulatedOrders, startSimulator } from './binance-support.ts';

let simulator: BinanceSimulator;

beforeAll(async () => {
  simulator = await startSimulator({ symbolsCount: 60 });
});

afterAll(async () => {
  await simulator.close();
});

type Params = Record<string, string>;

async function signed(method: string, path: string, params: Params, change: { secret?: string; apiKey?: string } = {}) {
  const query = new URLSearchParams({ ...params, timestamp: params.timestamp ?? String(Date.now()) }).toString();
  const signature = sign(query, change.secret ?? mainAccount.secret);
  const response = await fetch(`${simulator.url}${path}?${query}&signature=${signature}`, {
    method,
    headers: change.apiKey === '' ? {} : { 'X-MBX-APIKEY': change.apiKey ?? mainAccount.apiKey },
  });
  const body = (await response.json()) as { code?: number; msg?: string };
  return { ...body, status: response.status, headers: response.headers };
}

const limitBuy: Params = {
  symbol: 'BTCUSDT',
  side: 'BUY',
  type: 'LIMIT',
  timeInForce: 'GTC',
  quantity: '0.01',
  price: '90000.00',
};
const without = (params: Params, name: string): Params =>
  Object.fromEntries(Object.entries(params).filter(([key]) => key !== name));
const marketSell: Params = { symbol: 'BTCUSDT', side: 'SELL', type: 'MARKET', quantity: '0.01' };

describe('a new order that Binance would refuse', () => {
  it.each([
    { name: 'unknown symbol', params: { ...limitBuy, symbol: 'NOSUCH' }, code: -1121, msg: 'Invalid symbol.' },
    { name: 'lower-case symbol', params: { ...limitBuy, symbol: 'btcusdt' }, code: -1100, msg: /parameter 'symbol'/ },
    { name: 'no symbol', params: without(limitBuy, 'symbol'), code: -1102, msg: /Mandatory parameter 'symbol'/ },
    { name: 'no price', params: without(limitBuy, 'price'), code: -1102, msg: /Mandatory parameter 'price'/ },
    { name: 'no quantity', params: without(limitBuy, 'quantity'), code: -1102, msg: /Mandatory parameter 'quantity'/ },
    {
      name: 'neither quantity',
      params: without(marketSell, 'quantity'),
      code: -1102,
      msg: /'quantity' or 'quoteOrderQty'/,
    },
    { name: 'a word as quantity', params: { ...limitBuy, quantity: 'much' }, code: -1100, msg: /parameter 'quantity'/ },
    { name: 'a negative quantity', params: { ...limitBuy, quantity: '-1' }, code: -1100, msg: /parameter 'quantity'/ },
    { name: 'zero quantity', params: { ...limitBuy, quantity: '0' }, code: -1013, msg: 'Invalid quantity.' },
    {
      name: 'nine decimals',
      params: { ...limitBuy, quantity: '0.010000001' },
      code: -1111,
      msg: "Parameter 'quantity' has too much precision.",
    },
    { name: 'a wrong side', params: { ...limitBuy, side: 'LONG' }, code: -1117, msg: 'Invalid side.' },
    { name: 'a wrong type', params: { ...limitBuy, type: 'STOP' }, code: -1116, msg: 'Invalid orderType.' },
    {
      name: 'a wrong time in force',
      params: { ...limitBuy, timeInForce: 'GTX' },
      code: -1115,
      msg: 'Invalid timeInForce.',
    },
    {
      name: 'a price on a market order',
      params: { ...marketSell, price: '1' },
      code: -1106,
      msg: "Parameter 'price' sent when not required.",
    },
    {
      name: 'a parameter nobody knows',
      params: { ...limitBuy, colour: 'red' },
      code: -1104,
      msg: "Not all sent parameters were read; read '8' parameter(s) but was sent '9'.",
    },
    {
      name: 'an empty client id',
      params: { ...limitBuy, newClientOrderId: '' },
      code: -1105,
      msg: "Parameter 'newClientOrderId' was empty.",
    },
    {
      name: 'a client id of 37 characters',
      params: { ...limitBuy, newClientOrderId: 'x'.repeat(37) },
      code: -1100,
      msg: /newClientOrderId/,
    },
    {
      name: 'a price off the tick',
      params: { ...limitBuy, price: '90000.001' },
      code: -1013,
      msg: 'Filter failure: PRICE_FILTER',
    },
    {
      name: 'a price far from the market',
      params: { ...limitBuy, price: '9000.00' },
      code: -1013,
      msg: 'Filter failure: PERCENT_PRICE_BY_SIDE',
    },
    {
      name: 'a quantity off the step',
      params: { ...limitBuy, quantity: '0.010001' },
      code: -1013,
      msg: 'Filter failure: LOT_SIZE',
    },
    {
      name: 'too small an order',
      params: { ...limitBuy, quantity: '0.00001' },
      code: -1013,
      msg: 'Filter failure: NOTIONAL',
    },
    {
      name: 'too small a quote amount',
      params: { ...without(marketSell, 'quantity'), quoteOrderQty: '1' },
      code: -1013,
      msg: 'Filter failure: NOTIONAL',
    },
    {
      name: 'too large a market order',
      params: { ...marketSell, quantity: '60' },
      code: -1013,
      msg: 'Filter failure: MARKET_LOT_SIZE',
    },
    {
      name: 'an iceberg in too many parts',
      params: { ...limitBuy, icebergQty: '0.0005' },
      code: -1013,
      msg: 'Filter failure: ICEBERG_PARTS',
    },
    {
      name: 'a trailing limit order',
      params: { ...limitBuy, trailingDelta: '100' },
      code: -1106,
      msg: "Parameter 'trailingDelta' sent when not required.",
    },
    {
      name: 'a stop that says neither where nor how far',
      params: { ...marketSell, type: 'STOP_LOSS' },
      code: -1102,
      msg: "Param 'stopPrice' or 'trailingDelta' must be sent, but both were empty/null!",
    },
    {
      name: 'a trailing stop that is too close',
      params: { ...marketSell, type: 'STOP_LOSS', trailingDelta: '9' },
      code: -1013,
      msg: 'Filter failure: TRAILING_DELTA',
    },
    {
      name: 'more than the account has',
      params: { ...limitBuy, symbol: 'SOLUSDT', side: 'SELL', price: '160.00', quantity: '1' },
      code: -2010,
      msg: 'Account has insufficient balance for requested action.',
    },
    {
      name: 'a maker order that would take',
      params: { ...without(limitBuy, 'timeInForce'), type: 'LIMIT_MAKER', price: '150000.00' },
      code: -2010,
      msg: 'Order would immediately match and take.',
    },
    {
      name: 'a stop on the wrong side',
      params: { ...without(marketSell, 'x'), type: 'STOP_LOSS', stopPrice: '150000.00' },
      code: -2010,
      msg: 'Order would trigger immediately.',
    },
  ])('$name', async ({ params, code, msg }) => {
    const before = (await simulatedOrders(simulator.url)).length;
    const answer = await signed('POST', '/api/v3/order', params);
    expect(answer).toEqual(expect.objectContaining({ status: 400, code }));
    if (typeof msg === 'string') expect(answer.msg).toBe(msg);
    else expect(answer.msg).toMatch(msg);
    expect((await simulatedOrders(simulator.url)).length).toBe(before);
  });

  it('repeats the client id of an open order, and only of an open one', async () => {
    const params = { ...limitBuy, price: '60000.00', newClientOrderId: 'twice' };
    expect((await signed('POST', '/api/v3/order', params)).status).toBe(200);
    expect(await signed('POST', '/api/v3/order', params)).toEqual(
      expect.objectContaining({ code: -2010, msg: 'Duplicate order sent.' }),
    );
    const reference = { symbol: 'BTCUSDT', origClientOrderId: 'twice' };
    expect((await signed('DELETE', '/api/v3/order', reference)).status).toBe(200);
    expect((await signed('POST', '/api/v3/order', params)).status).toBe(200);
    await signed('DELETE', '/api/v3/order', reference);
  });
});

describe('who may ask', () => {
  const path = '/api/v3/account';

  const cases: {
    name: string;
    change: { secret?: string; apiKey?: string };
    params: Params;
    status: number;
    code: number;
  }[] = [
    { name: 'no key', change: { apiKey: '' }, params: {}, status: 401, code: -2014 },
    { name: 'a malformed key', change: { apiKey: 'a b' }, params: {}, status: 401, code: -2014 },
    { name: 'an unknown key', change: { apiKey: 'z'.repeat(64) }, params: {}, status: 401, code: -2015 },
    { name: 'another secret', change: { secret: 'other' }, params: {}, status: 400, code: -1022 },
    {
      name: 'an old timestamp',
      change: {},
      params: { timestamp: String(Date.now() - 6_000) },
      status: 400,
      code: -1021,
    },
    {
      name: 'a future timestamp',
      change: {},
      params: { timestamp: String(Date.now() + 60_000) },
      status: 400,
      code: -1021,
    },
    { name: 'too wide a window', change: {}, params: { recvWindow: '60001' }, status: 400, code: -1131 },
  ];
  it.each(cases)('refuses $name', async ({ change, params, status, code }) => {
    expect(await signed('GET', path, params, change)).toEqual(expect.objectContaining({ status, code }));
  });

  it('accepts an old timestamp within a wider window', async () => {
    const params = { timestamp: String(Date.now() - 6_000), recvWindow: '20000' };
    expect((await signed('GET', path, params)).status).toBe(200);
  });

  it('asks for the signature by name', async () => {
    const response = await fetch(`${simulator.url}${path}?timestamp=${Date.now()}`, {
      headers: { 'X-MBX-APIKEY': mainAccount.apiKey },
    });
    expect(await response.json()).toEqual({
      code: -1102,
      msg: "Mandatory parameter 'signature' was not sent, was empty/null, or malformed.",
    });
  });
});

describe('orders that are not there', () => {
  it.each([
    { method: 'GET', code: -2013, msg: 'Order does not exist.' },
    { method: 'DELETE', code: -2011, msg: 'Unknown order sent.' },
  ])('$method answers $code', async ({ method, code, msg }) => {
    const answer = await signed(method, '/api/v3/order', { symbol: 'BTCUSDT', origClientOrderId: 'nobody' });
    expect(answer).toEqual(expect.objectContaining({ status: 400, code, msg }));
  });
});

describe('limits', () => {
  it('counts weight and orders in headers', async () => {
    const answer = await signed('POST', '/api/v3/order', marketSell);
    expect(Number(answer.headers.get('X-MBX-ORDER-COUNT-10S'))).toBeGreaterThan(0);
    const used = Number(answer.headers.get('X-MBX-USED-WEIGHT-1M'));
    const next = await signed('GET', '/api/v3/order', { symbol: 'BTCUSDT', origClientOrderId: 'nobody' });
    expect(Number(next.headers.get('X-MBX-USED-WEIGHT-1M'))).toBe(used + 4);
  });

  it('answers 429, then bans whoever goes on, the second time for longer', async () => {
    const clock = createMovableClock();
    const limits = { weightPerMinute: 3, violationsBeforeBan: 2, firstBanMs: 3_000 };
    const limited = await startSimulator({ symbolsCount: 60, clock, limits });
    const ping = async () => {
      const response = await fetch(`${limited.url}/api/v3/ping`);
      await response.text();
      return `${response.status} ${response.headers.get('Retry-After')}`;
    };
    const answers: string[] = [];
    for (let index = 0; index < 7; index++) answers.push(await ping());
    clock.advance(3_000);
    answers.push(await ping());
    clock.advance(60_000);
    answers.push(await ping());
    await limited.close();
    const allowed = '200 null';
    expect(answers).toEqual([allowed, allowed, allowed, '429 60', '429 60', '418 3', '418 3', '418 6', allowed]);
  });

  it('refuses more orders than the limit with -1015', async () => {
    const limited = await startSimulator({ symbolsCount: 60, limits: { ordersPerDay: 2 } });
    const exchange = restClient(limited);
    await exchange.loadMarkets();
    const place = () => exchange.createOrder('BTC/USDT', 'market', 'buy', 0.001);
    await place();
    await place();
    await expect(place()).rejects.toThrow(/-1015|429/);
    expect((await simulatedOrders(limited.url)).length).toBe(2);
    await limited.close();
  });
});
