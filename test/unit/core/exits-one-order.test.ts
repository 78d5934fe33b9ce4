import { amount, optionalStepsMax, price } from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import {
  decided,
  type ExitSpec,
  filled,
  ours,
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
import { fill } from '../../support/orders.ts';

const check = (rows: Row[]) =>
  it.each(rows)('%s', (_, situation, expected) => {
    expect(decided(situation)).toEqual(expected);
  });

describe('where one order holds all there is', () => {
  const spot = { market: btcUsdt } as const;
  check([
    ['only the stop rests', spot, ['place stop-1 stop 4 99']],
    ['it is protected by that', { ...spot, orders: [['stop-1', {}]] }, ['protected']],
    ['targets need a price', { ...spot, last: 'none', orders: [['stop-1', {}]] }, ['price needed']],
    [
      'and are let be without one',
      { ...spot, orders: [['stop-1', {}]], view: { ticker: 'unavailable' } },
      ['protected'],
    ],
    [
      'a stop alone needs none while it rests',
      { ...spot, plan: stopOnly, last: 'none', orders: [['stop-1', {}]] },
      ['protected'],
    ],
    [
      'a reached target has the stop canceled',
      { ...spot, last: '102', orders: [['stop-1', {}]] },
      ['cancel stop-1: target'],
    ],
    [
      'and is sold once that is certain',
      { ...spot, last: '102', orders: [['stop-1', ours('target')]] },
      ['place target-1-1 limit 2 limit 102 IOC'],
    ],
    [
      'as a plain limit where nothing is immediate',
      { ...spot, last: '102', abilities: { timesInForce: new Set() }, orders: [['stop-1', ours('target')]] },
      ['place target-1-1 limit 2 limit 102'],
    ],
    [
      'not while the stop is in doubt',
      { ...spot, last: '102', orders: [['stop-1', { state: 'unknown' }]] },
      ['resolve stop-1'],
    ],
    [
      'then the stop is placed for the rest',
      {
        ...spot,
        last: '102',
        orders: [
          ['stop-1', ours('target')],
          ['target-1-1', filled('2'), target('2', '102')],
        ],
      },
      ['place stop-2 stop 2 99'],
    ],
    [
      'a target that rests is taken back',
      {
        ...spot,
        last: '102',
        orders: [
          ['stop-1', ours('target')],
          ['target-1-1', { updatedAtMs: 0 }, target('2', '102')],
        ],
      },
      ['cancel target-1-1: missed'],
    ],
    [
      'one that was just tried lets the stop rest first',
      { ...spot, last: '102', orders: [['target-1-1', { state: 'expired', timeInForce: 'IOC' }, target('2', '102')]] },
      ['place stop-1 stop 4 99'],
    ],
    [
      'and is tried again later',
      {
        ...spot,
        last: '102',
        orders: [['target-1-1', { state: 'expired', timeInForce: 'IOC', updatedAtMs: 0 }, target('2', '102')]],
      },
      ['place target-1-2 limit 2 limit 102 IOC'],
    ],
    [
      'one that keeps failing is told of, and the stop rests',
      { ...spot, last: '102', orders: [...thrice('target-1', rejected, target('2', '102')), ['stop-1', {}]] },
      ['failed: test'],
    ],
    [
      'only the bid counts for selling',
      { ...spot, view: { ticker: { bid: price('101.99'), last: price('102') } }, orders: [['stop-1', {}]] },
      ['protected'],
    ],
    [
      'the last price stands in for it',
      { ...spot, view: { ticker: { last: price('102') } }, orders: [['stop-1', {}]] },
      ['cancel stop-1: target'],
    ],
    ['an empty market reaches nothing', { ...spot, view: { ticker: {} }, orders: [] }, ['place stop-1 stop 4 99']],
    [
      'a short position is bought back at its targets',
      {
        abilities: { reduceOnly: false },
        entry: short,
        last: '98',
        orders: [['stop-1', ours('target'), { price: price('101') }]],
      },
      ['place target-1-1 limit 2 limit 98 IOC'],
    ],
    [
      'not before the ask is there',
      {
        abilities: { reduceOnly: false },
        entry: short,
        view: { ticker: { ask: price('98.01'), last: price('98') } },
        orders: [['stop-1', {}, { price: price('101') }]],
      },
      ['protected'],
    ],
    [
      'nor once so many were tried that the stop comes first',
      {
        ...spot,
        last: '102',
        orders: [
          ...Array.from(
            { length: optionalStepsMax - 1 },
            (_, n): ExitSpec => [`target-2-${n + 1}`, { state: 'expired', timeInForce: 'IOC' }, target('2', '104')],
          ),
          ['stop-1', {}],
        ],
      },
      ['protected'],
    ],
    [
      'without a stop the targets rest',
      { ...spot, plan: targetsOnly },
      ['place target-1-1 limit 2 limit 102', 'place target-2-1 limit 2 limit 104'],
    ],
    ['and protect', { ...spot, plan: targetsOnly, orders: standing.slice(1) }, ['protected']],
    [
      'a stop grows by being canceled first',
      { ...spot, plan: stopOnly, abilities: { amends: false }, orders: [['stop-1', {}, size('3')]] },
      ['cancel stop-1: replaced'],
    ],
    [
      'but stays where its successor would fail',
      {
        ...spot,
        plan: stopOnly,
        abilities: { amends: false },
        orders: [['stop-1', {}, size('3')], ...[2, 3, 4].map((n): ExitSpec => [`stop-${n}`, rejected])],
      },
      ['failed: test'],
    ],
    [
      'fees in the asset itself are not there to be sold',
      {
        ...spot,
        plan: stopOnly,
        entry: { fills: [{ ...fill('1', '2'), fee: { asset: 'BTC', amount: amount('0.002') } }] },
      },
      ['place stop-1 stop 3.996 99'],
    ],
    [
      'nor those of exits',
      {
        ...spot,
        plan: stopOnly,
        orders: [
          [
            'target-1-1',
            { ...filled('2'), fills: [{ ...fill('1', '2'), fee: { asset: 'BTC', amount: amount('0.1') } }] },
            size('2'),
          ],
        ],
      },
      ['place stop-1 stop 1.9 99'],
    ],
    [
      'rebates and fees in other assets change nothing',
      {
        ...spot,
        plan: stopOnly,
        entry: { fills: [fill('1', '2'), { ...fill('2', '2'), fee: { asset: 'BTC', amount: amount('-1') } }] },
      },
      ['place stop-1 stop 4 99'],
    ],
  ]);
});
