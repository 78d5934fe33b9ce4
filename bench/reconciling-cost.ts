/** What reconciling one account costs at one look. Pure. */
import type { ReconcilingCost } from './processes/reconcile-accounts.ts';
import { type Distribution, distributionOf, rounded } from './statistics.ts';

const counted = ['venueCalls', 'venueWeight', 'tableRequests', 'readUnits', 'writeUnits'] as const;

export interface LookCost extends Record<(typeof counted)[number], number> {
  accounts: number;
  trading: number;
  /** Most memory of a sandbox. */
  memoryMb: number;
  /** Milliseconds of one account's look, and of all of them together. */
  look: Distribution;
  round: Distribution;
  /** Venue calls by endpoint. */
  endpoints: Record<string, number>;
}

/** @throws RangeError where nothing was looked at: it would look cheap. Error where the looks that were timed are not all */
export function perLookOf(cost: ReconcilingCost): LookCost {
  const { accounts, trading, looks, endpoints, lookMs, roundMs, memoryMb } = cost;
  const count = accounts * looks;
  if (!(count > 0)) throw new RangeError('what nobody looked at costs nothing, which would look cheap');
  if (lookMs.length !== count) throw new Error(`${lookMs.length} looks told their time instead of ${count}`);
  const each = Object.fromEntries(counted.map((name) => [name, rounded(cost[name] / count)]));
  const byEndpoint = Object.entries(endpoints).map(([name, calls]) => [name, rounded(calls / count)] as const);
  return {
    ...(each as Record<(typeof counted)[number], number>),
    ...{ accounts, trading, memoryMb, look: distributionOf(lookMs), round: distributionOf(roundMs) },
    endpoints: Object.fromEntries(byEndpoint),
  };
}
