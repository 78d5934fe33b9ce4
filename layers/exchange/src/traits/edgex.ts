import { defaultTraits, type VenueTraits } from './venue-traits.ts';

/**
 * How far a request's time may be from edgeX's, either way. The second version's documentation says so; the first version's
 * names no span.
 */
const timestampMsMax = 60_000;
/** `clockOffMsMax` of an account's check: edgeX itself would not refuse a clock that is ahead by more. */
const clockAheadMsMax = 5_000;

export const edgex: VenueTraits = {
  ...defaultTraits,
  acceptanceMs: timestampMsMax + clockAheadMsMax,
  // Its documentation names no limit. edgex-cli, by people of edgeX, keeps to 50 in any 10 s: 30 at once and 2 each second.
  limits: [{ name: 'requests', scope: 'egress', kind: 'bucket', unitsMax: 30, windowMs: 15_000, counts: 'all' }],
  findsByClientOrderId: true,
  // Of past orders and fills. layers/exchange/custom/edgex reads every page since a time and returns the oldest first.
  pageSize: 100,
  pageOrder: 'oldest_first',
  bookDepths: [15, 200],
  listsAllOpenOrders: true,
  // Our own class passes all of these on.
  abilities: () => ({ timesInForce: new Set(['GTC', 'IOC', 'FOK', 'PO']), reduceOnly: true }),
};
