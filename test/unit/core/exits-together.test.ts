import { amount, type IntentId } from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import {
  at,
  decided,
  type ExitSpec,
  filled,
  open,
  ours,
  type Row,
  short,
  size,
  standing,
  stopOnly,
  target,
} from '../../support/exit-situations.ts';
import { cause } from '../../support/orders.ts';

const check = (rows: Row[]) =>
  it.each(rows)('%s', (_, situation, expected) => {
    expect(decided(situation)).toEqual(expected);
  });

describe('where orders can be reduce-only', () => {
  check([
    [
      'a stop and all targets rest together',
      {},
      ['place stop-1 stop 4 99', 'place target-1-1 limit 2 limit 102', 'place target-2-1 limit 2 limit 104'],
    ],
    [
      'a short position has them the other way round',
      { entry: short },
      ['place stop-1 stop 4 101', 'place target-1-1 limit 2 limit 98', 'place target-2-1 limit 2 limit 96'],
    ],
    [
      'levels may be prices, brought to the step in the direction that loses less',
      { plan: { ...stopOnly, stopLoss: { level: at('98.001') } } },
      ['place stop-1 stop 4 98.01'],
    ],
    [
      'a short one rounds down',
      { entry: short, plan: { ...stopOnly, stopLoss: { level: at('102.009') } } },
      ['place stop-1 stop 4 102'],
    ],
    ['all in place is protected', { orders: standing }, ['protected']],
    ['what is said already is not said again', { orders: standing, exits: { state: 'protected' } }, []],
    ['without a price the stop waits for one', { last: 'none', plan: stopOnly }, ['price needed']],
    [
      'without a price to be had it is placed all the same',
      { view: { ticker: 'unavailable' }, plan: stopOnly },
      ['place stop-1 stop 4 99'],
    ],
    ['nothing has to be asked where all is in place', { last: 'none', orders: standing }, ['protected']],
    [
      'a filled target has the stop made smaller',
      {
        orders: [
          ['stop-1', {}],
          ['target-1-1', filled('2'), target('2', '102')],
          ['target-2-1', {}, target('2', '104')],
        ],
      },
      ['amend stop-1 amount 2 triggerPrice 99'],
    ],
    [
      'or replaced, the new one first',
      {
        abilities: { amends: false },
        orders: [
          ['stop-1', {}],
          ['target-1-1', filled('2'), target('2', '102')],
          ['target-2-1', {}, target('2', '104')],
        ],
      },
      ['place stop-2 stop 2 99'],
    ],
    [
      'and then the old one canceled',
      {
        abilities: { amends: false },
        orders: [
          ['stop-1', {}],
          ['stop-2', {}, size('2')],
          ['target-1-1', filled('2'), target('2', '102')],
          ['target-2-1', {}, target('2', '104')],
        ],
      },
      ['cancel stop-1: replaced'],
    ],
    [
      'a change that was refused is made by replacing',
      { plan: stopOnly, orders: [['stop-1', { cause }, size('3')]] },
      ['place stop-2 stop 4 99'],
    ],
    [
      'so is one that could not be asked for',
      { plan: stopOnly, orders: [['stop-1', {}, size('3')]], view: { unamendable: new Set(['stop-1' as IntentId]) } },
      ['place stop-2 stop 4 99'],
    ],
    [
      'a change that is not confirmed is asked for again',
      { plan: stopOnly, orders: [['stop-1', { amendment: { requestedAtMs: 1, change: {} } }]] },
      ['amend stop-1 amount 4 triggerPrice 99'],
    ],
    [
      'a target that is too large goes before the new one',
      {
        abilities: { amends: false },
        orders: [
          ['stop-1', {}],
          ['target-1-1', {}, target('3', '102')],
          ['target-2-1', {}, target('1', '104')],
        ],
      },
      ['cancel target-1-1: replaced', 'cancel target-2-1: replaced'],
    ],
    [
      'a target is not placed beside others that are too large',
      {
        abilities: { amends: false },
        orders: [
          ['stop-1', {}],
          ['target-1-1', {}, target('3', '102')],
        ],
      },
      ['cancel target-1-1: replaced'],
    ],
    [
      'a cancel that was asked for is completed',
      { plan: stopOnly, orders: [['stop-1', { cancel: { requestedAtMs: 1, reason: 'a person' } }]] },
      ['place stop-2 stop 4 99', 'cancel stop-1: unwanted'],
    ],
    [
      'an exit in doubt is asked about and not doubled',
      { plan: stopOnly, orders: [['stop-1', { state: 'unknown' }]] },
      ['resolve stop-1'],
    ],
    [
      'and leaves the others alone',
      { orders: [['stop-1', { state: 'intended' }]] },
      ['place target-1-1 limit 2 limit 102', 'place target-2-1 limit 2 limit 104', 'resolve stop-1'],
    ],
    [
      'a partly sold target keeps its order',
      {
        orders: [
          ['stop-1', {}, size('3')],
          ['target-1-1', { filled: amount('1') }, target('2', '102')],
          standing[2] as ExitSpec,
        ],
      },
      ['protected'],
    ],
    [
      'the farthest targets are cut first where less is left',
      { orders: [...standing.slice(1), ['stop-1', open({ filled: amount('3') })]] },
      ['amend target-1-1 amount 1 price 102', 'cancel target-2-1: unwanted'],
    ],
    [
      'where the stop has sold everything, the targets go',
      { orders: [['stop-1', filled('4')], ...standing.slice(1)] },
      ['cancel target-1-1: unwanted', 'cancel target-2-1: unwanted'],
    ],
    [
      'and then it is done',
      {
        orders: [
          ['stop-1', filled('4')],
          ['target-1-1', ours('unwanted'), target('2', '102')],
        ],
      },
      ['done'],
    ],
    [
      'but not while one of them is in doubt',
      {
        orders: [
          ['stop-1', filled('4')],
          ['target-1-1', { state: 'unknown' }, target('2', '102')],
        ],
      },
      ['resolve target-1-1'],
    ],
    [
      'nor while the order of a step may still be recorded',
      {
        orders: [
          ['stop-1', filled('4')],
          ['target-1-1', 'absent', target('2', '102')],
        ],
      },
      ['give up target-1-1'],
    ],
  ]);
});
