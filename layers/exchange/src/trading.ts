/** Places, finds, changes and cancels orders. */
import type { Market, OrderReference, TradingPort, VenueOrderId } from '@nightdesk/core';
import { amendOrder } from './amend-order.ts';
import type { VenueContext } from './ask-venue.ts';
import { cancelOrder } from './cancel-order.ts';
import { OrderSearch } from './find-order.ts';
import { abilitiesOf } from './order-abilities.ts';
import { placeOrder } from './place-order.ts';
import { MarketPreparation } from './prepare-market.ts';
import { sendWithinMs } from './venue-session.ts';

export function createTrading(context: VenueContext): TradingPort {
  const { session, traits } = context;
  const preparation = new MarketPreparation(context);
  const find = (reference: OrderReference, market: Market) =>
    new OrderSearch({ session, traits, reference, market }).run();
  const finderOf = (reference: OrderReference, market: Market) => (venueOrderId?: VenueOrderId) =>
    find({ ...reference, ...(venueOrderId !== undefined && { venueOrderId }) }, market);
  return {
    settlingMs: sendWithinMs.order + traits.acceptanceMs,
    findOrder: find,
    abilitiesOf: (market) => abilitiesOf(context, market),
    placeOrder(request, market) {
      const { clientOrderId, symbol, side, amount, type } = request;
      const reference = { clientOrderId, symbol, side, amount, type, sinceMs: session.nowMs() - traits.acceptanceMs };
      const abilities = abilitiesOf(context, market);
      return placeOrder(session, { request, market, traits, abilities, find: finderOf(reference, market) });
    },
    cancelOrder: (reference, market) => cancelOrder(session, { reference, market, find: finderOf(reference, market) }),
    amendOrder: (reference, change, market) =>
      amendOrder(context, { reference, change, market, find: finderOf(reference, market) }),
    prepareMarket: (settings, market) => preparation.prepare(settings, market),
  };
}
