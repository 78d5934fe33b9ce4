import type { bybit } from 'ccxt';
import { RateLimitExceeded } from 'ccxt';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { BybitSimulator } from '../../local/simulators/bybit/simulator.ts';
import { soon } from '../support/waiting.ts';
import { control, perpetual, restClient, simulatedOrders, simulatedPosition, startSimulator } from './bybit-support.ts';

let simulator: BybitSimulator;
let exchange: bybit;

beforeAll(async () => {
  simulator = await startSimulator({ tickMs: 50 });
  exchange = restClient(simulator);
  await exchange.loadMarkets();
  await exchange.isUnifiedEnabled();
});

beforeEach(async () => {
  await control(simulator.url, 'POST', 'reset');
});

afterAll(async () => {
  await simulator.close();
});

const place = (clientOrderId: string) =>
  exchange.createOrder(perpetual, 'market', 'buy', 0.01, undefined, { clientOrderId });
const inject = (fault: unknown) => control(simulator.url, 'POST', 'faults', fault);
const newOrders = { method: 'POST', path: '/v5/order/create' };
const placedIds = async () => (await simulatedOrders(simulator.url)).map(({ orderLinkId }) => orderLinkId);

describe('faults', () => {
  it.each([
    { name: 'drops the answer', fault: { kind: 'drop-answer' }, error: /NetworkError|fetch failed/, placed: true },
    { name: 'answers 5xx after accepting', fault: { kind: 'error-after' }, error: /Server Timeout/, placed: true },
    { name: 'drops the request', fault: { kind: 'drop-request' }, error: /fetch failed/, placed: false },
    { name: 'answers 5xx before accepting', fault: { kind: 'error-before' }, error: /10016/, placed: false },
    { name: "answers the user's limit", fault: { kind: 'rate-limit' }, error: /10006/, placed: false },
    { name: 'shuts the address out', fault: { kind: 'rate-limit', status: 418 }, error: /403/, placed: false },
  ])('$name', async ({ fault, error, placed }) => {
    await inject({ ...fault, match: newOrders, count: 1 });
    await expect(place('one')).rejects.toThrow(error);
    expect(await placedIds()).toEqual(placed ? ['one'] : []);
    await place('two');
    expect((await placedIds()).at(-1)).toBe('two');
  });

  it('answers garbage after accepting, of which ccxt makes an order without an id', async () => {
    await inject({ kind: 'garbage', match: newOrders, count: 1 });
    expect((await place('one')).id).toBeUndefined();
    expect(await placedIds()).toEqual(['one']);
  });

  it('fills a new order in parts', async () => {
    await inject({ kind: 'partial-fill', ratio: '0.4', everyMs: 60, match: newOrders });
    const { id } = await place('parts');
    const ask = () => exchange.fetchOrder(String(id), perpetual, { acknowledged: true });
    expect(await ask()).toMatchObject({ status: 'open', filled: 0.004 });
    const done = await soon(ask, ({ status }) => status === 'closed');
    expect(done.filled).toBe(0.01);
    expect((await simulatedPosition(simulator.url))?.size).toBe('0.01');
  });

  it('hides a fill from the venue, not from the truth', async () => {
    await inject({ kind: 'hide-fill', hideMs: 400, match: { symbol: 'BTCUSDT' } });
    const { id } = await place('hidden');
    expect((await simulatedOrders(simulator.url))[0]).toMatchObject({ orderStatus: 'Filled', cumExecQty: '0.01' });
    const ask = () => exchange.fetchOrder(String(id), perpetual, { acknowledged: true });
    expect(await ask()).toMatchObject({ status: 'open', filled: 0 });
    expect(await soon(ask, ({ status }) => status === 'closed')).toMatchObject({ filled: 0.01 });
  });

  it('skews the clock that it shows and checks', async () => {
    await inject({ kind: 'skew-clock', skewMs: 30_000 });
    expect(Number(await exchange.fetchTime()) - Date.now()).toBeGreaterThan(25_000);
    await expect(place('late')).rejects.toThrow(/10002/);
  });

  it('lets an outsider trade with the same account', async () => {
    const { body } = await control(simulator.url, 'POST', 'outsider', {
      action: 'order',
      account: 'main',
      params: { category: 'linear', symbol: 'BTCUSDT', side: 'Sell', orderType: 'Market', qty: '0.3' },
    });
    expect(body.retCode).toBe(0);
    expect(await exchange.fetchPosition(perpetual)).toMatchObject({ side: 'short', contracts: 0.3 });
  });
});

describe('limits', () => {
  it('refuses more than a user may ask of an endpoint per second, and says so in headers', async () => {
    const strict = await startSimulator({ limits: { userRateFactor: 1 } });
    const client = restClient(strict);
    await client.loadMarkets();
    await client.isUnifiedEnabled();
    const sent = Array.from({ length: 40 }, () => client.createOrder(perpetual, 'market', 'buy', 0.001));
    const outcomes = await Promise.allSettled(sent);
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(refused.length).toBeGreaterThanOrEqual(10);
    for (const { reason } of refused) expect(reason).toBeInstanceOf(RateLimitExceeded);
    const { body } = await control(strict.url, 'GET', 'requests');
    expect(body).toMatchObject({ rateLimitAnswers: refused.length, bans: 0 });
    const endpoints = body.endpoints as Record<string, Record<string, number>>;
    expect(endpoints['POST /v5/order/create']?.['200 retCode 10006']).toBe(refused.length);
    await strict.close();
  });

  it('shuts an address out that sends more than its requests in five seconds, for as long as it says', async () => {
    const strict = await startSimulator({ limits: { requestsPer5Seconds: 20, banMs: 300 } });
    const time = () => fetch(`${strict.url}/v5/market/time`).then(({ status }) => status);
    const statuses = await Promise.all(Array.from({ length: 50 }, time));
    expect(statuses.filter((status) => status === 403).length).toBeGreaterThanOrEqual(10);
    await expect(restClient(strict).fetchTime()).rejects.toThrow(RateLimitExceeded);
    expect((await control(strict.url, 'GET', 'requests')).body.bans).toBeGreaterThanOrEqual(1);
    await soon(time, (status) => status === 200);
    await strict.close();
  });
});
