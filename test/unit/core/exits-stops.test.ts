import { type ExitPlan, notional, optionalStepsMax, price } from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import {
  at,
  bracket,
  closing,
  decided,
  type ExitSpec,
  filled,
  kinds,
  ours,
  percent,
  type Row,
  short,
  size,
  standing,
  stopOnly,
  target,
  trailing,
} from '../../support/exit-situations.ts';
import { btcUsdt } from '../../support/markets.ts';

const check = (rows: Row[]) =>
  it.each(rows)('%s', (_, situation, expected) => {
    expect(decided(situation)).toEqual(expected);
  });

describe('what the venue can keep', () => {
  const spot = { market: btcUsdt, plan: stopOnly } as const;
  check([
    [
      'a stop with a limit beyond it',
      { ...spot, abilities: kinds('market', 'limit', 'stop_limit') },
      ['place stop-1 stop_limit 4 99 limit 94.05'],
    ],
    [
      'for a short one above it',
      { plan: stopOnly, entry: short, abilities: kinds('market', 'limit', 'stop_limit') },
      ['place stop-1 stop_limit 4 101 limit 106.05'],
    ],
    [
      'which moves with it',
      {
        plan: stopOnly,
        abilities: { ...kinds('stop_limit'), amends: true },
        orders: [['stop-1', { price: price('90') }, { price: price('95') }]],
      },
      ['amend stop-1 amount 4 triggerPrice 99 price 94.05'],
    ],
    [
      'no stop at all: it waits here',
      { ...spot, abilities: kinds('market', 'limit') },
      ['place stop-1 stop 4 99 emulated'],
    ],
    [
      'not even market orders',
      { ...spot, abilities: kinds('limit') },
      ['place stop-1 stop_limit 4 99 limit 94.05 emulated'],
    ],
    [
      'what waits here is changed here',
      {
        ...spot,
        abilities: { ...kinds('market'), amends: false },
        orders: [['stop-1', { state: 'waiting', handling: 'emulated' }, size('3')]],
      },
      ['amend stop-1 amount 4 triggerPrice 99'],
    ],
    [
      'a limit never falls below a step',
      {
        ...spot,
        entry: { cost: notional('0.04') },
        market: { ...btcUsdt, notionalMin: notional('0') },
        last: '1',
        abilities: kinds('stop_limit'),
      },
      ['place stop-1 stop_limit 4 0.01 limit 0.01'],
    ],
    [
      'which may have to rest',
      { ...spot, last: '98', abilities: { ...kinds('limit'), timesInForce: new Set() } },
      ['place close-1 limit 4 limit 93.1'],
    ],
    [
      'and starts from the average where no price is known',
      {
        ...spot,
        plan: closing({ ...stopOnly, stopLoss: {} }),
        abilities: kinds('limit'),
        view: { ticker: 'unavailable' },
      },
      ['failed: exit_level_unusable', 'place close-1 limit 4 limit 95 IOC'],
    ],
    [
      'closing without market orders is a limit beyond the price',
      { ...spot, last: '98', abilities: kinds('limit') },
      ['place close-1 limit 4 limit 93.1 IOC'],
    ],
  ]);
});

