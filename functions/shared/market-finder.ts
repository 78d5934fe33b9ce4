import type { DeskConfig, ExecutionPorts, MarketsStore, VenueId } from '@nightdesk/core';
import { openPublicVenue, type PublicVenueDependencies } from './public-venue.ts';

/** A venue is asked for its markets at most this often from one sandbox. */
const refreshPauseMs = 60_000;

interface MarketFinderDependencies extends PublicVenueDependencies {
  markets: MarketsStore;
  loadConfig(): Promise<DeskConfig>;
}

/** Finds a market in the store. What the store does not have, a listing of today for one, is asked of the venue itself. */
export function createMarketFinder(dependencies: MarketFinderDependencies): ExecutionPorts['findMarket'] {
  const { markets, clock } = dependencies;
  const refreshedAtMs = new Map<VenueId, number>();
  const refreshing = new Map<VenueId, Promise<unknown>>();
  /** Lanes that miss a market at the same moment wait for one list. */
  const refresh = (venue: VenueId): Promise<unknown> => {
    const running =
      refreshing.get(venue) ?? refreshMarkets(venue, dependencies).finally(() => refreshing.delete(venue));
    refreshing.set(venue, running);
    return running;
  };
  return async (venue, symbol) => {
    const stored = await markets.get(venue, symbol);
    const lastMs = refreshedAtMs.get(venue);
    if (stored !== undefined || (lastMs !== undefined && clock.nowMs() - lastMs < refreshPauseMs)) return stored;
    await refresh(venue);
    refreshedAtMs.set(venue, clock.nowMs());
    return markets.get(venue, symbol);
  };
}

/**
 * Makes the stored markets of one venue those of the venue now.
 *
 * @throws VenueError when the venue does not answer; the stored markets then stay as they are
 */
export async function refreshMarkets(venue: VenueId, dependencies: MarketFinderDependencies) {
  const port = await openPublicVenue(venue, await dependencies.loadConfig(), dependencies);
  return dependencies.markets.replaceAll(venue, await port.fetchMarkets());
}
