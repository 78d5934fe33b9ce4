import { expect, it } from 'vitest';
import type { TrackingCost } from '../../../bench/processes/track-resting.ts';
import { costOf, ratiosOf } from '../../../bench/tracking-cost.ts';

const counted: TrackingCost = {
  ...{ minutes: 30, venueCalls: 30, venueWeight: 120, readUnits: 45, writeUnits: 15, endpoints: {} },
};

it('a cost is told per order and hour, however many were followed for how long', () => {
  expect(costOf(counted, 1)).toEqual({ venueCalls: 60, venueWeight: 240, readUnits: 90, writeUnits: 30 });
  expect(costOf({ ...counted, minutes: 60 }, 10)).toEqual({
    ...{ venueCalls: 3, venueWeight: 12, readUnits: 4.5, writeUnits: 1.5 },
  });
});

it.each([
  [0, 30],
  [5, 0],
])('%i orders in %i minutes have no cost, rather than none', (orders, minutes) => {
  expect(() => costOf({ ...counted, minutes }, orders)).toThrow(RangeError);
});

it('a ratio tells how many times as much the naive way takes', () => {
  const own = costOf(counted, 10);
  const naive = costOf({ ...counted, venueCalls: 300, venueWeight: 1_200 }, 10);
  expect(ratiosOf(naive, own)).toEqual({ venueCalls: 10, venueWeight: 10, readUnits: 1 });
});
