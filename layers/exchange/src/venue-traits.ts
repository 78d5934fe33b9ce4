/** What Nightdesk has to know of venues beyond what ccxt tells. The only place that tells venues apart by id. */
import type { VenueId } from '@nightdesk/core';

export interface VenueTraits {
  /** How long after its timestamp the venue still acts on a request, clock tolerance included; milliseconds. */
  acceptanceMs: number;
  /** Window over which the request limit counts, milliseconds: long where the venue counts per minute. */
  limitWindowMs: number;
  /** `fetchOrder` takes our own id: checked in ccxt's source for each venue that says so here. */
  findsByClientOrderId: boolean;
  /** Most orders or trades the venue returns in one answer. An answer this long may not be the whole. */
  pageSize: number;
  /** `fetchOpenOrders` returns all of them, however many there are. */
  listsAllOpenOrders: boolean;
  /** ccxt options of the venue. */
  options: Readonly<Record<string, unknown>>;
  /** Options in sandbox mode, over the above. */
  sandboxOptions: Readonly<Record<string, unknown>>;
}

const defaults: VenueTraits = {
  acceptanceMs: 8_000,
  limitWindowMs: 5_000,
  findsByClientOrderId: false,
  pageSize: 100,
  listsAllOpenOrders: false,
  options: {},
  sandboxOptions: {},
};

/** https://developers.binance.com/docs/binance-spot-api-docs/rest-api/request-security#timing-security */
const binanceReceiveWindowMs = 5_000;
/** A timestamp may be this far ahead of the server. */
const binanceAheadMs = 1_000;

const binance: VenueTraits = {
  acceptanceMs: binanceReceiveWindowMs + binanceAheadMs,
  // 6000 of weight per minute, which is ccxt's 1200 units of cost.
  limitWindowMs: 60_000,
  findsByClientOrderId: true,
  pageSize: 1_000,
  listsAllOpenOrders: true,
  options: {
    recvWindow: binanceReceiveWindowMs,
    // Public and without keys: spot and the perpetuals margined in stable coins. Margin pairs would need a key.
    fetchMarkets: { types: ['spot', 'linear'] },
    fetchMargins: false,
    newOrderRespType: { market: 'FULL', limit: 'FULL' },
  },
  // Binance closed the futures half of its test network to ccxt.
  sandboxOptions: { fetchMarkets: { types: ['spot'] } },
};

const findsByClientOrderId: VenueTraits = { ...defaults, findsByClientOrderId: true };

const traits: Readonly<Record<string, VenueTraits>> = {
  binance,
  binanceus: { ...binance, options: { ...binance.options, fetchMarkets: { types: ['spot'] } } },
  bitget: findsByClientOrderId,
  htx: findsByClientOrderId,
  // Its counter takes a burst of 15 and counts down by one a second at best.
  kraken: { ...defaults, limitWindowMs: 15_000 },
  mexc: findsByClientOrderId,
  okx: findsByClientOrderId,
};

export const traitsOf = (venue: VenueId): VenueTraits =>
  Object.hasOwn(traits, venue) ? (traits[venue] ?? defaults) : defaults;
