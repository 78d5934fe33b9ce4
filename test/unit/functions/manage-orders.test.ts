import { amount, deskSource, type Intent, type IntentId, parseDeskConfig, price, type SignalId } from '@nightdesk/core';
import { createHandler } from '@nightdesk/functions/manage-orders/handler.ts';
import { beforeEach, describe, expect, it } from 'vitest';
import { deskConfig, deskDocuments } from '../../support/desk-config.ts';
import { btcUsdt, ethUsdt } from '../../support/markets.ts';
import { createMemorySignalQueue, type MemorySignalQueue } from '../../support/memory-signal-queue.ts';
import { createMemoryMarkets, createMemoryOrders, createMemorySignals } from '../../support/memory-stores.ts';
import { OrderLab } from '../../support/order-lab.ts';
import { createRecordingTelemetry, type RecordingTelemetry } from '../../support/telemetry.ts';
import { type Call, callDesk, roleSecrets, secretsPrefix } from './desk-caller.ts';

let lab: OrderLab;
let queue: MemorySignalQueue;
let telemetry: RecordingTelemetry;
let config: ReturnType<typeof deskConfig>;

beforeEach(() => {
  lab = new OrderLab();
  for (const market of [btcUsdt, ethUsdt]) lab.tables.markets.set(`${market.venue} ${market.symbol}`, market);
  queue = createMemorySignalQueue(lab.clock);
  telemetry = createRecordingTelemetry();
  config = deskConfig();
});

interface Answer {
  status: number;
  body: {
    signalId: SignalId;
    status: string;
    duplicateRule: string;
    error?: { code: string; issues?: { path: string }[] };
  };
}

function call(routeKey: string, request: Partial<Call> = {}): Promise<Answer> {
  const handler = createHandler({
    ...{ clock: lab.clock, telemetry, secretsPrefix, secrets: roleSecrets(), queue, loadConfig: async () => config },
    signals: createMemorySignals(lab.tables),
    orders: createMemoryOrders(lab.tables),
    markets: createMemoryMarkets(lab.tables),
  });
  return callDesk(handler, { role: 'trader', routeKey, ...request }) as Promise<Answer>;
}

const bodyOf = (value: object) => ({ body: JSON.stringify(value) });
const one = (id = 'nd1') => ({ pathParameters: { id } });
const messages = () => queue.waiting.map((message) => ('message' in message ? message.message : message));
const resting = (changes: Partial<Intent> = {}) =>
  lab.place({ orderId: 'nd1' as IntentId, type: 'limit', price: price('90'), ...changes });
const order = { account: 'main', symbol: 'BTC/USDT', action: 'buy', size: { base: '1' }, type: 'limit', price: '90' };

describe('an order by hand', () => {
  it('becomes a signal of the desk itself, journaled and queued as any other', async () => {
    const { status, body } = await call('POST /orders', bodyOf({ ...order, id: 'mine' }));
    expect([status, body.status]).toEqual([202, 'accepted']);
    expect(lab.tables.signals.get(body.signalId)).toMatchObject({
      duplicateRule: 'id',
      signal: { source: 'desk', accounts: ['main'], symbol: 'BTC/USDT', action: 'buy', price: '90' },
    });
    expect(lab.tables.journal.has(`signal#${body.signalId}`)).toBe(true);
    expect(JSON.stringify(messages())).toContain('"lane":"main:BTC/USDT"');
  });

  it.each([
    ['its id', { id: 'mine' }],
    ['its time', { sentAt: '2026-11-21T00:00:00Z' }],
    ['being the same within the window', {}],
  ])('is known again by %s', async (_, marks) => {
    const first = await call('POST /orders', bodyOf({ ...order, ...marks }));
    const again = await call('POST /orders', bodyOf({ ...order, ...marks }));
    expect([again.status, again.body.status, again.body.signalId]).toEqual([200, 'duplicate', first.body.signalId]);
    expect(queue.waiting).toHaveLength(1);
  });

  it('has to say which account is meant', async () => {
    const { account: _, ...without } = order;
    const { status, body } = await call('POST /orders', bodyOf(without));
    expect([status, body.error?.issues?.[0]?.path]).toEqual([400, 'account']);
  });
});

