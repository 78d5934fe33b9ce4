/** Orders that a venue has taken or not, and that it does not speak of: they wait, and no other venue's orders do. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ConfiguredDesk, startConfiguredDesk } from '../support/configured-desk.ts';

/** More lanes than the desk has places to run in. */
const limits = { 'BTC/USDT': '40000', 'ETH/USDT': '2000', 'BNB/USDT': '300', 'SOL/USDT': '80' };
/** Long enough for all of them to be in doubt at the same time as others trade. */
const downMs = 8_000;
/** Far below the half minute for which a venue is asked about an order in doubt. */
const othersMsMax = 60_000;

let configured: ConfiguredDesk;

beforeAll(async () => {
  const documents = {
    exchanges: 'binance: {}\nkraken: {}\n',
    accounts: 'binance: { exchange: binance, mode: sandbox }\nkraken: { exchange: kraken, mode: sandbox }\n',
    sources: 'demo:\n  authentication: [token]\n  accounts: [binance, kraken]\n',
  };
  configured = await startConfiguredDesk(documents, ['binance', 'kraken']);
});

afterAll(() => configured.close());

it('a venue that is down holds up nobody’s orders but its own, which it is asked about until it tells', async () => {
  const { desk, post } = configured;
  await desk.setFaults({ kind: 'error-before', status: 503, match: { path: '/api/*' }, forMs: downMs });
  const doubtful: string[] = [];
  for (const [symbol, price] of Object.entries(limits)) {
    const { body } = await post('binance', { symbol, type: 'limit', price, size: { base: '0.1' } });
    doubtful.push(body.signalId ?? '');
    // One after the other, so that each is received by itself.
    const { body: beside } = await post('kraken');
    const { orders } = await desk.waitForOrder(beside.signalId ?? '', othersMsMax);
    expect(orders).toMatchObject([{ state: 'filled', venue: 'kraken' }]);
  }
  const settled = await desk.settle(doubtful);
  expect(settled.map(({ state, attempts }) => [state, attempts])).toEqual(doubtful.map(() => ['not_placed', 1]));
  expect(await desk.simulatorOrders()).toEqual([]);
  expect(await desk.records.verify()).toMatchObject({ kind: 'verified' });
}, 240_000);
