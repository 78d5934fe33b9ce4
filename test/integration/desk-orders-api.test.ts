/** Orders placed, changed and canceled by hand, on the whole desk against the simulated Binance. */
import type { Order } from '@nightdesk/core';
import type { SignalAnswer } from '@nightdesk/local/supervisor/client.ts';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Desk, startDesk } from '../support/desk.ts';

let desk: Desk;

beforeAll(async () => {
  desk = await startDesk();
});

afterEach(() => desk.clearFaults());
afterAll(() => desk.close());

const call = (method: string, path: string, body?: object) =>
  desk.call<SignalAnswer>(method, path, { role: 'trader', ...(body && { body }) });

/** What a command ended in: the one row of its signal. */
async function carriedOut(answer: { status: number; body: SignalAnswer }): Promise<Order> {
  expect(answer).toMatchObject({ status: 202, body: { status: 'accepted' } });
  const [row] = await desk.settle([answer.body.signalId ?? '']);
  if (row === undefined) throw new Error('there is no row');
  return row;
}

const limit = { account: 'main', symbol: 'BTC/USDT', action: 'buy', type: 'limit', timeInForce: 'GTC' };

/** An order that rests at the venue, far from the market. */
async function rest(changes: object = {}): Promise<Order> {
  return carriedOut(await call('POST', '/orders', { ...limit, price: '30000', size: { base: '0.01' }, ...changes }));
}

/** Differs from call to call, so that no order is taken for one before it. */
let lastId = 0;
const id = () => ({ id: `order-${lastId++}` });
const orderOf = async (orderId: string): Promise<Order> => (await desk.call<Order>('GET', `/orders/${orderId}`)).body;
const atVenue = async (orderId: string) => (await desk.simulatorOrders({ clientOrderId: orderId }))[0];

describe('an order by hand', () => {
  it('rests at the venue, is changed, and is canceled', async () => {
    const placed = await rest(id());
    expect(placed).toMatchObject({ state: 'open', source: 'desk', price: '30000' });

    const changed = await carriedOut(await call('PATCH', `/orders/${placed.orderId}`, { amount: '0.005' }));
    expect(changed).toMatchObject({ state: 'no_order' });
    const orders = await desk.records.orders();
    const live = orders.find((order) => order.replaces === placed.orderId) ?? (await orderOf(placed.orderId));
    expect(live).toMatchObject({ state: 'open', amount: '0.005' });
    expect(await atVenue(live.orderId)).toMatchObject({ status: 'NEW', origQty: expect.stringMatching(/^0\.0050*$/) });

    const canceled = await carriedOut(await call('DELETE', `/orders/${live.orderId}`));
    expect(canceled).toMatchObject({ state: 'no_order', cause: { code: 'canceled_orders' } });
    expect(await orderOf(live.orderId)).toMatchObject({ state: 'canceled', reserved: '0' });
    expect(await desk.disagreements()).toEqual([]);
    expect((await call('DELETE', `/orders/${live.orderId}`)).status).toBe(409);
  });

  it('is refused where fields are wrong, and where the caller is no trader', async () => {
    expect((await call('POST', '/orders', { ...limit, size: { base: '0.01' } })).status).toBe(400);
    expect((await call('PATCH', '/orders/ndnothing', { price: '1' })).status).toBe(404);
    expect((await desk.call('DELETE', '/orders?account=main', { role: 'viewer' })).status).toBe(403);
    expect((await call('DELETE', '/orders')).status).toBe(400);
  });
});

describe('all orders of a symbol, and of an account', () => {
  it('are canceled together, and no others', async () => {
    const [bitcoin, another, ether] = await Promise.all([
      rest(id()),
      rest({ ...id(), price: '30001' }),
      rest({ ...id(), symbol: 'ETH/USDT', price: '1500', size: { base: '0.1' } }),
    ]);
    const ofSymbol = await carriedOut(await call('DELETE', '/orders?account=main&symbol=BTC/USDT'));
    expect(ofSymbol.cause?.message).toMatch(/^orders: 2 canceled/);
    const states = await Promise.all([bitcoin, another, ether].map(({ orderId }) => orderOf(orderId)));
    expect(states.map(({ state }) => state)).toEqual(['canceled', 'canceled', 'open']);
    await carriedOut(await call('DELETE', '/orders?account=main'));
    expect(await orderOf(ether.orderId)).toMatchObject({ state: 'canceled' });
    expect(await desk.disagreements()).toEqual([]);
  });
});

describe('a cancel that the venue answers badly', () => {
  it.each(['drop-answer', 'error-after'])('ends in the truth: %s', async (kind) => {
    const placed = await rest(id());
    await desk.setFaults({ kind, match: { method: 'DELETE', path: '/api/v3/order' }, count: 1 });
    await carriedOut(await call('DELETE', `/orders/${placed.orderId}`));
    expect(await orderOf(placed.orderId)).toMatchObject({ state: 'canceled' });
    expect(await desk.disagreements()).toEqual([]);
  });
});
