import { amount, decideExits, type ExitPlan, isBare, notional, type Order, price, stepIdOf } from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import {
  bracket,
  decided,
  type ExitSpec,
  filled,
  nowMs,
  ours,
  percent,
  type Row,
  rejected,
  type Situation,
  short,
  size,
  standing,
  stopOnly,
  target,
  targetsOnly,
  viewOf,
} from '../../support/exit-situations.ts';
import { btcUsdt, btcUsdtPerpetual, inverseByHundred } from '../../support/markets.ts';
import { fill } from '../../support/orders.ts';

const check = (rows: Row[]) =>
  it.each(rows)('%s', (_, situation, expected) => {
    expect(decided(situation)).toEqual(expected);
  });

describe('an entry', () => {
  const { amountMin: _amount, notionalMin: _notional, ...bare } = btcUsdt;
  const working: Partial<Order> = { state: 'open' };
  check([
    ['that has not filled waits', { entry: { ...working, filled: amount('0') } }, []],
    ['that ended without a fill is done', { entry: { state: 'canceled', filled: amount('0') } }, ['done: not_filled']],
    [
      'that fills on has its stop grow',
      { plan: stopOnly, entry: { ...working, amount: amount('9') }, orders: [['stop-1', {}, size('1')]] },
      ['amend stop-1 amount 4 triggerPrice 99'],
    ],
    [
      'below the least amount waits while it works',
      { plan: stopOnly, entry: { ...working, filled: amount('0.0001'), cost: notional('0.01') } },
      [],
    ],
    [
      'below it at its end is done',
      {
        plan: stopOnly,
        entry: { state: 'canceled', filled: amount('0.001'), cost: notional('0.1') },
        market: { ...btcUsdtPerpetual, amountMin: amount('1') },
      },
      ['done: dust_left'],
    ],
    [
      'worth too little on spot is done',
      { market: btcUsdt, plan: stopOnly, entry: { filled: amount('0.05'), cost: notional('5') } },
      ['done: dust_left'],
    ],
    [
      'that its exits have closed meanwhile waits for more',
      {
        entry: { ...working, filled: amount('2') },
        exits: { state: 'protected' },
        orders: [['stop-1', filled('2'), size('2')]],
      },
      ['waiting'],
    ],
    [
      'that was done and fills late is looked after again',
      {
        plan: stopOnly,
        entry: { state: 'canceled' },
        exits: { state: 'done', cause: { code: 'not_filled', message: '' } },
      },
      ['place stop-1 stop 4 99'],
    ],
    ['without a plan has nothing to be kept', { entry: { exitPlan: undefined } as never }, []],
    [
      'with a plan that is used up is done',
      {
        plan: { ...targetsOnly, takeProfits: targetsOnly.takeProfits.slice(0, 1) },
        orders: [['target-1-1', filled('2'), target('2', '102')]],
      },
      ['done: plan_fulfilled'],
    ],
    [
      'whose rest still rests is not done',
      { market: btcUsdt, plan: stopOnly, orders: [['stop-1', { filled: amount('3.99') }]] },
      ['protected'],
    ],
    [
      'with market order fills goes by their average',
      { plan: stopOnly, entry: { cost: undefined, fills: [fill('1', '4')] } as never },
      ['place stop-1 stop 4 99'],
    ],
    [
      'without any goes by its limit',
      { plan: stopOnly, last: '210', entry: { cost: undefined, price: price('200') } as never },
      ['place stop-1 stop 4 198'],
    ],
    [
      'of a quanto contract goes by the plain mean',
      {
        market: { ...inverseByHundred, contractType: 'quanto' },
        plan: { ...stopOnly, stopLoss: { level: percent('0') } },
        last: '300',
        entry: { fills: [fill('1', '2'), { ...fill('2', '2'), price: price('300') }] },
      },
      ['place stop-1 stop 4 200'],
    ],
    [
      'in a market without minimums is protected to the last step',
      { market: bare, plan: stopOnly, entry: { filled: amount('0.00001'), cost: notional('0.001') } },
      ['place stop-1 stop 0.00001 99'],
    ],
    [
      'of an inverse contract goes by the harmonic mean',
      {
        market: inverseByHundred,
        plan: { ...stopOnly, stopLoss: { level: percent('0') } },
        last: '200',
        entry: { fills: [fill('1', '2'), { ...fill('2', '2'), price: price('300') }] },
      },
      ['place stop-1 stop 4 150'],
    ],
  ]);
});

