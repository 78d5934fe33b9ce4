import { expect, it } from 'vitest';
import type { ReconcilingCost } from '../../../bench/processes/reconcile-accounts.ts';
import { perLookOf } from '../../../bench/reconciling-cost.ts';

const counted: ReconcilingCost = {
  ...{ accounts: 2, trading: 1, looks: 3, venueCalls: 42, venueWeight: 120, tableRequests: 60, readUnits: 45 },
  ...{ writeUnits: 15, endpoints: { 'GET /api/v3/account': 6, 'GET /api/v3/myTrades': 3 }, memoryMb: 140 },
  ...{ lookMs: [50, 60, 70, 80, 90, 100], roundMs: [200, 300, 400] },
};

it('a cost is told per account and look, its time as it was', () => {
  expect(perLookOf(counted)).toMatchObject({
    ...{ accounts: 2, trading: 1, memoryMb: 140, venueCalls: 7, venueWeight: 20, tableRequests: 10, readUnits: 7.5 },
    ...{ writeUnits: 2.5, endpoints: { 'GET /api/v3/account': 1, 'GET /api/v3/myTrades': 0.5 } },
    ...{ look: { count: 6, p50: 70, max: 100 }, round: { count: 3, p50: 300 } },
  });
});

it('what nobody looked at has no cost, rather than none', () => {
  expect(() => perLookOf({ ...counted, looks: 0 })).toThrow(RangeError);
});

it('a look that told no time was not made, and is not divided by', () => {
  expect(() => perLookOf({ ...counted, lookMs: [50, 60] })).toThrow('2 looks told their time instead of 6');
});
