/** A venue as an account sees it: ccxt's class for it, behind Nightdesk's port. */
import type { VenuePort } from '@nightdesk/core';
import { createAccount } from './account.ts';
import { type ClientOptions, constructClient } from './construct-client.ts';
import { secretValues } from './credentials.ts';
import { createMarketData, type OnSkippedMarkets } from './market-data.ts';
import type { MarketLists } from './market-lists.ts';
import { createStatus } from './status.ts';
import { createTrading } from './trading.ts';
import { traitsOf } from './traits/index.ts';
import { VenueSession } from './venue-session.ts';

export interface CreateVenueOptions extends ClientOptions {
  /** Told of the markets that a refresh could not take over, and why. */
  onSkippedMarkets?: OnSkippedMarkets;
  /** Shared with other accounts of the process; absent keeps a list of its own. */
  marketLists?: MarketLists | undefined;
}

/**
 * Loads the venue's class from the layer and constructs it. Keep the result: it holds connections, the request limit
 * and the clock's offset.
 *
 * @throws ConfigurationError when there is no such venue, or it has no sandbox and no `baseUrl` stands in for one.
 * @throws SecretUnavailableError when the credentials lack a field that the venue asks for.
 */
export async function createVenue(options: CreateVenueOptions): Promise<VenuePort> {
  const { venue } = options;
  const traits = traitsOf(venue);
  const { client, context } = await constructClient(options, traits);
  context.marketLists = options.marketLists;
  const session = new VenueSession(client, context, secretValues(options.credentials));
  const parts = { venue, session, traits };
  return {
    ...createTrading(parts),
    ...createMarketData(parts, options.onSkippedMarkets),
    ...createAccount(parts),
    ...createStatus(parts),
  };
}
