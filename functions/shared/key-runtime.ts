/** What the functions that look after trading keys have in common at run time. */
import {
  createDeskConfigProvider,
  createSecretsManagerClient,
  createSecretVersions,
  readEnvironment,
  systemClock,
  type Telemetry,
} from '@nightdesk/aws';
import { environmentNames } from '@nightdesk/core';
import { createKeyInspector } from '@nightdesk/exchange';
import { openVenueFleets } from './venue-fleets.ts';

/** @throws EnvironmentError at cold start when a variable is missing */
export function createKeyRuntime(telemetry: Telemetry) {
  const { secretsPrefix, venuesDirectory } = environmentNames;
  const environment = readEnvironment({ secretsPrefix, venuesDirectory });
  return {
    loadConfig: createDeskConfigProvider(),
    secretsPrefix: environment.secretsPrefix,
    versions: createSecretVersions(createSecretsManagerClient()),
    inspectKey: createKeyInspector({
      directory: environment.venuesDirectory,
      clock: systemClock,
      fleetOf: openVenueFleets(telemetry),
    }),
    telemetry,
  };
}
