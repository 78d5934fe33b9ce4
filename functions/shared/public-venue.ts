import type { Clock, DeskConfig, VenueId, VenuePort } from '@nightdesk/core';
import { createVenue } from '@nightdesk/exchange';
import type { FleetOf } from './venue-fleets.ts';

export interface PublicVenueDependencies {
  clock: Clock;
  /** Folder of the venue layer. */
  directory: string;
  /** Those who share the venues' limits. Absent keeps them for this process alone. */
  fleetOf?: FleetOf;
}

/**
 * A configured venue without anybody's keys: at its real address as soon as one account there is live, since the markets of
 * a test network are not those that are traded, or is a paper account, whose orders fill by what is really traded.
 *
 * @throws TypeError when the venue is not configured
 */
export async function openPublicVenue(
  venue: VenueId,
  config: DeskConfig,
  { clock, directory, fleetOf }: PublicVenueDependencies,
): Promise<VenuePort> {
  const exchangeConfig = config.exchanges[venue];
  if (exchangeConfig === undefined) throw new TypeError(`exchange ${venue} is not configured`);
  const mode = publicModeOf(venue, config);
  return createVenue({ venue, directory, mode, exchangeConfig, clock, fleet: fleetOf?.(venue) });
}

/** Where there is no account yet, nobody has said that the test network is meant but the exchange itself. */
export function publicModeOf(venue: VenueId, { accounts, exchanges }: DeskConfig): 'live' | 'sandbox' {
  const modes = Object.values(accounts).flatMap(({ exchange, mode }) => (exchange === venue ? [mode] : []));
  const isReal = modes.length === 0 || modes.some((mode) => mode !== 'sandbox');
  return isReal && exchanges[venue]?.sandbox !== true ? 'live' : 'sandbox';
}

/**
 * Opens each venue once, as `openPublicVenue` does, and keeps it, so that its connections are. One whose settings or mode
 * changed is opened anew, and one that could not be opened is tried again.
 */
export function createPublicVenues(
  dependencies: PublicVenueDependencies,
): (venue: VenueId, config: DeskConfig) => Promise<VenuePort> {
  const opened = new Map<VenueId, { settings: string; port: Promise<VenuePort> }>();
  return (venue, config) => {
    const settings = JSON.stringify([publicModeOf(venue, config), config.exchanges[venue]]);
    const known = opened.get(venue);
    if (known?.settings === settings) return known.port;
    const port = openPublicVenue(venue, config, dependencies);
    opened.set(venue, { settings, port });
    port.catch(() => opened.get(venue)?.port === port && opened.delete(venue));
    return port;
  };
}
