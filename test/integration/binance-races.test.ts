import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { binance } from 'ccxt';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import type { BinanceSimulator } from '../../local/simulators/binance/simulator.ts';
import { control, restClient, type SimulatedOrder, simulatedOrders, startSimulator } from './binance-support.ts';

let simulator: BinanceSimulator;
let exchange: binance;
let last: number;

beforeAll(async () => {
  simulator = await startSimulator({ symbolsCount: 60, tickMs: 50 });
  exchange = restClient(simulator);
  await exchange.loadMarkets();
});

beforeEach(async () => {
  await control(simulator.url, 'POST', 'reset');
  last = Number((await exchange.fetchTicker('BTC/USDT')).last);
});

afterAll(async () => {
  await simulator.close();
});

const symbol = 'BTC/USDT';
const at = (share: number) => Math.round(last * share);
const inject = (fault: unknown) => control(simulator.url, 'POST', 'faults', fault);
const keepPriority = (params: object) =>
  exchange.request('order/amend/keepPriority', 'private', 'PUT', { symbol: 'BTCUSDT', ...params });
const rest = () => exchange.createOrder(symbol, 'limit', 'buy', 0.02, at(0.8));

async function truthOf(orderId: string | undefined): Promise<SimulatedOrder> {
  const found = (await simulatedOrders(simulator.url)).find((order) => String(order.orderId) === orderId);
  if (found === undefined) throw new Error(`no order ${orderId}`);
  return found;
}

describe('a fill in the instant before a request takes effect', () => {
  it.each([
    { ratio: '1', error: /-2011/, status: 'FILLED', executedQty: '0.02000000' },
    { ratio: '0.5', error: undefined, status: 'CANCELED', executedQty: '0.01000000' },
  ])('races a cancellation: $ratio', async ({ ratio, error, status, executedQty }) => {
    const order = await rest();
    await inject({ kind: 'fill-first', ratio, count: 1, match: { method: 'DELETE', path: '/api/v3/order' } });
    const canceling = exchange.cancelOrder(`${order.id}`, symbol);
    if (error === undefined) await canceling;
    else await expect(canceling).rejects.toThrow(error);
    expect(await truthOf(order.id)).toEqual(expect.objectContaining({ status, executedQty }));
  });

  it.each([
    { ratio: '1', error: /-2038.*Unknown order/, status: 'FILLED', origQty: '0.02000000' },
    { ratio: '0.75', error: /-2038/, status: 'PARTIALLY_FILLED', origQty: '0.02000000' },
    { ratio: '0.25', error: undefined, status: 'PARTIALLY_FILLED', origQty: '0.01500000' },
  ])('races an amendment, which never goes below what is filled: $ratio', async ({ ratio, error, status, origQty }) => {
    const order = await rest();
    await inject({ kind: 'fill-first', ratio, count: 1, match: { method: 'PUT' } });
    const amending = keepPriority({ orderId: order.id, newQty: '0.015' });
    if (error === undefined) await amending;
    else await expect(amending).rejects.toThrow(error);
    expect(await truthOf(order.id)).toEqual(expect.objectContaining({ status, origQty }));
  });

  it('races a replacement, which then is not placed', async () => {
    const order = await rest();
    await inject({ kind: 'fill-first', ratio: '1', count: 1, match: { path: '/api/v3/order/cancelReplace' } });
    await expect(exchange.editOrder(`${order.id}`, symbol, 'limit', 'buy', 0.03, at(0.7))).rejects.toThrow(/-2022/);
    expect((await simulatedOrders(simulator.url)).map(({ status }) => status)).toEqual(['FILLED']);
  });

  it('strikes each order of a request for all, and no request that only places', async () => {
    await inject({ kind: 'fill-first', ratio: '1', every: 2 });
    const [first, second] = [await rest(), await exchange.createOrder(symbol, 'limit', 'buy', 0.02, at(0.7))];
    expect(await exchange.cancelAllOrders(symbol)).toHaveLength(1);
    expect([(await truthOf(first.id)).status, (await truthOf(second.id)).status]).toEqual(['CANCELED', 'FILLED']);
  });

  it('ends the other order of a list', async () => {
    await exchange.privatePostOrderListOco({
      ...{ symbol: 'BTCUSDT', side: 'SELL', quantity: '0.02', listClientOrderId: 'bracket' },
      ...{ aboveType: 'LIMIT_MAKER', abovePrice: String(at(1.2)), aboveClientOrderId: 'target' },
      ...{ belowType: 'STOP_LOSS', belowStopPrice: String(at(0.8)), belowClientOrderId: 'stop' },
    });
    await inject({ kind: 'fill-first', ratio: '0.5', count: 1, match: { path: '/api/v3/order', method: 'DELETE' } });
    await exchange.cancelOrder('', symbol, { clientOrderId: 'target' });
    const orders = await simulatedOrders(simulator.url);
    expect(orders.map(({ clientOrderId, status, executedQty }) => [clientOrderId, status, executedQty])).toEqual([
      ['stop', 'EXPIRED', '0.00000000'],
      ['target', 'CANCELED', '0.01000000'],
    ]);
    expect((await exchange.fetchBalance()).BTC?.used).toBe(0);
  });
});

