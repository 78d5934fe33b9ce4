import type { RequestLimit } from '@nightdesk/core';
import { defaultTraits, type VenueTraits } from './venue-traits.ts';

/**
 * Of the lowest tier; an owner with a higher one gives its own. The trading engine counts per pair, and here for all pairs
 * together. ccxt counts three for what adds one to the counter.
 * https://docs.kraken.com/api/docs/guides/spot-rest-ratelimits, https://docs.kraken.com/api/docs/guides/spot-ratelimits
 */
const limits: readonly RequestLimit[] = [
  {
    ...{ name: 'counter', scope: 'key', kind: 'bucket', counts: 'all' },
    ...{ unitsMax: 15, windowMs: 45_500, unitsPerWeight: 1 / 3 },
  },
  { name: 'trading', scope: 'key', kind: 'bucket', counts: 'orders', unitsMax: 60, windowMs: 60_000 },
  // Public requests: about one a second for an address.
  { name: 'public', scope: 'egress', kind: 'bucket', counts: 'unsigned', unitsMax: 5, windowMs: 5_000 },
];

export const kraken: VenueTraits = {
  ...defaultTraits,
  limits,
  refusals: [
    { body: /EAPI:Rate limit exceeded/, scope: 'key', retryAfterMs: 5_000 },
    { body: /EOrder:Rate limit exceeded/, scope: 'key' },
    { body: /EGeneral:Temporary lockout/, scope: 'key', retryAfterMs: 15 * 60_000 },
    { body: /EService:\s*Throttled:\s*(?<at>\d{10})/, scope: 'key' },
    { body: /EGeneral:Too many requests/, scope: 'egress' },
  ],
  risingNonces: true,
};
