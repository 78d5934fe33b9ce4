/**
 * Limits as venues publish them, for those that need no other words here. Where a venue counts by endpoint, ccxt's weights
 * stand in for it: it weighs each request so that its own rate keeps the endpoint's limit.
 */
import type { RequestLimit } from '@nightdesk/core';
import type { RefusalPattern } from '../rate-refusal.ts';
import type { VenueTraits } from './venue-traits.ts';

/** Over any span of so many milliseconds. */
const rolling = (limit: Omit<RequestLimit, 'kind'>): RequestLimit => ({ ...limit, kind: 'rolling' });

type PublishedLimits = Pick<VenueTraits, 'limits' | 'refusals'>;

const weighed = { counts: 'all', unitsPerWeight: 1 } as const;
const ordersOfKey = { name: 'orders', scope: 'key', counts: 'orders' } as const;
const minuteMs = 60_000;

const tooManyOf = (body: RegExp): RefusalPattern => ({ body, scope: 'key' });

/** https://bybit-exchange.github.io/docs/v5/rate-limit: 600 requests in 5 s, 10 orders a second, a ban of 10 minutes. */
export const bybit: PublishedLimits = {
  limits: [
    rolling({ name: 'requests', scope: 'egress', counts: 'all', unitsMax: 600, windowMs: 5_000 }),
    rolling({ name: 'weight', scope: 'key', ...weighed, unitsMax: 50, windowMs: 1_000 }),
    rolling({ ...ordersOfKey, unitsMax: 10, windowMs: 1_000 }),
  ],
  refusals: [
    { body: /"retCode":\s*10006\b/, scope: 'key', resetHeader: 'x-bapi-limit-reset-timestamp' },
    { body: /"retCode":\s*10018\b/, scope: 'egress', resetHeader: 'x-bapi-limit-reset-timestamp' },
    { status: 403, scope: 'egress', retryAfterMs: 10 * minuteMs },
  ],
};

/** https://www.okx.com/docs-v5/en/#overview-rate-limits: by endpoint, and 1000 orders of a sub-account in 2 s. */
export const okx: PublishedLimits = {
  limits: [
    rolling({ name: 'weight', scope: 'egress', ...weighed, unitsMax: 18, windowMs: 2_000 }),
    rolling({ ...ordersOfKey, unitsMax: 1_000, windowMs: 2_000 }),
  ],
  refusals: [tooManyOf(/"code":\s*"500(11|61)"/)],
};

/** https://www.kucoin.com/docs-new/rate-limit: pools of 30 s, the lowest level's. */
export const kucoin: PublishedLimits = {
  limits: [
    rolling({ name: 'pool', scope: 'key', ...weighed, unitsMax: 4_000, windowMs: 30_000 }),
    rolling({
      ...{ name: 'public', scope: 'egress', counts: 'unsigned', unitsPerWeight: 1 },
      ...{ unitsMax: 2_000, windowMs: 30_000 },
    }),
  ],
  refusals: [tooManyOf(/"code":\s*"429000"/)],
};

/** https://www.gate.com/docs/developers/apiv4/en/#frequency-limit-rule: 200 in 10 s by endpoint, 10 orders a second. */
export const gate: PublishedLimits = {
  limits: [
    rolling({ name: 'weight', scope: 'egress', ...weighed, unitsMax: 200, windowMs: 10_000 }),
    rolling({ ...ordersOfKey, unitsMax: 10, windowMs: 1_000 }),
  ],
  refusals: [tooManyOf(/"TOO_MANY_REQUESTS"/)],
};

/** https://www.bitget.com/api-doc/common/intro: 6000 a minute, and by endpoint. */
export const bitget: PublishedLimits = {
  limits: [
    rolling({ name: 'requests', scope: 'egress', counts: 'all', unitsMax: 6_000, windowMs: minuteMs }),
    rolling({ name: 'weight', scope: 'egress', ...weighed, unitsMax: 20, windowMs: 1_000 }),
    rolling({ ...ordersOfKey, unitsMax: 10, windowMs: 1_000 }),
  ],
  refusals: [],
};

/** https://huobiapi.github.io/docs/spot/v1/en/#rate-limiting-rule: by endpoint, 100 orders in 2 s. */
export const htx: PublishedLimits = {
  limits: [
    rolling({ name: 'weight', scope: 'egress', ...weighed, unitsMax: 20, windowMs: 2_000 }),
    rolling({ ...ordersOfKey, unitsMax: 100, windowMs: 2_000 }),
  ],
  refusals: [tooManyOf(/"(err-code|err_code)":\s*"?(api-limit|too-many-requests|1032)/)],
};

/** https://docs.cdp.coinbase.com/advanced-trade/docs/rest-api-rate-limits: 30 a second of a user, 10 of an address. */
export const coinbase: PublishedLimits = {
  limits: [
    rolling({ name: 'private', scope: 'key', counts: 'all', unitsMax: 30, windowMs: 1_000 }),
    rolling({ name: 'public', scope: 'egress', counts: 'unsigned', unitsMax: 10, windowMs: 1_000 }),
  ],
  refusals: [],
};
