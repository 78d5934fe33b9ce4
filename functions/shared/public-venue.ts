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
 * a test network are not those that are traded.
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
  const live = Object.values(config.accounts).some((account) => account.exchange === venue && account.mode === 'live');
  const mode = live ? 'live' : 'sandbox';
  return createVenue({ venue, directory, mode, exchangeConfig, clock, fleet: fleetOf?.(venue) });
}
