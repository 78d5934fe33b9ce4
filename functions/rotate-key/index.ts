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
import { createHandler } from './handler.ts';
import { parseRotationEvent } from './schema.ts';

const { secretsPrefix, venuesDirectory } = environmentNames;
const environment = readEnvironment({ secretsPrefix, venuesDirectory });
const telemetry = createTelemetry('rotate-key');
const rotate = createHandler({
  loadConfig: createDeskConfigProvider(),
  secretsPrefix: environment.secretsPrefix,
  versions: createSecretVersions(createSecretsManagerClient()),
  inspectKey: createKeyInspector({
    directory: environment.venuesDirectory,
    clock: systemClock,
    fleetOf: openVenueFleets(telemetry),
  }),
  telemetry,
});

export async function handler(event: unknown): Promise<void> {
  try {
    await rotate(parseRotationEvent(event));
  } finally {
    telemetry.flush();
  }
}
