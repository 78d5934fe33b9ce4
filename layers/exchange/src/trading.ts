/** Places, finds and cancels orders. */
import type { Market, OrderAbilities, OrderReference, TradingPort, VenueOrderId } from '@nightdesk/core';
import type { VenueContext } from './ask-venue.ts';
import { cancelOrder } from './cancel-order.ts';
import { OrderSearch } from './find-order.ts';
import { placeOrder } from './place-order.ts';
import { sendWithinMs } from './venue-session.ts';

export function createTrading({ session, traits }: VenueContext): TradingPort {
  const find = (reference: OrderReference, market: Market) =>
    new OrderSearch({ session, traits, reference, market }).run();
  const finderOf = (reference: OrderReference, market: Market) => (venueOrderId?: VenueOrderId) =>
    find({ ...reference, ...(venueOrderId !== undefined && { venueOrderId }) }, market);
  return {
    settlingMs: sendWithinMs.order + traits.acceptanceMs,
    findOrder: find,
    placeOrder(request, market) {
      const { clientOrderId, symbol, side, amount } = request;
      const reference = { clientOrderId, symbol, side, amount, sinceMs: session.nowMs() - traits.acceptanceMs };
      return placeOrder(session, { request, market, traits, find: finderOf(reference, market) });
    },
    abilitiesOf: () => leastAbilities,
    amendOrder: async (_reference, _change, market) => {
      const message = `not sent: ${market.venue} changes no orders in place`;
      return { kind: 'not_amended', evidence: { code: 'not_supported', message } };
    },
    prepareMarket: async (settings, market) => {
      const asked = Object.values(settings).some((setting) => setting !== undefined);
      const message = `not sent: ${market.venue} is not set up by Nightdesk`;
      return asked ? { kind: 'refused', cause: { code: 'not_supported', message } } : { kind: 'ready' };
    },
    cancelOrder: (reference, market) => cancelOrder(session, { reference, market, find: finderOf(reference, market) }),
  };
}

/** What every venue can keep. */
const leastAbilities: OrderAbilities = {
  types: new Set(['market', 'limit']),
  timesInForce: new Set(['GTC']),
  ...{ reduceOnly: false, iceberg: false, amends: false, leverage: false, marginMode: false },
};
