import {
  amount,
  counterChanges,
  counterOf,
  type IntentExposure,
  notional,
  type Order,
  outstandingOf,
  type PositionRow,
  positionExposure,
  revaluation,
} from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { intent } from '../../support/orders.ts';

const exposure: IntentExposure = { mode: 'sandbox', asset: 'BTC', notional: notional('100') };
const order: Order = {
  ...intent,
  ...{ amount: amount('4'), exposure, reserved: notional('100'), state: 'open', version: 2, journalHash: '' },
  ...{ attempts: 1, attemptedAtMs: 0, filled: amount('1'), fills: [], createdAtMs: 0, updatedAtMs: 0 },
};

const row = (quantity: string, counted?: string, symbol = 'BTC/USDT:USDT'): PositionRow => ({
  ...{ account: intent.account, venue: intent.venue, symbol, quantity: amount(quantity), cost: notional('0') },
  ...{ unpriced: amount('0'), realizedPnl: notional('0'), unpricedClosed: amount('0'), fees: {} },
  ...{ version: 1, journalHash: '', updatedAtMs: 0 },
  ...(counted !== undefined && { exposure: { ...exposure, notional: notional(counted) } }),
});

describe('what an order may still add', () => {
  it.each<[string, Partial<Order>, string]>([
    ['is the part that is not filled', {}, '75'],
    ['is rounded up', { amount: amount('3') }, '66.66666667'],
    ['is nothing once all of it is filled', { filled: amount('4') }, '0'],
    ['is nothing once it has ended', { state: 'canceled' }, '0'],
    ['is nothing where nothing was counted', { exposure: undefined } as Partial<Order>, '0'],
    ['is nothing where there was no amount', { amount: undefined } as Partial<Order>, '0'],
  ])('%s', (_what, change, expected) => {
    expect(outstandingOf({ ...order, ...change })).toBe(expected);
  });
});

describe('what a position counts for', () => {
  // Of an order of 4 that put 100 at stake: 25 for each.
  it.each<[string, PositionRow | undefined, PositionRow, string | undefined]>([
    ['as it is opened', undefined, row('2'), '50'],
    ['as it grows', row('2', '60'), row('3'), '85'],
    ['as a short one grows', row('-2', '60'), row('-3'), '85'],
    ['as it shrinks', row('3', '90'), row('1'), '30'],
    ['as it ends', row('3', '90'), row('0'), '0'],
    ['as it turns', row('1', '90'), row('-2'), '50'],
    ['as it stays', row('1', '90'), row('1'), '90'],
    ['where it was not counted before', row('2'), row('1'), undefined],
    ['and grows', row('2'), row('3'), '25'],
    ['where more is sold on spot than was bought', row('1', '25', 'BTC/USDT'), row('-1', undefined, 'BTC/USDT'), '0'],
    ['and bought back', row('-1', '0', 'BTC/USDT'), row('1', undefined, 'BTC/USDT'), '25'],
  ])('%s', (_what, before, after, expected) => {
    expect(positionExposure(before, after, order)?.notional).toBe(expected);
  });

  it('grows by nothing where the order was not counted', () => {
    expect(positionExposure(row('1', '30'), row('2'), { amount: amount('1') })?.notional).toBe('30');
    expect(positionExposure(undefined, row('2'), { exposure })).toBeUndefined();
  });
});

describe('what changes on the risk rows', () => {
  it('is nothing where nothing has', () => {
    expect(counterChanges(order, order)).toEqual([]);
    const uncounted = { ...order, exposure: undefined } as unknown as Order;
    expect(counterChanges(uncounted, { ...uncounted, version: 3 })).toEqual([]);
  });

  it('is what an order had reserved once it has ended', () => {
    const ended: Order = { ...order, state: 'canceled', reserved: notional('0') };
    expect(counterChanges(order, ended)).toEqual([
      {
        row: 'main',
        changes: [
          { counter: 'reserved', by: '-100' },
          { counter: 'orders', by: '-1' },
          { counter: 'exposure', by: '-75' },
          { counter: 'asset#BTC', by: '-75' },
        ],
      },
      {
        row: '*',
        changes: [
          { counter: 'sandbox:exposure', by: '-75' },
          { counter: 'sandbox:venue#fake', by: '-75' },
          { counter: 'sandbox:asset#BTC', by: '-75' },
        ],
      },
    ]);
  });

  it('is not counted twice by an order that only shrinks a position', () => {
    const closing: Order = { ...order, reduceOnly: true, exposure: { ...exposure, notional: notional('0') } };
    const ended: Order = { ...closing, state: 'filled', reserved: notional('0'), filled: amount('4') };
    const changes = counterChanges({ ...closing, reserved: notional('0') }, ended, {
      before: row('4', '90'),
      after: row('0', '0'),
    });
    expect(changes.map(({ row: key, changes: each }) => [key, each.map(({ by }) => by)])).toEqual([
      ['main', ['-90', '-90']],
      ['*', ['-90', '-90', '-90']],
    ]);
  });

  it('moves between modes with the position', () => {
    const moved = {
      before: row('1', '90'),
      after: { venue: intent.venue, exposure: { ...exposure, mode: 'paper', notional: notional('90') } },
    } as const;
    expect(revaluation(row('1'), moved)).toEqual([
      {
        row: '*',
        changes: [
          { counter: 'sandbox:exposure', by: '-90' },
          { counter: 'sandbox:venue#fake', by: '-90' },
          { counter: 'sandbox:asset#BTC', by: '-90' },
          { counter: 'paper:exposure', by: '90' },
          { counter: 'paper:venue#fake', by: '90' },
          { counter: 'paper:asset#BTC', by: '90' },
        ],
      },
    ]);
  });

  it('stays with the venue that a position was opened at, whichever its account has moved to since', () => {
    const elsewhere = 'elsewhere' as Order['venue'];
    const open: Order = { ...order, venue: elsewhere, filled: amount('0') };
    const moves = [
      ...counterChanges(
        open,
        { ...open, state: 'filled', filled: amount('4') },
        { before: row('4', '90'), after: row('8', '190') },
      ),
      ...revaluation(row('8'), { before: row('8', '190'), after: row('8', '200') }),
      ...counterChanges(open, open, { before: row('8', '200'), after: row('0', '0') }),
    ];
    const atVenues = moves.flatMap(({ changes }) => changes.filter(({ counter }) => counter.includes('venue#')));
    expect(atVenues).toEqual([
      { counter: 'sandbox:venue#elsewhere', by: '-100' },
      { counter: 'sandbox:venue#fake', by: '100' },
      { counter: 'sandbox:venue#fake', by: '10' },
      { counter: 'sandbox:venue#fake', by: '-200' },
    ]);
  });

  it('begins at zero', () => {
    const counted = { reserved: notional('5'), counters: { exposure: '7' } };
    expect(['reserved', 'exposure', 'asset#BTC'].map((counter) => counterOf(counted, counter))).toEqual([
      '5',
      '7',
      '0',
    ]);
  });
});
