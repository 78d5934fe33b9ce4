import { defaultTraits, type VenueTraits } from './venue-traits.ts';

export const edgex: VenueTraits = {
  ...defaultTraits,
  // Its documentation names no limit. edgex-cli, by people of edgeX, keeps to 50 in any 10 s: 30 at once and 2 each second.
  limits: [{ name: 'requests', scope: 'egress', kind: 'bucket', unitsMax: 30, windowMs: 15_000, counts: 'all' }],
  findsByClientOrderId: true,
  // Of past orders and fills; layers/exchange/custom/edgex reads every page of open orders.
  pageSize: 100,
  listsAllOpenOrders: true,
};
