import { triggerByDirection } from './order-traits.ts';
import { defaultTraits, type VenueTraits } from './venue-traits.ts';

/** `signatureLifeSeconds` of layers/exchange/custom/bitmex; the venue counts in whole seconds. */
const signatureLifeMs = 5_000;
const secondMs = 1_000;
/** `clockOffMsMax` of an account's check: BitMEX knows only when a signature ends, which a clock that is ahead puts off. */
const clockAheadMsMax = 5_000;

/** https://www.bitmex.com/app/restAPI#Limits */
export const bitmex: VenueTraits = {
  ...defaultTraits,
  acceptanceMs: signatureLifeMs + secondMs + clockAheadMsMax,
  limits: [
    { name: 'requests', scope: 'key', kind: 'bucket', unitsMax: 120, windowMs: 60_000, counts: 'all' },
    { name: 'orders', scope: 'key', kind: 'window', unitsMax: 10, windowMs: secondMs, counts: 'orders' },
  ],
  limitWindowMs: 60_000,
  findsByClientOrderId: true,
  pageSize: 500,
  // https://www.bitmex.com/api/explorer/#!/Order: a stop keeps its ids when it is triggered, and an order when it is amended.
  triggers: {
    types: () => ['stop', 'stop_limit', 'take_profit'],
    timesInForce: ['GTC'],
    parametersOf: triggerByDirection,
  },
  amends: { of: () => true, wholeTerms: false, triggerParameters: (triggerPrice) => ({ triggerPrice }) },
};
