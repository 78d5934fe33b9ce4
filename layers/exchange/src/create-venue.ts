/** A venue as an account sees it: ccxt's class for it, behind Nightdesk's port. */
import type { Market, OrderReference, VenuePort } from '@nightdesk/core';
import { type ClientOptions, constructClient } from './construct-client.ts';
import { secretValues } from './credentials.ts';
import { OrderSearch } from './find-order.ts';
import type { SkippedMarket } from './map-market.ts';
import { fetchMarkets, fetchPrice } from './market-data.ts';
import { placeOrder } from './place-order.ts';
import { traitsOf } from './traits/index.ts';
import { sendWithinMs, VenueSession } from './venue-session.ts';

export interface CreateVenueOptions extends ClientOptions {
  /** Told of the markets that a refresh could not take over, and why. */
  onSkippedMarkets?: (skipped: readonly SkippedMarket[]) => void;
}

/**
 * Loads the venue's class from the layer and constructs it. Keep the result: it holds connections, the request limit
 * and the clock's offset.
 *
 * @throws ConfigurationError when there is no such venue, or it has no sandbox and no `baseUrl` stands in for one.
 * @throws SecretUnavailableError when the credentials lack a field that the venue asks for.
 */
export async function createVenue(options: CreateVenueOptions): Promise<VenuePort> {
  const { venue, clock } = options;
  const traits = traitsOf(venue);
  const { client, context } = await constructClient(options, traits);
  const session = new VenueSession(client, context, secretValues(options.credentials));
  const find = (reference: OrderReference, market: Market) =>
    new OrderSearch({ session, traits, reference, market }).run();
  return {
    settlingMs: sendWithinMs.order + traits.acceptanceMs,
    findOrder: find,
    placeOrder(request, market) {
      const sinceMs = clock.nowMs() - traits.acceptanceMs;
      const { clientOrderId, symbol, side, amount } = request;
      return placeOrder(session, {
        request,
        market,
        find: (venueOrderId) =>
          find({ clientOrderId, symbol, side, amount, sinceMs, ...(venueOrderId && { venueOrderId }) }, market),
      });
    },
    fetchMarkets: () => fetchMarkets(venue, session, options.onSkippedMarkets),
    fetchPrice: (market, side) => fetchPrice(venue, session, { market, side }),
  };
}
