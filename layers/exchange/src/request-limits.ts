/** Which limits of a venue hold for a desk. */
import { ConfigurationError, type RequestLimit, type VenueId } from '@nightdesk/core';
import type { VenueTraits } from './traits/venue-traits.ts';

export interface RequestLimitsOptions {
  venue: VenueId;
  traits: Pick<VenueTraits, 'limits' | 'limitWindowMs'>;
  /** Milliseconds per unit of weight: the venue's limit as ccxt knows it. */
  rateLimitMs: number;
  /** `unitsMax` by name of limit, for desks that the venue allows another. */
  given?: Readonly<Record<string, number>> | undefined;
}

/** @throws ConfigurationError when a limit is given that the venue does not have */
export function requestLimits({ venue, traits, rateLimitMs, given = {} }: RequestLimitsOptions): RequestLimit[] {
  const known = traits.limits.length > 0 ? traits.limits : [limitOfRate(rateLimitMs, traits.limitWindowMs)];
  const unknown = Object.keys(given).find((name) => known.every((limit) => limit.name !== name));
  if (unknown !== undefined) {
    const names = known.map(({ name }) => name).join(', ');
    throw new ConfigurationError(`exchange "${venue}" has no limit "${unknown}"; it has ${names}`);
  }
  // A window keeps its length, and a bucket the time after which it is whole again.
  return known.map((limit) => ({ ...limit, unitsMax: given[limit.name] ?? limit.unitsMax }));
}

const limitOfRate = (rateLimitMs: number, windowMs: number): RequestLimit => ({
  ...{ name: 'rate', scope: 'egress', kind: 'rolling', counts: 'all', unitsPerWeight: 1 },
  // A rate slower than one request in a window is kept over a window that is long enough for one.
  ...(rateLimitMs > windowMs ? { unitsMax: 1, windowMs: rateLimitMs } : { unitsMax: windowMs / rateLimitMs, windowMs }),
});
