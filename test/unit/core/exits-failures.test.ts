import { amount, exitStepsMax, type Order, price } from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import {
  bracket,
  closing,
  decided,
  type ExitSpec,
  filled,
  nowMs,
  ours,
  percent,
  type Row,
  rejected,
  short,
  size,
  standing,
  stopOnly,
  target,
  targetsOnly,
  thrice,
} from '../../support/exit-situations.ts';
import { btcUsdt } from '../../support/markets.ts';
import { cause } from '../../support/orders.ts';

const check = (rows: Row[]) =>
  it.each(rows)('%s', (_, situation, expected) => {
    expect(decided(situation)).toEqual(expected);
  });

describe('failures', () => {
  const failed = { state: 'failed', cause } as const;
  const denied: Partial<Order> = { state: 'denied', cause, updatedAtMs: nowMs };
  check([
    ['a rejected stop is placed again', { plan: stopOnly, orders: [['stop-1', rejected]] }, ['place stop-2 stop 4 99']],
    ['three in a row are told of', { plan: stopOnly, orders: thrice('stop', rejected) }, ['failed: test']],
    ['and said once', { plan: stopOnly, exits: failed, orders: thrice('stop', rejected) }, []],
    [
      'after a pause there is another try',
      { plan: stopOnly, exits: failed, orders: thrice('stop', { ...rejected, updatedAtMs: nowMs - 60_000 }) },
      ['place stop-4 stop 4 99'],
    ],
    [
      'which grows with every failure',
      {
        plan: stopOnly,
        exits: failed,
        orders: [...thrice('stop', rejected), ['stop-4', { ...rejected, updatedAtMs: nowMs - 60_000 }]],
      },
      [],
    ],
    [
      'up to a bound',
      {
        plan: stopOnly,
        exits: failed,
        orders: Array.from(
          { length: 30 },
          (_, n): ExitSpec => [`stop-${n + 1}`, { ...rejected, updatedAtMs: nowMs - 3_600_000 }],
        ),
      },
      ['place stop-31 stop 4 99'],
    ],
    [
      'not in a row are not',
      {
        plan: stopOnly,
        orders: [
          ['stop-1', rejected],
          ['stop-2', rejected],
          ['stop-3', ours('replaced')],
          ['stop-4', { state: 'not_placed' }],
        ],
      },
      ['place stop-5 stop 4 99'],
    ],
    [
      'what was given up does not count',
      {
        plan: stopOnly,
        orders: [
          ['stop-1', rejected],
          ['stop-2', rejected],
          ['stop-3', { state: 'no_order' }],
        ],
      },
      ['place stop-4 stop 4 99'],
    ],
    [
      'without a cause they have one all the same',
      { plan: stopOnly, orders: thrice('stop', { state: 'not_placed' }) },
      ['failed: not_placed'],
    ],
    ['a denial is told of at once', { plan: stopOnly, orders: [['stop-1', denied]] }, ['failed: test']],
    [
      'an order that expired elsewhere is a failure',
      { plan: stopOnly, orders: thrice('stop', { state: 'expired' }) },
      ['failed: exit_ended_elsewhere'],
    ],
    [
      'so is one that somebody else canceled',
      {
        plan: stopOnly,
        orders: thrice('stop', { state: 'canceled', cause: { code: 'canceled', message: 'by hand' } }),
      },
      ['failed: exit_ended_elsewhere'],
    ],
    [
      'the policy may close the position',
      { plan: closing(stopOnly), exits: failed, orders: thrice('stop', rejected) },
      ['place close-1 market 4'],
    ],
    [
      'not where an older stop still protects it',
      {
        plan: closing(stopOnly),
        abilities: { amends: false },
        exits: { stopPrice: price('99.5') },
        orders: [['stop-1', {}], ...[2, 3, 4].map((n): ExitSpec => [`stop-${n}`, rejected])],
      },
      ['failed: test'],
    ],
    [
      'targets are canceled before that',
      { plan: closing(bracket), exits: failed, orders: [...thrice('stop', rejected), ...standing.slice(1)] },
      ['cancel target-1-1: closing', 'cancel target-2-1: closing'],
    ],
    ['a close that fails is told of', { plan: stopOnly, orders: thrice('close', rejected) }, ['failed: test']],
    [
      'one that met too few is done again',
      { plan: stopOnly, exits: failed, orders: thrice('close', { state: 'canceled', filled: amount('1') }) },
      ['place close-4 market 1'],
    ],
    ['one that rests is waited for', { plan: stopOnly, orders: [['close-1', {}]] }, []],
    [
      'one that was planned is gone on with',
      { plan: stopOnly, orders: [['close-1', 'absent']] },
      ['place close-1 market 4 as planned'],
    ],
    [
      'one that was given up leaves the stop its turn',
      { plan: stopOnly, orders: [['close-1', { state: 'no_order' }]] },
      ['place stop-1 stop 4 99'],
    ],
    [
      'a target alone may close the position too',
      {
        plan: closing(targetsOnly),
        orders: [...thrice('target-1', rejected, target('2', '102')), ['target-2-1', {}, target('2', '104')]],
      },
      ['failed: test', 'cancel target-2-1: closing'],
    ],
    [
      'or be kept at',
      {
        plan: targetsOnly,
        orders: [...thrice('target-1', rejected, target('2', '102')), ['target-2-1', {}, target('2', '104')]],
      },
      ['failed: test'],
    ],
    [
      'a stop without a price is told of',
      { plan: { ...bracket, stopLoss: { level: percent('100') } }, orders: standing.slice(1) },
      ['failed: exit_level_unusable'],
    ],
    [
      'on spot no target rests then',
      { market: btcUsdt, plan: { ...bracket, stopLoss: { level: percent('100') } } },
      ['failed: exit_level_unusable'],
    ],
    [
      'or closes the position',
      { plan: closing({ ...stopOnly, stopLoss: {} }) },
      ['failed: exit_level_unusable', 'place close-1 market 4'],
    ],
    [
      'but not for a price that the venue may still tell',
      {
        plan: closing(stopOnly),
        entry: { cost: undefined, fills: [], updatedAtMs: nowMs - 1_000 } as never,
      },
      ['failed: exit_level_unusable'],
    ],
    [
      'which it does not wait for long',
      { plan: closing(stopOnly), entry: { cost: undefined, fills: [], updatedAtMs: nowMs - 60_000 } as never },
      ['failed: exit_level_unusable', 'place close-1 market 4'],
    ],
    [
      'nor for that of a target',
      { plan: closing(targetsOnly), entry: { cost: undefined, fills: [], updatedAtMs: nowMs - 1_000 } as never },
      ['failed: exit_level_unusable'],
    ],
    ['a stop that would be triggered at once closes it', { plan: stopOnly, last: '99' }, ['place close-1 market 4']],
    ['a short one likewise', { plan: stopOnly, entry: short, last: '101' }, ['place close-1 market 4']],
    [
      'by the bid where nothing was traded',
      { plan: stopOnly, view: { ticker: { bid: price('98') } } },
      ['place close-1 market 4'],
    ],
    [
      'by the ask of a short one',
      { plan: stopOnly, entry: short, view: { ticker: { ask: price('102') } } },
      ['place close-1 market 4'],
    ],
    [
      'too many exits are told of',
      {
        plan: stopOnly,
        orders: Array.from({ length: exitStepsMax }, (_, n): ExitSpec => [`stop-${n + 1}`, ours('replaced')]),
      },
      ['failed: too_many_exits'],
    ],
    ['closed is closed', { plan: stopOnly, orders: [['close-1', filled('4')]] }, ['done: closed_at_market']],
    [
      'what protects again is no failure any more',
      { plan: stopOnly, exits: failed, orders: [['stop-1', {}]] },
      ['protected'],
    ],
  ]);
});

describe('a step whose order is not recorded', () => {
  check([
    [
      'is gone on with where it fits',
      { plan: stopOnly, orders: [['stop-1', 'absent']] },
      ['place stop-1 stop 4 99 as planned'],
    ],
    [
      'is given up before anything takes its place',
      { plan: stopOnly, orders: [['stop-1', 'absent', size('3')]] },
      ['give up stop-1'],
    ],
    [
      'also where its price is another one',
      { plan: stopOnly, orders: [['stop-1', 'absent', { price: price('98') }]] },
      ['give up stop-1'],
    ],
  ]);
});
