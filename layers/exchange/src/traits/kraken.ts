import type { OrderRequest, RequestLimit } from '@nightdesk/core';
import type { CallParameters } from '../venue-client.ts';
import { uuidOf } from './client-order-ids.ts';
import { type Refusal, triggerByPurpose } from './order-traits.ts';
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

/**
 * Its requests carry no time, so each order carries a deadline after which the matching engine refuses it: at least 2 s and
 * at most 60 s after it arrives. https://docs.kraken.com/api/docs/rest-api/add-order
 */
const deadlineMs = 5_000;
/** How far our clock may be ahead of Kraken's, by which the deadline is later than meant. */
const aheadMsMax = 5_000;

function trailOf({ trail, triggerPrice }: OrderRequest): CallParameters | Refusal {
  if (trail === undefined) return { refused: 'a trailing stop needs a trail' };
  if (triggerPrice !== undefined) return { refused: 'Kraken trails from the start; leave the trigger price out' };
  return 'percent' in trail ? { trailingPercent: trail.percent } : { trailingAmount: trail.distance };
}

export const kraken: VenueTraits = {
  ...defaultTraits,
  acceptanceMs: deadlineMs + aheadMsMax,
  orderParameters: (lastSendMs) => ({ deadline: new Date(lastSendMs + deadlineMs).toISOString() }),
  // A UUID, or up to 18 free characters, which is less than ours have.
  clientOrderIdFor: uuidOf,
  listedBy: (clientOrderId) => ({ clientOrderId, trades: true }),
  orderNotFound: /EOrder:Unknown order/,
  triggers: {
    types: () => ['stop', 'stop_limit', 'take_profit', 'trailing_stop'],
    timesInForce: ['GTC', 'GTD'],
    parametersOf: (request) => (request.type === 'trailing_stop' ? trailOf(request) : triggerByPurpose(request)),
  },
  // https://docs.kraken.com/api-reference/trading/amend-order: the identifiers stay the same.
  amends: {
    of: () => true,
    wholeTerms: false,
    triggerParameters: (triggerPrice) => ({ stopLossPrice: triggerPrice }),
  },
  // In whole seconds: the part of one that is cut ends the order too early rather than too late.
  goodTillParameters: (endMs) => ({ timeInForce: 'GTD', expiretm: String(Math.floor(endMs / 1_000)) }),
  // ccxt has no word for an iceberg, and lets these through.
  displayParameters: (contracts) => ({ ordertype: 'iceberg', displayvol: contracts }),
  abilities: () => ({ timesInForce: new Set(['GTC', 'IOC', 'PO', 'GTD']) }),
  pageSize: 50,
  pageOrder: 'newest_first',
  listsAllOpenOrders: true,
  // https://docs.kraken.com/exchange/guides/general/errors; what ccxt does not know, it takes for nothing certain.
  wordings: [
    {
      message: /EService:Deadline elapsed|EGeneral:Invalid arguments:deadline/,
      meaning: 'rejected',
      code: 'clock_refused',
    },
    { message: /EAPI:Invalid nonce/, meaning: 'rejected', code: 'nonce_refused' },
    { message: /EQuery:(Unknown|Invalid) asset/, meaning: 'rejected', code: 'bad_symbol' },
    { message: /EService:Market in \w+ mode/, meaning: 'rejected', code: 'maintenance' },
    { message: /EAPI:Invalid signature/, meaning: 'rejected', code: 'authentication_failed' },
    { message: /EOrder:Post only order/, meaning: 'rejected', code: 'order_would_fill' },
    { message: /EOrder:Insufficient (funds|margin)/, meaning: 'rejected', code: 'insufficient_funds' },
    { message: /EGeneral:Invalid arguments/, meaning: 'rejected', code: 'bad_request' },
    { message: /EOrder:(?!Rate limit)/, meaning: 'rejected', code: 'invalid_order' },
  ],
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
