import { defaultTraits, type VenueTraits } from './venue-traits.ts';

/** https://developers.binance.com/docs/binance-spot-api-docs/rest-api/request-security#timing-security */
const receiveWindowMs = 5_000;
/** A timestamp may be this far ahead of the server. */
const aheadMs = 1_000;

export const binance: VenueTraits = {
  ...defaultTraits,
  acceptanceMs: receiveWindowMs + aheadMs,
  // 6000 of weight per minute, which is ccxt's 1200 units of cost.
  limitWindowMs: 60_000,
  findsByClientOrderId: true,
  pageSize: 1_000,
  listsAllOpenOrders: true,
  options: {
    recvWindow: receiveWindowMs,
    // Public and without keys: spot and the perpetuals margined in stable coins. Margin pairs would need a key.
    fetchMarkets: { types: ['spot', 'linear'] },
    fetchMargins: false,
    newOrderRespType: { market: 'FULL', limit: 'FULL' },
  },
  // Binance closed the futures half of its test network to ccxt.
  sandboxOptions: { fetchMarkets: { types: ['spot'] } },
};

export const binanceus: VenueTraits = {
  ...binance,
  options: { ...binance.options, fetchMarkets: { types: ['spot'] } },
};
