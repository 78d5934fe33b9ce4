import { type Clock, type ConfiguredAccount, type Secrets, secretNames, type VenuePort } from '@nightdesk/core';
import { createVenue, parseCredentials } from '@nightdesk/exchange';
import { withRecentPrices } from './recent-prices.ts';

interface VenueOpenerDependencies {
  secrets: Secrets;
  secretsPrefix: string;
  /** Folder of the venue layer. */
  directory: string;
  clock: Clock;
}

/**
 * Opens venues with an account's credentials and keeps them for the sandbox's life: one built per call would come without
 * its connections and without the count of what it has used of the rate limit. New credentials or settings make a new one.
 */
export function createVenueOpener({ secrets, secretsPrefix, directory, clock }: VenueOpenerDependencies) {
  const opened = new Map<string, { secret: string; settings: string; venue: Promise<VenuePort> }>();
  return async (account: ConfiguredAccount): Promise<VenuePort> => {
    const secretName = secretNames.trading(secretsPrefix, account.id);
    const secret = await secrets.get(secretName);
    const settings = JSON.stringify(account);
    const known = opened.get(account.id);
    if (known !== undefined && known.secret === secret && known.settings === settings) return known.venue;
    const credentials = parseCredentials(secret, secretName);
    const { venue: venueId, exchangeConfig } = account;
    const mode = account.mode === 'live' ? 'live' : 'sandbox';
    const created = createVenue({ venue: venueId, directory, credentials, mode, exchangeConfig, clock });
    const venue = created.then((port) => withRecentPrices(port, clock));
    const entry = { secret, settings, venue };
    opened.set(account.id, entry);
    // One that could not be opened is not kept: the next order tries again. A newer one stays.
    venue.catch(() => opened.get(account.id) === entry && opened.delete(account.id));
    return venue;
  };
}
