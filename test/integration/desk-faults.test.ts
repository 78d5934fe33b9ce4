/** The venue has the order and the desk is not told: no order twice, and each in its true state within a minute. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Desk, startDesk } from '../support/desk.ts';
import { placing, trade } from '../support/desk-trading.ts';

const signalCount = 24;
const all = { filled: 21, open: 3 };

let desk: Desk;

beforeEach(async () => {
  desk = await startDesk();
});

afterEach(() => desk.close());

it.each([
  ['accepts it and drops the answer', { kind: 'drop-answer' }],
  ['accepts it and answers 504', { kind: 'error-after' }],
  ['accepts it and answers with a web page', { kind: 'garbage' }],
])(
  'finds them all when on every second order the venue %s',
  async (_name, fault) => {
    await desk.setFaults({ ...fault, match: placing, every: 2 });
    expect(await trade(desk, signalCount)).toEqual(all);
    expect(await desk.simulatorOrders()).toHaveLength(signalCount);
  },
  90_000,
);

it.each([-30_000, 30_000])(
  'places them all when the venue’s clock is %d ms off',
  async (skewMs) => {
    await desk.setFaults({ kind: 'skew-clock', skewMs });
    expect(await trade(desk, signalCount)).toEqual(all);
  },
  90_000,
);

it('follows an order that fills in parts to its end', async () => {
  await desk.setFaults({ kind: 'partial-fill', ratio: '0.3', everyMs: 200, match: { account: 'main' } });
  const { body } = await desk.postSignal({ symbol: 'BTC/USDT', action: 'buy', size: { base: '1' } });
  const follow = async () => {
    await desk.cloud.tick('track-orders');
    const orders = await desk.settle([body.signalId ?? '']);
    return orders.map(({ state, filled }) => [state, filled]);
  };
  await expect.poll(follow, { timeout: 20_000 }).toEqual([['filled', '1']]);
  expect(await desk.disagreements()).toEqual([]);
});