describe('targets', () => {
  const thirds: ExitPlan = {
    takeProfits: ['1', '2', '3'].map((level) => ({ level: percent(level), portion: '0.3333333333' })),
    onFailure: 'keep',
  };
  const tiny = { ...btcUsdtPerpetual, amountMin: amount('1'), amountStep: amount('0.1') };
  const placed = (plan: ExitPlan, filledSize = '4') =>
    decided({
      market: tiny,
      plan,
      entry: { filled: amount(filledSize), cost: notional(String(Number(filledSize) * 100)) },
    });
  it('give the last one what rounding left over', () => {
    expect(placed(thirds)).toEqual([
      'place target-1-1 limit 1.3 limit 101',
      'place target-2-1 limit 1.3 limit 102',
      'place target-3-1 limit 1.4 limit 103',
    ]);
  });
  it('below the least amount are added to the next one', () => {
    expect(placed(thirds, '2')).toEqual(['place target-2-1 limit 2 limit 102']);
  });
  it('leave what they are not for', () => {
    expect(placed({ ...thirds, takeProfits: thirds.takeProfits.slice(0, 2) })).toEqual([
      'place target-1-1 limit 1.3 limit 101',
      'place target-2-1 limit 1.3 limit 102',
    ]);
  });
  it('without a price that can be had are told of', () => {
    const plan = { ...bracket, takeProfits: [{ level: percent('100'), portion: '1' }] };
    expect(decided({ plan, entry: short, orders: [['stop-1', {}, { price: price('101') }]] })).toEqual([
      'failed: exit_level_unusable',
    ]);
  });
});

describe('an account that holds less than its entries say', () => {
  const held = (text: string) => ({ held: amount(text) });
  const ledger = { plan: stopOnly, orders: [['stop-1', {}]] satisfies ExitSpec[] };
  check([
    ['is protected for what there is', { ...ledger, view: held('3') }, ['amend stop-1 amount 3 triggerPrice 99']],
    ['more of it changes nothing', { ...ledger, view: held('9') }, ['protected']],
    ['has its exits canceled where nothing is left', { ...ledger, view: held('0') }, ['cancel stop-1: unwanted']],
    [
      'and is done then',
      { plan: stopOnly, orders: [['stop-1', ours('unwanted')]], view: held('0') },
      ['done: nothing_held'],
    ],
    ['for good', { plan: stopOnly, exits: { state: 'done', cause: { code: 'nothing_held', message: '' } } }, []],
    [
      'is not believed so soon after a fill',
      { ...ledger, view: held('0'), entry: { fills: [{ ...fill('1', '4'), atMs: nowMs - 1_000 }] } },
      ['protected'],
    ],
  ]);
});

describe('a position', () => {
  const bare = (situation: Situation) => isBare(viewOf(situation));
  it.each<[string, Situation, boolean]>([
    ['with its stop is not bare', { orders: [['stop-1', {}]] }, false],
    ['with an older, larger stop is not', { orders: [['stop-1', {}, { ...size('5'), price: price('90') }]] }, false],
    ['with a smaller one is', { orders: [['stop-1', {}, size('3')]] }, true],
    [
      'with one that is being canceled is',
      { orders: [['stop-1', { cancel: { requestedAtMs: 1, reason: 'x' } }]] },
      true,
    ],
    ['with one in doubt is', { orders: [['stop-1', { state: 'unknown' }]] }, true],
    ['of nothing is not', { entry: { filled: amount('0') } }, false],
    [
      'of dust is not',
      { market: btcUsdt, plan: stopOnly, entry: { filled: amount('0.01'), cost: notional('1') } },
      false,
    ],
    ['without a plan is not', { entry: { exitPlan: undefined } as never }, false],
    ['without a stop in the plan needs its targets', { plan: targetsOnly }, true],
    ['and is not bare with them', { plan: targetsOnly, orders: standing.slice(1) }, false],
    ['whose stop has no price is', { plan: { ...stopOnly, stopLoss: {} } }, true],
  ])('%s', (_, situation, expected) => {
    expect(bare(situation)).toBe(expected);
  });
});

it('steps are named by what they are, and their orders by entry and name', () => {
  const [command] = decideExits(viewOf({ plan: stopOnly, orders: [['stop-1', rejected]] }));
  const { entry } = viewOf({});
  expect(command).toMatchObject({
    step: { name: 'stop-2', orderId: stepIdOf(entry.orderId, 'stop-2'), role: 'stop_loss' },
  });
});
