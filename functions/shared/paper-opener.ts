/** Opens the venues of paper accounts, and keeps them, so that an account's changes in one process wait for each other. */
import type { AccountId, Clock, ConfiguredAccount, Market, PaperStore, VenueId, VenuePort } from '@nightdesk/core';
import { createPaperVenue } from './paper-venue.ts';
import { withRecentPrices } from './recent-prices.ts';

export interface PaperOpenerDependencies {
  store: PaperStore;
  /** The venue as everybody sees it; the same one until its settings change. */
  openPublicVenue(venue: VenueId): Promise<VenuePort>;
  findMarket(venue: VenueId, symbol: string): Promise<Market | undefined>;
  clock: Clock;
}

export function createPaperOpener({ store, openPublicVenue, findMarket, clock }: PaperOpenerDependencies) {
  const opened = new Map<AccountId, { settings: string; data: VenuePort; venue: VenuePort }>();
  /** @throws TypeError when the account has no settings of paper accounts, which the configuration is checked for */
  return async (account: ConfiguredAccount): Promise<VenuePort> => {
    const { id, venue: name, paper } = account;
    if (paper === undefined) throw new TypeError(`account ${id} has nothing to begin with`);
    const data = await openPublicVenue(name);
    const settings = JSON.stringify([name, paper]);
    const known = opened.get(id);
    if (known?.settings === settings && known.data === data) return known.venue;
    const find = (symbol: string) => findMarket(name, symbol);
    const paperVenue = createPaperVenue({ account: { id, venue: name, paper }, data, store, findMarket: find, clock });
    const venue = withRecentPrices(paperVenue, clock);
    opened.set(id, { settings, data, venue });
    return venue;
  };
}
