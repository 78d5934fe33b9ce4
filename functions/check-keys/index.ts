import {
  createDeskConfigProvider,
  createSecretsManagerClient,
  createSecretVersions,
  createTelemetry,
  readEnvironment,
  systemClock,
} from '@nightdesk/aws';
import { environmentNames } from '@nightdesk/core';
import { createKeyInspector } from '@nightdesk/exchange';
import { openVenueFleets } from '../shared/venue-fleets.ts';
import { createHandler, KeysRefusedError, type KeysSummary } from './handler.ts';

const { secretsPrefix, venuesDirectory } = environmentNames;
const environment = readEnvironment({ secretsPrefix, venuesDirectory });
const telemetry = createTelemetry('check-keys');
const checkAll = createHandler({
  loadConfig: createDeskConfigProvider(),
  secretsPrefix: environment.secretsPrefix,
  versions: createSecretVersions(createSecretsManagerClient()),
  inspectKey: createKeyInspector({
    directory: environment.venuesDirectory,
    clock: systemClock,
    fleetOf: openVenueFleets(telemetry),
  }),
  clock: systemClock,
  telemetry,
});

export async function handler(): Promise<KeysSummary> {
  const summary = await checkAll();
  telemetry.flush();
  if (summary.refused.length > 0) throw new KeysRefusedError(summary.refused);
  return summary;
}
