/** The venue has the order and the desk is not told: no order twice, and each in its true state within a minute. */
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Desk, startDesk } from '../support/desk.ts';
import { placing, trade } from '../support/desk-trading.ts';

const signalCount = 24;
const all = { filled: 21, open: 3 };

describe('a desk that has traded before', () => {
  let desk: Desk;
  beforeAll(async () => {
    desk = await startDesk();
  });
  afterEach(() => desk.clearFaults());
  afterAll(() => desk.close());

  it.each([
    ['accepts it and drops the answer', { kind: 'drop-answer' }],
    ['accepts it and answers 504', { kind: 'error-after' }],
    ['accepts it and answers with a web page', { kind: 'garbage' }],
  ])(
    'finds them all when on every second order the venue %s',
    async (_name, fault) => {
      const before = (await desk.simulatorOrders()).length;
      await desk.setFaults({ ...fault, match: placing, every: 2 });
      expect(await trade(desk, signalCount)).toEqual(all);
      expect(await desk.simulatorOrders()).toHaveLength(before + signalCount);
    },
    240_000,
  );
});

/** Closed when the test ends. */
async function startNewDesk(): Promise<Desk> {
  const desk = await startDesk();
  onTestFinished(() => desk.close());
  return desk;
}

it('follows an order that fills in parts to its end', async () => {
  const desk = await startNewDesk();
  await desk.setFaults({ kind: 'partial-fill', ratio: '0.3', everyMs: 200, match: { account: 'main' } });
  const { body } = await desk.postSignal({ symbol: 'BTC/USDT', action: 'buy', size: { base: '1' } });
  const follow = async () => {
    await desk.cloud.tick('track-orders');
    const orders = await desk.settle([body.signalId ?? '']);
    return orders.map(({ state, filled }) => [state, filled]);
  };
  await expect.poll(follow).toEqual([['filled', '1']]);
  expect(await desk.disagreements()).toEqual([]);
}, 240_000);

it.each([-30_000, 30_000])(
  'places them all when the venue’s clock is %d ms off for a desk that has not asked it yet',
  async (skewMs) => {
    const desk = await startNewDesk();
    await desk.setFaults({ kind: 'skew-clock', skewMs });
    expect(await trade(desk, signalCount)).toEqual(all);
  },
  240_000,
);
