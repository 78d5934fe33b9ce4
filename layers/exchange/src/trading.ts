/** Places, finds and cancels orders. */
import type { Market, OrderReference, TradingPort, VenueOrderId } from '@nightdesk/core';
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
    cancelOrder: (reference, market) => cancelOrder(session, { reference, market, find: finderOf(reference, market) }),
  };
}
