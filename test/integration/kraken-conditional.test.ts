import type { kraken } from 'ccxt';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { KrakenSimulator } from '../../local/simulators/kraken/simulator.ts';
import {
  callPrivate,
  control,
  restClient,
  type SimulatedOrder,
  simulatedOrders,
  startSimulator,
} from './kraken-support.ts';

let simulator: KrakenSimulator;
let exchange: kraken;
let last: number;

beforeAll(async () => {
  simulator = await startSimulator({ tickMs: 50 });
  exchange = restClient(simulator);
  await exchange.loadMarkets();
});

beforeEach(async () => {
  await control(simulator.url, 'POST', 'reset');
  last = Number((await exchange.fetchTicker(symbol)).last);
});

afterAll(async () => {
  await simulator.close();
});

const symbol = 'BTC/USD';
const at = (share: number) => Math.round(last * share);
const movePrice = (factor: number) => control(simulator.url, 'POST', 'price', { symbol: 'XBTUSD', factor });
const inject = (fault: unknown) => control(simulator.url, 'POST', 'faults', fault);
const rest = (params: object = {}) => exchange.createOrder(symbol, 'limit', 'buy', 0.02, at(0.8), params);
const used = async (asset: 'BTC' | 'USD') => Number((await exchange.fetchBalance())[asset]?.used);

async function truthOf(orderId: string | undefined): Promise<SimulatedOrder> {
  const found = (await simulatedOrders(simulator.url)).find((order) => order.orderId === orderId);
  if (found === undefined) throw new Error(`no order ${orderId}`);
  return found;
}

describe('orders that wait for a price', () => {
  it.each([
    { type: 'market', side: 'sell', params: { stopLossPrice: 0.95 }, sent: 'stop-loss', factor: 0.9 },
    { type: 'market', side: 'buy', params: { stopLossPrice: 1.05 }, sent: 'stop-loss', factor: 1.1 },
    { type: 'market', side: 'sell', params: { takeProfitPrice: 1.05 }, sent: 'take-profit', factor: 1.1 },
    { type: 'limit', side: 'sell', params: { stopLossPrice: 0.95 }, sent: 'stop-loss-limit', factor: 0.93 },
    { type: 'limit', side: 'buy', params: { takeProfitPrice: 0.95 }, sent: 'take-profit-limit', factor: 0.93 },
  ])('$side as $sent', async ({ type, side, params, sent, factor }) => {
    const prices = Object.fromEntries(Object.entries(params).map(([name, share]) => [name, at(Number(share))]));
    const limit = type === 'limit' ? at(side === 'sell' ? 0.9 : 0.96) : undefined;
    const order = await exchange.createOrder(symbol, type, side, 0.01, limit, prices);
    const waiting = await exchange.fetchOrder(`${order.id}`);
    expect(waiting).toMatchObject({ status: 'open', ...prices });
    expect(waiting.info.descr.ordertype).toBe(sent);
    await movePrice(factor);
    expect(await exchange.fetchOrder(`${order.id}`)).toMatchObject({ status: 'closed', filled: 0.01 });
  });

  it.each([
    { name: 'by a percentage', params: { trailingPercent: '5' }, shown: '+5.0000%', unit: 'share' },
    { name: 'by an amount', params: { trailingAmount: '5000' }, shown: '+5000.0', unit: 'price' },
  ])('trailing the market $name', async ({ params, shown, unit }) => {
    const order = await exchange.createOrder(symbol, 'market', 'sell', 0.01, undefined, params);
    expect((await exchange.fetchOrder(`${order.id}`)).info.descr).toEqual(
      expect.objectContaining({
        ordertype: 'trailing-stop',
        price: shown,
        order: `sell 0.01000000 XBTUSD @ trailing stop ${shown}`,
      }),
    );
    await movePrice(1.3);
    const truth = await truthOf(order.id);
    expect(truth.trailing?.unit).toBe(unit);
    expect(Number(truth.trigger?.price)).toBeGreaterThan(last);
    await movePrice(0.99);
    expect((await exchange.fetchOrder(`${order.id}`)).status).toBe('open');
    await movePrice(0.9);
    expect(await exchange.fetchOrder(`${order.id}`)).toMatchObject({ status: 'closed', filled: 0.01 });
  });

  it('trailing the market with a limit that goes along', async () => {
    const order = await exchange.createOrder(symbol, 'limit', 'sell', 0.01, undefined, {
      ...{ trailingAmount: '5000', trailingLimitAmount: '1000', offset: '-' },
    });
    await movePrice(1.3);
    const { info } = await exchange.fetchOrder(`${order.id}`);
    expect(info.descr).toEqual(
      expect.objectContaining({ ordertype: 'trailing-stop-limit', price: '+5000.0', price2: '-1000.0' }),
    );
    expect(Number(info.stopprice) - Number(info.limitprice)).toBeCloseTo(1000, 0);
    await movePrice(0.955);
    expect(await exchange.fetchOrder(`${order.id}`)).toMatchObject({ status: 'closed', filled: 0.01 });
  });
});

