import { defaultTraits, type VenueTraits } from './venue-traits.ts';

export const edgex: VenueTraits = {
  ...defaultTraits,
  // Not published: edgeX's command line client keeps to 50 requests in 10 s, which is this much of `rateLimit`.
  limitWindowMs: 10_000,
  findsByClientOrderId: true,
  // Of past orders and fills; layers/exchange/custom/edgex reads every page of open orders.
  pageSize: 100,
  listsAllOpenOrders: true,
};
