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
import { createHandler } from './handler.ts';
import { parseRotationEvent } from './schema.ts';

const { secretsPrefix, venuesDirectory } = environmentNames;
const environment = readEnvironment({ secretsPrefix, venuesDirectory });
const telemetry = createTelemetry('rotate-key');
const rotate = createHandler({
  loadConfig: createDeskConfigProvider(),
  secretsPrefix: environment.secretsPrefix,
  versions: createSecretVersions(createSecretsManagerClient()),
  inspectKey: createKeyInspector({ directory: environment.venuesDirectory, clock: systemClock }),
  telemetry,
});

export const handler = (event: unknown): Promise<void> => rotate(parseRotationEvent(event));