describe('trailing', () => {
  const here = kinds('market', 'limit', 'stop');
  check([
    ['is the venue’s where it can', { plan: trailing() }, ['place stop-1 trailing_stop 4 trail 2%']],
    [
      'and is left to it',
      { plan: trailing(), orders: [['stop-1', { type: 'trailing_stop' }, { price: undefined } as never]] },
      ['protected'],
    ],
    [
      'not where its size will change and cannot in place',
      {
        plan: { ...trailing(), takeProfits: bracket.takeProfits },
        abilities: { amends: false },
        orders: standing.slice(1),
      },
      ['place stop-1 stop 4 98'],
    ],
    ['not with a level to start from', { plan: trailing({ level: percent('1') }) }, ['place stop-1 stop 4 99']],
    ['not with break even', { plan: trailing({ breakEven: true }) }, ['place stop-1 stop 4 98']],
    [
      'not once Nightdesk has begun',
      { plan: trailing(), orders: [['stop-1', {}, { price: price('98') }]] },
      ['protected'],
    ],
    ['by Nightdesk needs a price', { plan: trailing(), abilities: here, last: 'none' }, ['price needed']],
    [
      'and waits without one',
      {
        plan: trailing(),
        abilities: here,
        view: { ticker: 'unavailable' },
        orders: [['stop-1', {}, { price: price('98') }]],
      },
      ['protected'],
    ],
    [
      'or without trades',
      { plan: trailing(), abilities: here, view: { ticker: {} }, orders: [['stop-1', {}, { price: price('98') }]] },
      ['protected'],
    ],
    [
      'follows a better price',
      { plan: trailing(), abilities: here, last: '110', orders: [['stop-1', {}, { price: price('98') }]] },
      ['move stop to 107.8 behind 110'],
    ],
    [
      'by an amount',
      { plan: trailing({ trail: { distance: price('3') } }), abilities: here, last: '110' },
      ['move stop to 107 behind 110'],
    ],
    [
      'down for a short one',
      { plan: trailing(), entry: short, abilities: here, last: '90' },
      ['move stop to 91.8 behind 90'],
    ],
    [
      'never back',
      {
        plan: trailing(),
        abilities: here,
        last: '108',
        exits: { stopPrice: price('107.8'), trailedTo: price('110') },
        orders: [['stop-1', {}, { price: price('107.8') }]],
      },
      ['protected'],
    ],
    [
      'not by less than is worth it',
      { plan: trailing(), abilities: here, last: '100.1', orders: [['stop-1', {}, { price: price('98') }]] },
      ['protected'],
    ],
    [
      'moves the resting stop after that',
      {
        plan: trailing(),
        abilities: here,
        last: '110',
        exits: { stopPrice: price('107.8'), trailedTo: price('110') },
        orders: [['stop-1', {}, { price: price('98') }]],
      },
      ['amend stop-1 amount 4 triggerPrice 107.8'],
    ],
    [
      'starts from the price where the entry’s is not known',
      { plan: trailing({ level: at('90') }), abilities: here, entry: { cost: undefined } as never, last: '100' },
      ['move stop to 98 behind 100'],
    ],
    [
      'ends where replacing has gone on for too long',
      {
        plan: trailing(),
        abilities: { ...here, amends: false },
        last: '110',
        orders: [
          ...Array.from(
            { length: optionalStepsMax - 1 },
            (_, n): ExitSpec => [`stop-${n + 1}`, ours('replaced'), { price: price('98') }],
          ),
          [`stop-${optionalStepsMax}`, {}, { price: price('98') }],
        ],
      },
      ['protected'],
    ],
    [
      'not by a distance that leaves no price',
      {
        plan: trailing({ trail: { distance: price('99.5') }, level: at('95') }),
        abilities: here,
        last: '90',
        orders: [['stop-1', {}, { price: price('95') }]],
      },
      ['protected'],
    ],
    [
      'has targets without an average only where they are prices',
      {
        plan: {
          ...trailing({ level: at('95') }),
          takeProfits: [
            { level: percent('1'), portion: '0.5' },
            { level: at('110'), portion: '0.5' },
          ],
        },
        entry: { cost: undefined } as never,
        abilities: here,
        view: { ticker: 'unavailable' },
      },
      ['failed: exit_level_unusable', 'place stop-1 stop 4 95', 'place target-2-1 limit 4 limit 110'],
    ],
    [
      'has no start without an average',
      { plan: trailing(), abilities: here, entry: { cost: undefined } as never },
      ['failed: exit_level_unusable'],
    ],
  ]);
});

describe('break even', () => {
  const plan: ExitPlan = { ...bracket, stopLoss: { level: percent('1'), breakEven: true } };
  const first: ExitSpec = ['target-1-1', filled('2'), target('2', '102')];
  check([
    ['comes after the first target', { plan, last: '103', orders: [['stop-1', {}], first] }, ['move stop to 100']],
    [
      'is never worse than even',
      { plan, last: '103', entry: { cost: notional('400.0001') }, orders: [['stop-1', {}], first] },
      ['move stop to 100.01'],
    ],
    [
      'for a short one too',
      { plan, last: '97', entry: { ...short, cost: notional('400.0001') }, orders: [['stop-1', {}], first] },
      ['move stop to 100'],
    ],
    [
      'moves once',
      {
        plan,
        last: '103',
        exits: { stopPrice: price('100') },
        orders: [['stop-1', {}, { ...size('2'), price: price('100') }], first, ['target-2-1', {}, target('2', '104')]],
      },
      ['protected'],
    ],
    [
      'closes at market where the price is back there already',
      { plan, last: '100', exits: { stopPrice: price('100') }, orders: [['stop-1', {}], first] },
      ['place close-1 market 2'],
    ],
    [
      'needs to know what even is',
      {
        plan: { ...plan, stopLoss: { level: at('99'), breakEven: true } },
        last: '103',
        entry: { cost: undefined } as never,
        orders: [
          ['stop-1', {}, size('2')],
          ['target-1-1', filled('2'), target('2', '102')],
        ],
      },
      ['failed: exit_level_unusable'],
    ],
    [
      'is not looked at while the position is closed',
      { plan, last: '103', orders: [first, ['close-1', {}, size('2')]] },
      [],
    ],
  ]);
});
