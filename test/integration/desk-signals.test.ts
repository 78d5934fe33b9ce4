/** What a sender of signals gets, from the webhook to the filled order, on the whole desk. */
import type { JournalEvent, Order } from '@nightdesk/core';
import type { SignalAnswer, SignalState } from '@nightdesk/local/supervisor/client.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Desk, startDesk } from '../support/desk.ts';

let desk: Desk;

beforeAll(async () => {
  desk = await startDesk();
});

afterAll(() => desk.close());

/** Differs from call to call, so that no test meets the signal of another. */
let lastTimeMs = Date.now();
const nextTime = (): string => new Date(lastTimeMs++).toISOString();

const nativeSignal = () => ({ symbol: 'BTC/USDT', action: 'buy', size: { base: '0.01' }, sentAt: nextTime() });

async function accepted(signal: unknown, authentication: 'token' | 'signing' = 'token'): Promise<string> {
  const answer = await desk.postSignal(signal, { authentication });
  expect(answer).toMatchObject({ status: 202, body: { status: 'accepted' } });
  return answer.body.signalId ?? '';
}

/** The one order of a signal, once the desk and the venue agree about it. */
async function orderOf(signalId: string): Promise<Order> {
  const orders = await desk.settle([signalId]);
  expect(orders).toHaveLength(1);
  expect(await desk.disagreements()).toEqual([]);
  return orders[0] as Order;
}

describe('a signal becomes a filled order', () => {
  const alert = () => ({
    ...{ ticker: 'BTCUSDT', exchange: 'BINANCE', action: 'buy', contracts: '0.01', orderId: 'Long' },
    timenow: nextTime(),
  });
  const asText = (fields: object) => Object.entries(fields).map(([key, value]) => `${key}=${value}`);

  it.each([
    ['a TradingView alert in JSON', () => alert()],
    ['a TradingView alert with numbers that are not quoted', () => ({ ...alert(), contracts: 0.01, close: 95000.5 })],
    ['a TradingView alert as text in one line', () => asText(alert()).join('; ')],
    ['a TradingView alert as text on several lines', () => asText(alert()).join('\n')],
    ['a native signal', nativeSignal],
    ['a native signal that sells', () => ({ ...nativeSignal(), action: 'sell' })],
    [
      'a native signal that names its account and venue',
      () => ({ ...nativeSignal(), account: 'main', venue: 'binance' }),
    ],
    ['a native signal for a list of accounts', () => ({ ...nativeSignal(), accounts: ['main'] })],
    ['a native signal with the chart’s name of a spot market', () => ({ ...nativeSignal(), symbol: 'ETHUSDC' })],
  ])('from %s', async (_name, signal) => {
    expect(await orderOf(await accepted(signal()))).toMatchObject({ state: 'filled', amount: '0.01', filled: '0.01' });
  });

  it('from a signed signal', async () => {
    expect(await orderOf(await accepted(nativeSignal(), 'signing'))).toMatchObject({ state: 'filled' });
  });

  it('from a size in quote currency, rounded down to the step of the venue', async () => {
    const order = await orderOf(await accepted({ ...nativeSignal(), size: { quote: '500' } }));
    expect(order).toMatchObject({ state: 'filled', filled: order.amount });
    expect(Number(order.cost)).toBeGreaterThan(490);
    expect(Number(order.cost)).toBeLessThan(510);
  });

  it('which rests as an open order where its limit is far from the market', async () => {
    const signal = { ...nativeSignal(), type: 'limit', price: '30000.005', timeInForce: 'GTC' };
    const order = await orderOf(await accepted(signal));
    expect(order).toMatchObject({ state: 'open', type: 'limit', price: '30000', filled: '0', timeInForce: 'GTC' });
  });
});

describe('what became of a signal', () => {
  it('is told by the signal, the list of orders, the order, and its events', async () => {
    const signalId = await accepted(nativeSignal());
    const { orderId } = await orderOf(signalId);
    const order = { orderId, clientOrderId: orderId, signalId, account: 'main', state: 'filled', filled: '0.01' };

    const signal = await desk.call<SignalState>('GET', `/signals/${signalId}`);
    expect(signal).toMatchObject({ status: 200, body: { signalId, status: 'executed', orders: [order] } });
    const list = await desk.call('GET', '/orders?account=main&status=filled&symbol=BTC%2FUSDT');
    expect(list).toMatchObject({
      status: 200,
      body: { orders: expect.arrayContaining([expect.objectContaining(order)]) },
    });
    expect(await desk.call('GET', `/orders/${orderId}`)).toMatchObject({ status: 200, body: order });

    const { status, body } = await desk.call<{ events: JournalEvent[] }>('GET', `/orders/${orderId}/events`);
    expect(status).toBe(200);
    expect(body.events.map(({ type }) => type)).toEqual(['order.intended', 'order.observed']);
    expect(body.events[1]?.prevHash).toBe(body.events[0]?.hash);
  });

  it('is a recorded denial, and nothing at the venue, while trading is halted', async () => {
    const setSwitch = (account: string, state: string) =>
      desk.call('PUT', `/risk/${account}/switch`, { role: 'risk', body: { state, reason: 'a test' } });
    const count = (await desk.simulatorOrders()).length;
    for (const account of ['main', '*']) {
      expect(await setSwitch(account, 'halted')).toMatchObject({ status: 200, body: { account, state: 'halted' } });
      const signalId = await accepted(nativeSignal());
      expect(await orderOf(signalId)).toMatchObject({ state: 'denied', cause: { code: 'switch_not_active' } });
      expect(await desk.getSignal(signalId)).toMatchObject({ status: 200, body: { status: 'rejected' } });
      expect(await setSwitch(account, 'active')).toMatchObject({ status: 200 });
    }
    expect(await desk.simulatorOrders()).toHaveLength(count);
    expect(await orderOf(await accepted(nativeSignal()))).toMatchObject({ state: 'filled' });
  });
});

