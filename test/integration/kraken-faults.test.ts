import type { kraken } from 'ccxt';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { KrakenSimulator } from '../../local/simulators/kraken/simulator.ts';
import { control, restClient, simulatedOrders, startSimulator } from './kraken-support.ts';

let simulator: KrakenSimulator;
let exchange: kraken;

beforeAll(async () => {
  simulator = await startSimulator({ tickMs: 50 });
  exchange = restClient(simulator);
  await exchange.loadMarkets();
});
beforeEach(async () => {
  await control(simulator.url, 'POST', 'reset');
});
afterAll(() => simulator.close());

const place = (clientOrderId: string) =>
  exchange.createOrder('BTC/USD', 'market', 'buy', 0.01, undefined, { clientOrderId });
const inject = (fault: unknown) => control(simulator.url, 'POST', 'faults', fault);
const newOrders = { method: 'POST', path: '/0/private/AddOrder' };
const placedIds = async () => (await simulatedOrders(simulator.url)).map(({ clientOrderId }) => clientOrderId);

describe('faults that hide what became of an order', () => {
  it.each([
    { name: 'drops the answer', fault: { kind: 'drop-answer' }, error: 'NetworkError', placed: true },
    {
      name: 'answers 5xx after accepting',
      fault: { kind: 'error-after' },
      error: 'ExchangeNotAvailable',
      placed: true,
    },
    { name: 'drops the request', fault: { kind: 'drop-request' }, error: 'NetworkError', placed: false },
    { name: 'is unavailable', fault: { kind: 'error-before' }, error: 'ExchangeNotAvailable', placed: false },
    { name: 'answers that a limit is passed', fault: { kind: 'rate-limit' }, error: 'DDoSProtection', placed: false },
    {
      name: 'answers that the key is locked out',
      fault: { kind: 'rate-limit', status: 418 },
      error: 'DDoSProtection',
      placed: false,
    },
  ])('$name', async ({ fault, error, placed }) => {
    await inject({ ...fault, match: newOrders, count: 1 });
    await expect(place('one')).rejects.toMatchObject({ name: error });
    expect(await placedIds()).toEqual(placed ? ['one'] : []);
    await place('two');
    expect((await placedIds()).at(-1)).toBe('two');
  });

  it('answers garbage after accepting, of which ccxt makes an order without an id', async () => {
    await inject({ kind: 'garbage', match: newOrders, count: 1 });
    expect((await place('one')).id).toBeUndefined();
    expect(await placedIds()).toEqual(['one']);
  });

  it('strikes orders of one account in one pair', async () => {
    await inject({ kind: 'error-before', match: { account: 'main', symbol: 'XBTUSD' } });
    await expect(place('struck')).rejects.toThrow(/EService:Unavailable/);
    await exchange.createOrder('ETH/USD', 'market', 'buy', 0.01, undefined, { clientOrderId: 'spared' });
    expect(await placedIds()).toEqual(['spared']);
  });

  it('lets a request come too late for its deadline', async () => {
    const deadline = new Date(Date.now() + 150).toISOString();
    await inject({ kind: 'delay', delayMs: 300, match: newOrders, count: 1 });
    const late = exchange.createOrder('BTC/USD', 'market', 'buy', 0.01, undefined, { deadline });
    await expect(late).rejects.toThrow(/EService:Deadline elapsed/);
    expect(await placedIds()).toEqual([]);
  });
});

describe('faults of the market', () => {
  it('fills a taker order in parts', async () => {
    await inject({ kind: 'partial-fill', ratio: '0.4', everyMs: 100, match: newOrders, count: 1 });
    const { id } = await place('parts');
    expect(await exchange.fetchOrder(String(id))).toMatchObject({ status: 'open', filled: 0.004 });
    await expect.poll(async () => (await exchange.fetchOrder(String(id))).status).toBe('closed');
    const [order] = await simulatedOrders(simulator.url);
    expect(order?.executedQty).toBe('0.01000000');
    expect(order?.fills.length).toBeGreaterThanOrEqual(3);
  });

  it('hides a fill from the venue, not from the truth', async () => {
    await inject({ kind: 'hide-fill', hideMs: 400, count: 1 });
    const { id } = await place('hidden');
    expect(await exchange.fetchOrder(String(id))).toMatchObject({ status: 'open', filled: 0 });
    expect(await exchange.fetchMyTrades('BTC/USD')).toEqual([]);
    expect((await exchange.fetchOpenOrders('BTC/USD')).map((order) => order.id)).toEqual([id]);
    expect((await simulatedOrders(simulator.url))[0]).toMatchObject({ status: 'closed', orderId: id });
    await expect.poll(async () => (await exchange.fetchOrder(String(id))).status).toBe('closed');
  });

  it('skews the clock that the venue shows', async () => {
    await inject({ kind: 'skew-clock', skewMs: 30_000 });
    expect(Number(await exchange.fetchTime()) - Date.now()).toBeGreaterThan(25_000);
  });
});

describe('somebody else with the key', () => {
  it('places, cancels, deposits and withdraws', async () => {
    const act = (body: object) => control(simulator.url, 'POST', 'outsider', { account: 'main', ...body });
    const params = { pair: 'XBTUSD', type: 'buy', ordertype: 'limit', volume: '0.01', price: '50000' };
    const { body } = await act({ action: 'order', params: { ...params, cl_ord_id: 'foreign' } });
    expect(body).toMatchObject({ error: [] });
    expect((await exchange.fetchOpenOrders()).map(({ clientOrderId }) => clientOrderId)).toEqual(['foreign']);
    await act({ action: 'cancel', params: { cl_ord_id: 'foreign' } });
    expect(await exchange.fetchOpenOrders()).toEqual([]);
    await act({ action: 'deposit', asset: 'USD', amount: '5' });
    await act({ action: 'withdraw', asset: 'BTC', amount: '1' });
    const balance = await exchange.fetchBalance();
    expect([balance.USD?.total, balance.BTC?.total]).toEqual([10_000_005, 99]);
  });
});
