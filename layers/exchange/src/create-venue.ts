/** A venue as an account sees it: ccxt's class for it, behind Nightdesk's port. */
import type { Clock, ExchangeConfig, Market, OrderReference, VenueId, VenuePort } from '@nightdesk/core';
import { ConfigurationError } from '@nightdesk/core';
import { rebaseUrls } from './base-url.ts';
import { type Credentials, secretValues } from './credentials.ts';
import { OrderSearch } from './find-order.ts';
import { createHttpTransport } from './http-transport.ts';
import { loadVenueClass } from './load-venue-class.ts';
import type { SkippedMarket } from './map-market.ts';
import { fetchMarkets, fetchPrice } from './market-data.ts';
import { type ClientContext, constructObserved } from './observed-client.ts';
import { placeOrder } from './place-order.ts';
import { RequestWindow } from './request-window.ts';
import { traitsOf, type VenueTraits } from './traits/index.ts';
import type { VenueClass, VenueClient } from './venue-client.ts';
import { sendWithinMs, VenueSession } from './venue-session.ts';

export interface CreateVenueOptions {
  venue: VenueId;
  /** The folder `venues` of the layer: `/opt/venues` on Lambda. */
  directory: string;
  /** Absent where only public data is asked for. */
  credentials?: Credentials;
  mode: 'sandbox' | 'live';
  exchangeConfig: Pick<ExchangeConfig, 'baseUrl' | 'timeoutMs'>;
  clock: Clock;
  /** Told of the markets that a refresh could not take over, and why. */
  onSkippedMarkets?: (skipped: readonly SkippedMarket[]) => void;
}

/**
 * Loads the venue's class from the layer and constructs it. Keep the result: it holds connections, the request limit
 * and the clock's offset.
 *
 * @throws ConfigurationError when there is no such venue, or it has no sandbox and no `baseUrl` stands in for one.
 */
export async function createVenue(options: CreateVenueOptions): Promise<VenuePort> {
  const { venue, directory, clock } = options;
  const Venue = await loadVenueClass(venue, { directory, kind: 'rest' });
  const traits = traitsOf(venue);
  const context: ClientContext = {
    clock,
    window: new RequestWindow(traits.limitWindowMs),
    aheadMs: 0,
    originalUrl: (url) => url,
  };
  const client = construct(Venue, { ...options, traits }, context);
  context.window.setRate(client.rateLimit);
  point(client, options, context);
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

function construct(
  Venue: VenueClass,
  { traits, credentials, mode, exchangeConfig, clock }: CreateVenueOptions & { traits: VenueTraits },
  context: ClientContext,
): VenueClient {
  const config = {
    ...credentials,
    number: String,
    enableRateLimit: true,
    timeout: exchangeConfig.timeoutMs,
    fetchImplementation: createHttpTransport(clock),
    options: {
      ...traits.options,
      ...(mode === 'sandbox' && exchangeConfig.baseUrl === undefined && traits.sandboxOptions),
    },
  };
  return constructObserved(Venue, config, context);
}

/** Sends everything to the configured address, else to the venue's sandbox if that is the account's mode. */
function point(client: VenueClient, { venue, mode, exchangeConfig }: CreateVenueOptions, context: ClientContext): void {
  if (exchangeConfig.baseUrl !== undefined) {
    const rebased = rebaseUrls(client.urls.api, exchangeConfig.baseUrl);
    client.urls = {
      ...client.urls,
      api: rebased.urls,
      test: rebaseUrls(client.urls.test, exchangeConfig.baseUrl).urls,
    };
    context.originalUrl = rebased.original;
    return;
  }
  if (mode === 'live') return;
  if (client.urls.test === undefined) {
    throw new ConfigurationError(`exchange "${venue}" has no sandbox; set its baseUrl or use an account in mode live`);
  }
  client.setSandboxMode(true);
}