describe('a change by hand', () => {
  it('becomes a signal in the lane of its order', async () => {
    await resting();
    const request = { ...one(), ...bodyOf({ price: 80, amount: '1.5' }) };
    const { status, body } = await call('PATCH /orders/{id}', request);
    expect(status).toBe(202);
    const signal = { action: 'amend', orderId: 'nd1', change: { price: '80', amount: '1.5' }, symbol: 'BTC/USDT' };
    expect(lab.tables.signals.get(body.signalId)).toMatchObject({ duplicateRule: 'none', signal });
    expect(JSON.stringify(messages())).toContain('"lane":"main:BTC/USDT"');
  });

  it('is known again by its id, and is another one without', async () => {
    await resting();
    const change = { ...one(), ...bodyOf({ price: '80', id: 'a' }) };
    expect((await call('PATCH /orders/{id}', change)).status).toBe(202);
    expect((await call('PATCH /orders/{id}', change)).status).toBe(200);
    const without = { ...one(), ...bodyOf({ price: '80' }) };
    expect((await call('PATCH /orders/{id}', { ...without, requestId: 'r1' })).status).toBe(202);
    expect((await call('PATCH /orders/{id}', { ...without, requestId: 'r2' })).status).toBe(202);
  });

  it.each<[string, object, string]>([
    ['nothing', {}, ''],
    ['what is no number', { price: 'x' }, 'price'],
    ['what is not above zero', { amount: '0' }, 'amount'],
    ['less than is filled', { amount: '0.5' }, 'amount'],
    ['a trigger that it has not', { triggerPrice: '1' }, 'triggerPrice'],
    ['a field that there is not', { side: 'sell' }, 'side'],
  ])('is refused where it asks for %s', async (_, change, path) => {
    const placed = await resting();
    const { orders } = lab.ports();
    lab.fillPart('nd1', amount('0.5'));
    const found = await lab.venue.findOrder({ ...placed, clientOrderId: 'nd1' } as never);
    if (found.kind === 'found') await orders.apply(placed, { type: 'order.observed', atMs: 1, order: found.order });
    const { status, body } = await call('PATCH /orders/{id}', { ...one(), ...bodyOf(change) });
    expect([status, body.error?.code]).toEqual([400, 'invalid_request']);
    expect(JSON.stringify(body.error?.issues)).toContain(path);
    expect(queue.waiting).toHaveLength(0);
  });

  it('of a price is refused for an order without one', async () => {
    const { price: _, ...stop } = {
      ...(await lab.record({ type: 'stop', triggerPrice: price('120'), handling: 'emulated' })),
    };
    const { status } = await call('PATCH /orders/{id}', { ...one(stop.orderId), ...bodyOf({ price: '1' }) });
    expect(status).toBe(400);
  });

  it('is refused for an exit', async () => {
    await resting({ parentId: 'nd0' as IntentId, role: 'stop_loss' });
    const { status, body } = await call('PATCH /orders/{id}', { ...one(), ...bodyOf({ price: '80' }) });
    expect([status, body.error?.code]).toEqual([409, 'conflict']);
  });
});

describe('a cancel by hand', () => {
  it('of one order becomes a signal in its lane', async () => {
    await resting();
    const { status, body } = await call('DELETE /orders/{id}', one());
    expect(status).toBe(202);
    const signal = { action: 'cancel', orderId: 'nd1', accounts: ['main'], symbol: 'BTC/USDT' };
    expect(lab.tables.signals.get(body.signalId)).toMatchObject({ signal });
  });

  it.each([
    ['all of a symbol', { account: 'main', symbol: 'BTCUSDT' }, 'BTC/USDT', 'main:BTC/USDT'],
    ['all of an account', { account: 'main' }, '*', 'main:*'],
  ])('of %s becomes a signal', async (_, query, symbol, lane) => {
    const { status, body } = await call('DELETE /orders', { query });
    expect(status).toBe(202);
    expect(lab.tables.signals.get(body.signalId)?.signal).toMatchObject({ action: 'cancel', symbol });
    expect(JSON.stringify(messages())).toContain(`"lane":"${lane}"`);
  });

  it.each<[string, Record<string, string>, string]>([
    ['without an account', {}, 'account'],
    ['of an account that there is not', { account: 'nobody' }, 'account'],
    ['of a market that there is not', { account: 'main', symbol: 'XXX/YYY' }, 'symbol'],
    ['by what cannot be asked for', { account: 'main', side: 'buy' }, 'side'],
  ])('is refused %s', async (_, query, path) => {
    const { status, body } = await call('DELETE /orders', { query });
    expect([status, body.error?.issues?.[0]?.path]).toEqual([400, path]);
    expect(queue.waiting).toHaveLength(0);
  });
});

describe('of one order, change and cancel', () => {
  it.each(['PATCH /orders/{id}', 'DELETE /orders/{id}'])(
    '%s is refused for one that is not there, has ended or has no account',
    async (route) => {
      const request = route.startsWith('PATCH') ? bodyOf({ price: '80' }) : {};
      expect((await call(route, { ...one(), ...request })).status).toBe(404);
      await lab.place({ orderId: 'nd2' as IntentId });
      expect((await call(route, { ...one('nd2'), ...request })).status).toBe(409);
      await resting();
      config = { ...config, accounts: {} };
      expect((await call(route, { ...one(), ...request })).status).toBe(409);
    },
  );
});

it.each(['POST /orders', 'PATCH /orders/{id}', 'DELETE /orders/{id}', 'DELETE /orders'])(
  '%s is for traders',
  async (route) => {
    expect((await call(route, { role: 'viewer', ...one() })).status).toBe(403);
    expect((await call(route, { role: undefined as never, ...one() })).status).toBe(401);
  },
);

it('answers nothing else', async () => {
  expect((await call('PUT /orders')).status).toBe(404);
});

it('no source may have the name of the desk itself', () => {
  const { demo } = deskDocuments.sources;
  const read = () => parseDeskConfig({ ...deskDocuments, sources: { desk: demo } });
  expect(read).toThrow('sources.desk: is the name of the desk itself');
  expect(deskSource(config).accounts).toEqual(['main', 'second']);
});
