import { expect, it } from 'vitest';
import { claimsOf, contextOf, grantAll, intentOf, rowsOf } from '../../../bench/gate-decisions.ts';

it.each(['few', 'amounts', 'shares'] as const)('measured orders pass the gate with %s, and are granted', (limits) => {
  const rows = rowsOf();
  for (let index = 0; index < 100; index++) grantAll(claimsOf(intentOf(index), contextOf(limits), rows), rows);
});

const boundsOf = (limits: 'few' | 'amounts' | 'shares') =>
  claimsOf(intentOf(0), contextOf(limits), rowsOf()).map(({ row, counters, minute, figuresVersion }) => ({
    ...{ row, bounded: counters.filter(({ atMost }) => atMost !== undefined).length, of: counters.length },
    ...{ perMinute: minute?.ordersMax, isPinned: figuresVersion !== undefined },
  }));

it('where every limit is set, every counter has one, and what is a share is bound to the equity it was taken of', () => {
  const ordersMax = 100_000;
  expect(boundsOf('shares')).toEqual([
    { row: 'main', bounded: 4, of: 4, perMinute: ordersMax, isPinned: true },
    { row: '*', bounded: 3, of: 3, perMinute: undefined, isPinned: true },
    { row: 'source#demo', bounded: 0, of: 0, perMinute: ordersMax, isPinned: false },
  ]);
  expect(boundsOf('amounts').map(({ isPinned }) => isPinned)).toEqual([true, false, false]);
});

it('the limits that must be bound what is in open orders, and what is at one venue', () => {
  expect(boundsOf('few')).toEqual([
    { row: 'main', bounded: 1, of: 4, perMinute: undefined, isPinned: false },
    { row: '*', bounded: 1, of: 3, perMinute: undefined, isPinned: false },
  ]);
});

it('an order that is denied is no figure', () => {
  const rows = rowsOf();
  const halted = { ...rows, account: { ...rows.account, state: 'halted' as const } };
  expect(() => claimsOf(intentOf(0), contextOf('few'), halted)).toThrow(/denied a measured order/);
});
