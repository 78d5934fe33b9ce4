import type { RequestLimit } from '@nightdesk/core';
import { defaultTraits, type VenueTraits } from './venue-traits.ts';

/** https://developers.binance.com/docs/binance-spot-api-docs/rest-api/request-security#timing-security */
const receiveWindowMs = 5_000;
/** A timestamp may be this far ahead of the server. */
const aheadMs = 1_000;

/**
 * As `exchangeInfo` lists them for spot. ccxt counts a fifth of the weight, a relic of a limit of 1200.
 * https://developers.binance.com/docs/binance-spot-api-docs/rest-api/limits
 */
const limits: readonly RequestLimit[] = [
  {
    ...{ name: 'weight', scope: 'egress', kind: 'window', counts: 'all' },
    ...{ unitsMax: 6_000, windowMs: 60_000, unitsPerWeight: 5 },
  },
  { name: 'orders-10s', scope: 'key', kind: 'window', counts: 'orders', unitsMax: 100, windowMs: 10_000 },
  { name: 'orders-day', scope: 'key', kind: 'window', counts: 'orders', unitsMax: 200_000, windowMs: 86_400_000 },
];

export const binance: VenueTraits = {
  ...defaultTraits,
  acceptanceMs: receiveWindowMs + aheadMs,
  limits,
  refusals: [{ body: /"code":\s*-1015\b/, scope: 'key', retryAfterMs: 10_000 }],
  // "This service is no longer available", among the "general server or network issues", which ccxt takes for a bad request.
  // https://developers.binance.com/docs/binance-spot-api-docs/errors
  wordings: [{ message: /"code":\s*-1016\b/, meaning: 'unknown', code: 'maintenance' }],
  findsByClientOrderId: true,
  pageSize: 1_000,
  pageOrder: 'oldest_first',
  listsAllOpenOrders: true,
  options: {
    recvWindow: receiveWindowMs,
    // Public and without keys: spot and the perpetuals margined in stable coins. Margin pairs would need a key.
    fetchMarkets: { types: ['spot', 'linear'] },
    fetchMargins: false,
    // It costs more to ask for all open orders than for those of one market, and is asked for on purpose.
    warnOnFetchOpenOrdersWithoutSymbol: false,
    newOrderRespType: { market: 'FULL', limit: 'FULL' },
  },
  // Binance closed the futures half of its test network to ccxt.
  sandboxOptions: { fetchMarkets: { types: ['spot'] } },
};

export const binanceus: VenueTraits = {
  ...binance,
  // 1200 of weight a minute, which ccxt counts as it is.
  limits: limits.map((limit) => (limit.name === 'weight' ? { ...limit, unitsMax: 1_200, unitsPerWeight: 1 } : limit)),
  options: { ...binance.options, fetchMarkets: { types: ['spot'] } },
};
