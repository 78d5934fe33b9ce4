import type { Clock, DeskConfig, ExecutionPorts, MarketsStore, VenueId } from '@nightdesk/core';
import { createVenue } from '@nightdesk/exchange';
import type { FleetOf } from './venue-fleets.ts';

/** A venue is asked for its markets at most this often from one sandbox. */
const refreshPauseMs = 60_000;

interface MarketFinderDependencies {
  markets: MarketsStore;
  clock: Clock;
  loadConfig(): Promise<DeskConfig>;
  /** Folder of the venue layer. */
  directory: string;
  /** Those who share the venues' limits. Absent keeps them for this process alone. */
  fleetOf?: FleetOf;
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
  const { markets, clock, loadConfig, directory, fleetOf } = dependencies;
  const config = await loadConfig();
  const exchangeConfig = config.exchanges[venue];
  if (exchangeConfig === undefined) throw new TypeError(`exchange ${venue} is not configured`);
  const live = Object.values(config.accounts).some((account) => account.exchange === venue && account.mode === 'live');
  const mode = live ? 'live' : 'sandbox';
  const fleet = fleetOf?.(venue);
  const port = await createVenue({ venue, directory, mode, exchangeConfig, clock, fleet });
  return markets.replaceAll(venue, await port.fetchMarkets());
}
