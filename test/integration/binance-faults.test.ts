import type { binance } from 'ccxt';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import type { BinanceSimulator } from '../../local/simulators/binance/simulator.ts';
import { soon } from '../support/waiting.ts';
import { control, restClient, type SimulatedOrder, simulatedOrders, startSimulator } from './binance-support.ts';

let simulator: BinanceSimulator;
let exchange: binance;

beforeAll(async () => {
  simulator = await startSimulator({ symbolsCount: 60, tickMs: 50 });
  exchange = restClient(simulator);
  await exchange.loadMarkets();
});

beforeEach(async () => {
  await control(simulator.url, 'POST', 'reset');
});

afterAll(async () => {
  await simulator.close();
});

const place = (clientOrderId: string) =>
  exchange.createOrder('BTC/USDT', 'market', 'buy', 0.01, undefined, { clientOrderId });
const inject = (fault: unknown) => control(simulator.url, 'POST', 'faults', fault);
const newOrders = { method: 'POST', path: '/api/v3/order' };

async function placedIds(): Promise<string[]> {
  return (await simulatedOrders(simulator.url)).map(({ clientOrderId }) => clientOrderId);
}

async function orderWhen(fits: (order: SimulatedOrder) => boolean): Promise<SimulatedOrder> {
  const [found] = await soon(
    async () => (await simulatedOrders(simulator.url)).filter(fits),
    (orders) => orders.length > 0,
  );
  if (found === undefined) throw new Error('no order fits');
  return found;
}

describe('faults that hide what became of an order', () => {
  it.each([
    {
      name: 'drops the answer',
      fault: { kind: 'drop-answer' },
      error: /NetworkError|fetch failed|ECONNRESET|other side closed/,
      placed: true,
    },
    { name: 'answers 5xx after accepting', fault: { kind: 'error-after', status: 503 }, error: /-1007/, placed: true },
    { name: 'answers garbage after accepting', fault: { kind: 'garbage' }, error: /.*/, placed: true },
    {
      name: 'drops the request',
      fault: { kind: 'drop-request' },
      error: /fetch failed|ECONNRESET|other side closed/,
      placed: false,
    },
    { name: 'answers 5xx before accepting', fault: { kind: 'error-before' }, error: /-1008/, placed: false },
    { name: 'answers 429', fault: { kind: 'rate-limit', retryAfterSeconds: 3 }, error: /429/, placed: false },
    { name: 'answers 418', fault: { kind: 'rate-limit', status: 418 }, error: /418/, placed: false },
  ])('$name', async ({ fault, error, placed }) => {
    await inject({ ...fault, match: newOrders, count: 1 });
    await expect(place('one')).rejects.toThrow(error);
    expect(await placedIds()).toEqual(placed ? ['one'] : []);
    await place('two');
    expect((await placedIds()).at(-1)).toBe('two');
  });

  it('strikes every second order only', async () => {
    await inject({ kind: 'drop-answer', match: newOrders, every: 2 });
    const outcomes: string[] = [];
    for (const id of ['a', 'b', 'c', 'd'])
      outcomes.push(
        await place(id).then(
          () => 'ok',
          () => 'lost',
        ),
      );
    expect(outcomes).toEqual(['ok', 'lost', 'ok', 'lost']);
    expect(await placedIds()).toEqual(['a', 'b', 'c', 'd']);
    const { body } = await control(simulator.url, 'GET', 'faults');
    expect(body.faults).toEqual([expect.objectContaining({ kind: 'drop-answer', seen: 4, struck: 2 })]);
  });

  it('strikes with a seeded chance that repeats', async () => {
    const play = async () => {
      await control(simulator.url, 'DELETE', 'faults');
      await inject({ kind: 'error-before', match: { path: '/api/v3/time' }, probability: 0.5, seed: 4 });
      const statuses: number[] = [];
      for (let index = 0; index < 20; index++) statuses.push((await fetch(`${simulator.url}/api/v3/time`)).status);
      return statuses;
    };
    const first = await play();
    expect(new Set(first)).toEqual(new Set([200, 503]));
    expect(await play()).toEqual(first);
  });

  it('delays before or after the order takes effect', async () => {
    await inject({ kind: 'delay', delayMs: 300, when: 'after', match: newOrders, count: 1 });
    const late = place('late');
    await orderWhen(({ clientOrderId }) => clientOrderId === 'late');
    await late;
    await inject({ kind: 'delay', delayMs: 300, when: 'before', match: newOrders, count: 1 });
    const slow = place('slow');
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await placedIds()).toEqual(['late']);
    await slow;
    expect(await placedIds()).toEqual(['late', 'slow']);
  });
});

