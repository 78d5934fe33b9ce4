import type { Market, OrderType, RequestLimit } from '@nightdesk/core';
import { type TriggerTraits, triggerByPurpose } from './order-traits.ts';
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

/** Binance's names of what the desk's types become on spot; a market lists those that it takes. */
const spotTypes: Readonly<Partial<Record<OrderType, readonly string[]>>> = {
  stop: ['STOP_LOSS'],
  stop_limit: ['STOP_LOSS_LIMIT'],
  take_profit: ['TAKE_PROFIT', 'TAKE_PROFIT_LIMIT'],
};

function infoOf({ definition }: Market): Readonly<Record<string, unknown>> {
  const { info } = JSON.parse(definition) as { info?: Record<string, unknown> };
  return info ?? {};
}

function spotTypesOf(market: Market): OrderType[] {
  const { orderTypes } = infoOf(market);
  const taken = Array.isArray(orderTypes) ? orderTypes : [];
  return (Object.keys(spotTypes) as OrderType[]).filter((type) =>
    spotTypes[type]?.every((name) => taken.includes(name)),
  );
}

/**
 * On spot, a triggered order is the one that waited. On contracts, those that wait are kept apart as algo orders, and
 * become other orders when triggered, which ccxt does not lead to: none is placed there.
 * https://developers.binance.com/docs/derivatives/usds-margined-futures/trade/rest-api/New-Algo-Order
 *
 * Binance trails by basis points, never by a distance. The stop of a position must not be refused for how it is to trail, and
 * abilities name a type as a whole: so Nightdesk trails there itself.
 */
const triggers: TriggerTraits = {
  types: (market) => (market.kind === 'spot' ? spotTypesOf(market) : []),
  timesInForce: ['GTC', 'IOC', 'FOK'],
  parametersOf: triggerByPurpose,
};

export const binance: VenueTraits = {
  ...defaultTraits,
  acceptanceMs: receiveWindowMs + aheadMs,
  limits,
  refusals: [{ body: /"code":\s*-1015\b/, scope: 'key', retryAfterMs: 10_000 }],
  // "This service is no longer available", among the "general server or network issues", which ccxt takes for a bad request.
  // https://developers.binance.com/docs/binance-spot-api-docs/errors
  wordings: [{ message: /"code":\s*-1016\b/, meaning: 'unknown', code: 'maintenance' }],
  triggers,
  // On spot an order that is amended is a new one, unless only its quantity falls.
  amends: { of: ({ kind }) => kind !== 'spot', wholeTerms: true },
  // To the second. https://developers.binance.com/docs/derivatives/usds-margined-futures/trade/rest-api
  goodTillParameters: (endMs) => ({ timeInForce: 'GTD', goodTillDate: endMs }),
  displayParameters: (contracts) => ({ icebergAmount: contracts }),
  abilities: (market) => ({ iceberg: market.kind === 'spot' && infoOf(market).icebergAllowed === true }),
  settingUnchanged: /"code":\s*-(4046|4059)\b/,
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
