import {
  createAwsSecrets,
  createCoordinationTable,
  createDeskConfigProvider,
  createDynamoDbClient,
  createTelemetry,
  readEnvironment,
  systemClock,
} from '@nightdesk/aws';
import { environmentNames } from '@nightdesk/core';
import { openVenueFleets } from '../shared/venue-fleets.ts';
import { createVenueOpener } from '../shared/venue-opener.ts';
import { createHandler, type LeasesSummary } from './handler.ts';

const { coordinationTable, liveTrading, secretsPrefix, venuesDirectory } = environmentNames;
const environment = readEnvironment({ coordinationTable, liveTrading, secretsPrefix, venuesDirectory });
const telemetry = createTelemetry('renew-leases');
const renewAll = createHandler({
  loadConfig: createDeskConfigProvider(),
  openVenue: createVenueOpener({
    secrets: createAwsSecrets(),
    secretsPrefix: environment.secretsPrefix,
    directory: environment.venuesDirectory,
    clock: systemClock,
    fleetOf: openVenueFleets(telemetry),
  }),
  coordination: createCoordinationTable(createDynamoDbClient(), environment.coordinationTable),
  liveTrading: environment.liveTrading === 'on',
  clock: systemClock,
  telemetry,
});

export function handler(): Promise<LeasesSummary> {
  return renewAll().finally(() => telemetry.flush());
}