describe('faults of the market', () => {
  it('fills a taker order in parts', async () => {
    await inject({ kind: 'partial-fill', ratio: '0.4', everyMs: 100, match: newOrders, count: 1 });
    const order = await place('parts');
    expect(order).toEqual(expect.objectContaining({ status: 'open', filled: 0.004 }));
    const done = await orderWhen(({ status }) => status === 'FILLED');
    expect(done.executedQty).toBe('0.01000000');
    expect(done.fills.length).toBeGreaterThanOrEqual(3);
  });

  it('hides a fill from the venue, not from the truth', async () => {
    await inject({ kind: 'hide-fill', hideMs: 400, count: 1 });
    const order = await place('hidden');
    expect(order).toEqual(expect.objectContaining({ status: 'open', filled: 0 }));
    expect(await exchange.fetchMyTrades('BTC/USDT')).toEqual([]);
    expect((await exchange.fetchOpenOrders('BTC/USDT')).length).toBe(1);
    expect((await simulatedOrders(simulator.url))[0]?.status).toBe('FILLED');
    await new Promise((resolve) => setTimeout(resolve, 450));
    expect((await exchange.fetchOrder(`${order.id}`, 'BTC/USDT')).status).toBe('closed');
  });
});

describe('faults of time and connections', () => {
  it('skews the clock that the venue shows and checks', async () => {
    await inject({ kind: 'skew-clock', skewMs: 30_000 });
    expect(Number(await exchange.fetchTime()) - Date.now()).toBeGreaterThan(25_000);
    await expect(place('skewed')).rejects.toThrow(/-1021/);
    await control(simulator.url, 'DELETE', 'faults');
    await place('straight');
    expect(await placedIds()).toEqual(['straight']);
  });

  it('disconnects streams and refuses new ones for a while', async () => {
    const socket = new WebSocket(`${simulator.wsUrl}/btcusdt@trade`);
    await new Promise((resolve) => socket.once('open', resolve));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    await inject({ kind: 'disconnect-streams', forMs: 60_000 });
    await closed;
    const refused = new WebSocket(`${simulator.wsUrl}/btcusdt@trade`);
    await expect(
      new Promise((resolve, reject) => refused.once('open', resolve).once('error', reject)),
    ).rejects.toThrow();
  });

  it('refuses connections, then comes back on the same port', async () => {
    await place('kept');
    await inject({ kind: 'refuse-connections', forMs: 300 });
    await expect
      .poll(() =>
        fetch(`${simulator.url}/api/v3/ping`).then(
          () => 'up',
          () => 'down',
        ),
      )
      .toBe('down');
    await expect
      .poll(() =>
        fetch(`${simulator.url}/api/v3/ping`).then(
          () => 'up',
          () => 'down',
        ),
      )
      .toBe('up');
    expect(await placedIds()).toEqual(['kept']);
  });
});

describe('fault requests that make no sense', () => {
  it.each([
    { name: 'an unknown kind', fault: { kind: 'explode' }, field: 'kind' },
    { name: 'an unknown key', fault: { kind: 'drop-answer', evry: 2 }, field: 'evry' },
    { name: 'a missing delay', fault: { kind: 'delay' }, field: 'delayMs' },
    { name: 'a ratio above one', fault: { kind: 'partial-fill', ratio: '1.5' }, field: 'ratio' },
    { name: 'a wrong status', fault: { kind: 'rate-limit', status: 500 }, field: 'status' },
    { name: 'an endless refusal', fault: { kind: 'refuse-connections' }, field: 'forMs' },
    { name: 'a wrong match', fault: { kind: 'drop-answer', match: { verb: 'POST' } }, field: 'verb' },
  ])('are refused by name: $name', async ({ fault, field }) => {
    const { status, body } = await inject(fault);
    expect(status).toBe(400);
    expect(JSON.stringify(body)).toContain(field);
    expect((await control(simulator.url, 'GET', 'faults')).body.faults).toEqual([]);
  });
});