describe('a signal that was sent before', () => {
  it('posted 50 times, 10 at a time, is one 202, forty-nine duplicates and one order', async () => {
    const signal = nativeSignal();
    const answers: { status: number; body: SignalAnswer }[] = [];
    for (let round = 0; round < 5; round++) {
      answers.push(...(await Promise.all(Array.from({ length: 10 }, () => desk.postSignal(signal)))));
    }
    const by = (status: number) => answers.filter((answer) => answer.status === status);
    expect([by(202).length, by(200).length]).toEqual([1, 49]);
    expect(new Set(by(200).map(({ body }) => body.status))).toEqual(new Set(['duplicate']));
    const signalIds = new Set(answers.map(({ body }) => body.signalId ?? ''));
    expect(signalIds.size).toBe(1);
    const { orderId } = await orderOf([...signalIds][0] ?? '');
    expect(await desk.simulatorOrders({ clientOrderId: orderId })).toHaveLength(1);
  });

  it('with another timestamp is another signal with an order of its own', async () => {
    const signalIds = [await accepted(nativeSignal()), await accepted(nativeSignal())];
    const orders = await desk.settle(signalIds);
    expect(new Set(orders.map(({ orderId }) => orderId)).size).toBe(2);
    expect(await desk.disagreements()).toEqual([]);
  });

  it('is known by its id whatever else it says', async () => {
    const id = `id-${nextTime()}`;
    const signalId = await accepted({ ...nativeSignal(), id });
    expect(await desk.postSignal({ ...nativeSignal(), id, action: 'sell' })).toEqual({
      status: 200,
      body: { signalId, status: 'duplicate', duplicateRule: "the sender's id", dialect: 'native' },
    });
    await orderOf(signalId);
  });

  it('with neither id nor time is known by its body', async () => {
    const signal = { symbol: 'BTC/USDT', action: 'buy', size: { base: '0.011' }, comment: nextTime() };
    const signalId = await accepted(signal);
    const again = await desk.postSignal(signal);
    expect(again).toMatchObject({ status: 200, body: { signalId, status: 'duplicate' } });
    expect(again.body).toHaveProperty('duplicateRule', expect.stringContaining('identical body'));
    await orderOf(signalId);
  });
});

describe('the API', () => {
  it('is healthy, and says so to anyone', async () => {
    const response = await fetch(`${desk.ready.api}/health`);
    expect([response.status, await response.json()]).toMatchObject([200, { status: 'ok', parts: { queue: 'ok' } }]);
  });

  it.each(['/orders', '/orders/any', '/orders/any/events', '/signals/any', '/risk'])(
    'tells nobody without a token about %s',
    async (path) => {
      for (const authorization of [undefined, 'Bearer wrong', `Basic ${desk.ready.tokens.viewer}`]) {
        const response = await fetch(desk.ready.api + path, { headers: { ...(authorization && { authorization }) } });
        expect([response.status, await response.json()]).toMatchObject([401, { error: { code: 'not_authenticated' } }]);
      }
    },
  );

  it('lets only the roles risk and admin throw a switch', async () => {
    const body = { state: 'active', reason: 'a test' };
    for (const role of ['viewer', 'trader', 'risk', 'admin'] as const) {
      const { status } = await desk.call('PUT', '/risk/main/switch', { role, body });
      expect([role, status]).toEqual([role, role === 'risk' || role === 'admin' ? 200 : 403]);
    }
  });

  it('says of a signal or an order that it does not know it', async () => {
    for (const path of ['/signals/sgnone', '/orders/ndnone', '/orders/ndnone/events']) {
      expect(await desk.call('GET', path)).toMatchObject({ status: 404, body: { error: { code: 'not_found' } } });
    }
  });
});

it('leaves a journal that verifies', async () => {
  expect(await desk.records.verify()).toMatchObject({ kind: 'verified' });
});