describe('times in force', () => {
  it.each([
    { params: { timeInForce: 'IOC' }, status: 'canceled' },
    { params: { timeInForce: 'FOK' }, status: 'canceled' },
    { params: { postOnly: true }, status: 'open' },
    { params: { timeInForce: 'GTD', expiretm: '+60' }, status: 'open' },
  ])('$params of an order far from the market: $status', async ({ params, status }) => {
    const order = await rest(params);
    expect((await exchange.fetchOrder(`${order.id}`)).status).toBe(status);
  });

  it('ends what is good till a date also when nobody was there at that time', async () => {
    const order = await rest({ timeInForce: 'GTD', expiretm: '+1' });
    expect((await truthOf(order.id)).expiresAtMs).toBeGreaterThan(Date.now());
    await expect.poll(async () => (await truthOf(order.id)).status, { interval: 100 }).toBe('expired');
    expect(await used('USD')).toBe(0);
  });
});

describe('icebergs', () => {
  it('show a part of themselves in the book', async () => {
    const order = await exchange.createOrder(symbol, 'limit', 'buy', 1.5, at(0.999), { displayvol: '0.1' });
    const shown = async () =>
      (await exchange.fetchOrderBook(symbol, 500)).bids.find(([price]) => price === at(0.999))?.[1];
    expect(await shown()).toBeLessThan(1.5);
    await exchange.editOrder(`${order.id}`, symbol, 'limit', 'buy', undefined, undefined, { display_qty: '0.5' });
    expect(await shown()).toBeGreaterThanOrEqual(0.5);
    const named = { pair: 'XBTUSD', type: 'buy', ordertype: 'iceberg', volume: '1', price: String(at(0.9)) };
    expect((await callPrivate(simulator.url, 'AddOrder', { ...named, displayvol: '0.1' })).error).toEqual([]);
  });
});

describe('amendments in place', () => {
  it('change price, quantity and trigger under the same id', async () => {
    const order = await rest({ clientOrderId: 'amended' });
    const answer = await exchange.editOrder(`${order.id}`, symbol, 'limit', 'buy', 0.03, at(0.7));
    expect(String(answer.id)).toMatch(/^T/);
    expect(await exchange.fetchOrder(`${order.id}`)).toMatchObject({
      amount: 0.03,
      price: at(0.7),
      clientOrderId: 'amended',
    });
    expect(await used('USD')).toBeGreaterThanOrEqual(at(0.7) * 0.03);
    const stop = await exchange.createOrder(symbol, 'market', 'sell', 0.01, undefined, { stopLossPrice: at(0.9) });
    await exchange.editOrder(`${stop.id}`, symbol, 'market', 'sell', 0.01, undefined, { stopLossPrice: at(0.85) });
    expect((await truthOf(stop.id)).trigger?.price).toBe(String(at(0.85)));
    const trail = await exchange.createOrder(symbol, 'market', 'sell', 0.01, undefined, { trailingAmount: '5000' });
    await exchange.editOrder(`${trail.id}`, symbol, 'market', 'sell', 0.01, undefined, {
      trailingAmount: '3000',
      offset: '+',
    });
    expect((await truthOf(trail.id)).trailing?.offset).toBe('3000');
  });

  it.each([
    { ratio: '1', error: /Unknown order/, status: 'closed', origQty: '0.02000000' },
    { ratio: '0.75', error: undefined, status: 'canceled', origQty: '0.02000000' },
    { ratio: '0.25', error: undefined, status: 'open', origQty: '0.01500000' },
  ])('race a fill of $ratio: $status', async ({ ratio, error, status, origQty }) => {
    const order = await rest();
    await inject({ kind: 'fill-first', ratio, count: 1, match: { path: '/0/private/AmendOrder', symbol: 'XBTUSD' } });
    const amending = exchange.editOrder(`${order.id}`, symbol, 'limit', 'buy', 0.015);
    if (error === undefined) await amending;
    else await expect(amending).rejects.toThrow(error);
    const truth = await truthOf(order.id);
    expect([truth.status, truth.origQty]).toEqual([status, origQty]);
    expect(Number(truth.executedQty)).toBeCloseTo(0.02 * Number(ratio), 8);
  });

  it('keep the place in the queue where only the quantity falls', async () => {
    const first = await rest();
    const second = await rest();
    await exchange.editOrder(`${first.id}`, symbol, 'limit', 'buy', 0.01);
    await movePrice(0.78);
    const [one, two] = [await truthOf(first.id), await truthOf(second.id)];
    expect([one.executedQty, two.executedQty]).toEqual(['0.01000000', '0.02000000']);
    expect(Number(one.fills[0]?.tradeId)).toBeLessThan(Number(two.fills[0]?.tradeId));
  });
});

