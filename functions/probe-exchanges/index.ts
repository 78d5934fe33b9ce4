import {
  createCoordinationTable,
  createDeskConfigProvider,
  createDynamoDbClient,
  createTelemetry,
  readEnvironment,
  systemClock,
} from '@nightdesk/aws';
import { environmentNames } from '@nightdesk/core';
import { createPublicVenues } from '../shared/public-venue.ts';
import { openVenueFleets } from '../shared/venue-fleets.ts';
import { createHandler, type ProbeSummary } from './handler.ts';

const { coordinationTable, venuesDirectory } = environmentNames;
const environment = readEnvironment({ coordinationTable, venuesDirectory });
const telemetry = createTelemetry('probe-exchanges');
const probeAll = createHandler({
  loadConfig: createDeskConfigProvider(),
  // Kept, so that a probe measures the venue and not a new connection.
  openVenue: createPublicVenues({
    clock: systemClock,
    directory: environment.venuesDirectory,
    fleetOf: openVenueFleets(telemetry),
  }),
  coordination: createCoordinationTable(createDynamoDbClient(), environment.coordinationTable),
  clock: systemClock,
  telemetry,
});

export function handler(): Promise<ProbeSummary> {
  return probeAll().finally(() => telemetry.flush());
}