describe('faults of the connection', () => {
  const paths = ['/api/v3/order/amend/keepPriority', '/api/v3/order/cancelReplace', '/api/v3/orderList*'];

  it.each([
    { kind: 'drop-answer', error: /.*/, done: true },
    { kind: 'error-after', error: /-1007/, done: true },
    { kind: 'error-before', error: /-1008/, done: false },
  ])('strike changes and lists too: $kind', async ({ kind, error, done }) => {
    const order = await rest();
    for (const path of paths) await inject({ kind, count: 1, match: { path } });
    await expect(keepPriority({ orderId: order.id, newQty: '0.01' })).rejects.toThrow(error);
    expect((await truthOf(order.id)).fills).toEqual([]);
    expect((await exchange.fetchOrder(`${order.id}`, symbol)).amount).toBe(done ? 0.01 : 0.02);
    await expect(exchange.editOrder(`${order.id}`, symbol, 'limit', 'buy', 0.03, at(0.7))).rejects.toThrow(error);
    expect((await truthOf(order.id)).status).toBe(done ? 'CANCELED' : 'NEW');
    const list = {
      ...{ symbol: 'BTCUSDT', side: 'SELL', quantity: '0.02' },
      ...{ aboveType: 'LIMIT_MAKER', abovePrice: String(at(1.2)) },
      ...{ belowType: 'STOP_LOSS', belowStopPrice: String(at(0.8)) },
    };
    await expect(exchange.privatePostOrderListOco(list)).rejects.toThrow(error);
    expect((await simulatedOrders(simulator.url)).filter(({ listId }) => listId !== null)).toHaveLength(done ? 2 : 0);
  });
});

describe('the user data stream', () => {
  it('tells when a list starts and when it is done, and why an order ended', async () => {
    const { listenKey } = (await exchange.publicPostUserDataStream()) as { listenKey: string };
    const events: Record<string, unknown>[] = [];
    const socket = new WebSocket(`${simulator.wsUrl}/${listenKey}`);
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    const done = new Promise<void>((resolve) => {
      socket.on('message', (data) => {
        const event = JSON.parse(data.toString()) as Record<string, unknown>;
        events.push(event);
        if (event.e === 'listStatus' && event.L === 'ALL_DONE') resolve();
      });
    });
    await exchange.privatePostOrderListOco({
      ...{ symbol: 'BTCUSDT', side: 'SELL', quantity: '0.02', listClientOrderId: 'streamed' },
      ...{ aboveType: 'LIMIT_MAKER', abovePrice: String(at(1.05)), aboveClientOrderId: 'target' },
      ...{ belowType: 'STOP_LOSS', belowTrailingDelta: '500', belowClientOrderId: 'stop' },
    });
    await control(simulator.url, 'POST', 'price', { symbol: 'BTCUSDT', factor: 1.1 });
    await done;
    socket.close();
    const told = events
      .filter(({ e }) => e === 'listStatus' || e === 'executionReport')
      .map(({ e, c, C, x, X, L, eR }) =>
        e === 'listStatus' ? `list ${C} ${L}` : [c, x, X, eR].filter(Boolean).join(' '),
      );
    expect(told.slice(0, 3)).toEqual(['stop NEW NEW', 'target NEW NEW', 'list streamed EXECUTING']);
    expect(told).toContain('stop EXPIRED EXPIRED OCO_TRIGGER');
    expect(told.at(-1)).toBe('list streamed ALL_DONE');
    expect(events.find(({ e, c }) => e === 'executionReport' && c === 'stop')).toEqual(
      expect.objectContaining({ d: 500, g: expect.any(Number) }),
    );
  });
});

describe('a restart', () => {
  it('keeps lists and what trailing stops have followed', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'binance-lists-'));
    const first = await startSimulator({ symbolsCount: 60, directory });
    const client = restClient(first);
    await client.loadMarkets();
    const price = Number((await client.fetchTicker(symbol)).last);
    await client.privatePostOrderListOco({
      ...{ symbol: 'BTCUSDT', side: 'SELL', quantity: '0.02', listClientOrderId: 'kept' },
      ...{ aboveType: 'LIMIT_MAKER', abovePrice: String(Math.round(price * 1.5)) },
      ...{ belowType: 'STOP_LOSS', belowTrailingDelta: '2000' },
    });
    await control(first.url, 'POST', 'price', { symbol: 'BTCUSDT', factor: 1.1 });
    const before = await simulatedOrders(first.url);
    await first.close();
    const second = await startSimulator({ symbolsCount: 60, directory });
    const again = restClient(second);
    again.setMarkets(client.markets);
    const after = await simulatedOrders(second.url);
    expect(after.map(({ listId, status }) => [listId, status])).toEqual(
      before.map(({ listId, status }) => [listId, status]),
    );
    const best = (orders: readonly SimulatedOrder[]) =>
      orders.find(({ trailing }) => trailing !== null)?.trailing?.best;
    expect(Number(best(after))).toBeGreaterThanOrEqual(Number(best(before)));
    await again.privateDeleteOrderList({ symbol: 'BTCUSDT', listClientOrderId: 'kept' });
    expect((await again.fetchBalance()).BTC?.used).toBe(0);
    await second.close();
    rmSync(directory, { recursive: true, force: true });
  });
});