describe('EditOrder', () => {
  const edit = (params: Record<string, string>) =>
    callPrivate(simulator.url, 'EditOrder', { pair: 'XBTUSD', ...params });

  it('puts another order in the place of one, for what is left of it', async () => {
    const order = await rest();
    await inject({ kind: 'fill-first', ratio: '0.5', count: 1 });
    const { error, result } = await edit({ txid: String(order.id), price: String(at(0.7)), volume: '0.03' });
    expect(error).toEqual([]);
    expect(result).toMatchObject({ status: 'ok', originaltxid: order.id, orders_cancelled: 1, volume: '0.02000000' });
    expect(await truthOf(order.id)).toMatchObject({ status: 'canceled', executedQty: '0.01000000' });
    expect(await truthOf(String(result?.txid))).toMatchObject({ status: 'open', origQty: '0.02000000' });
  });

  it.each([
    ['less than has traded', { volume: '0.01' }, 'EGeneral:Invalid arguments:volume'],
    ['a wrong price', { price: 'cheap' }, 'EOrder:Invalid price:Invalid price argument'],
    ['another pair', { pair: 'ETHUSD' }, 'EOrder:Unknown order'],
  ])('refuses %s and leaves the order as it was', async (_name, changes, error) => {
    const order = await rest();
    await inject({ kind: 'fill-first', ratio: '0.5', count: 1 });
    expect(await edit({ txid: String(order.id), ...changes })).toEqual({ error: [error] });
    expect((await truthOf(order.id)).status).toBe('open');
  });

  it('only looks when it is asked to validate', async () => {
    const order = await rest();
    const { result } = await edit({ txid: String(order.id), volume: '0.03', validate: 'true' });
    expect(result).toMatchObject({ descr: { ordertype: 'limit' } });
    expect(await simulatedOrders(simulator.url)).toHaveLength(1);
  });
});

describe('cancellations', () => {
  it('race a fill, one by one and all at once', async () => {
    const first = await rest();
    const second = await exchange.createOrder(symbol, 'limit', 'buy', 0.02, at(0.7));
    await inject({ kind: 'fill-first', ratio: '1', count: 1, match: { path: '/0/private/CancelOrder' } });
    await inject({ kind: 'fill-first', ratio: '0.5', count: 1, match: { path: '/0/private/CancelAll' } });
    await expect(exchange.cancelOrder(`${first.id}`)).rejects.toThrow(/Unknown order/);
    const [answer] = await exchange.cancelAllOrders();
    expect(answer?.info.result).toEqual({ count: 1 });
    expect((await truthOf(first.id)).status).toBe('closed');
    expect(await truthOf(second.id)).toMatchObject({ status: 'canceled', executedQty: '0.01000000' });
  });

  it.each(['AmendOrder', 'EditOrder', 'CancelAll'])('%s took effect though its answer was lost', async (name) => {
    const order = await rest();
    await inject({ kind: 'drop-answer', count: 1, match: { path: `/0/private/${name}` } });
    const params = { txid: String(order.id), pair: 'XBTUSD', order_qty: '0.01', volume: '0.01' };
    await expect(callPrivate(simulator.url, name, params)).rejects.toThrow();
    const truth = await truthOf(order.id);
    expect([truth.status, truth.origQty]).toEqual(
      name === 'AmendOrder' ? ['open', '0.01000000'] : ['canceled', '0.02000000'],
    );
  });
});
