import {
  createCoordinationTable,
  createDeskConfigProvider,
  createDynamoDbClient,
  createTelemetry,
  readEnvironment,
  systemClock,
} from '@nightdesk/aws';
import { type DeskConfig, environmentNames, type VenueId, type VenuePort } from '@nightdesk/core';
import { openPublicVenue } from '../shared/public-venue.ts';
import { openVenueFleets } from '../shared/venue-fleets.ts';
import { createHandler, type ProbeSummary } from './handler.ts';

const { coordinationTable, venuesDirectory } = environmentNames;
const environment = readEnvironment({ coordinationTable, venuesDirectory });
const telemetry = createTelemetry('probe-exchanges');
const opening = { clock: systemClock, directory: environment.venuesDirectory, fleetOf: openVenueFleets(telemetry) };
const opened = new Map<VenueId, { settings: string; port: Promise<VenuePort> }>();

/** Settings that changed make a new one; one that could not be opened is tried again with the next run. */
function openVenue(venue: VenueId, config: DeskConfig): Promise<VenuePort> {
  const settings = JSON.stringify(config.exchanges[venue]);
  const known = opened.get(venue);
  if (known?.settings === settings) return known.port;
  const port = openPublicVenue(venue, config, opening);
  opened.set(venue, { settings, port });
  port.catch(() => opened.delete(venue));
  return port;
}

const probeAll = createHandler({
  loadConfig: createDeskConfigProvider(),
  openVenue,
  coordination: createCoordinationTable(createDynamoDbClient(), environment.coordinationTable),
  clock: systemClock,
  telemetry,
});

export function handler(): Promise<ProbeSummary> {
  return probeAll().finally(() => telemetry.flush());
}
