import {
  createAwsSecrets,
  createDeskConfigProvider,
  createDynamoDbClient,
  createRiskRepository,
  createTelemetry,
  httpFunction,
  readEnvironment,
  systemClock,
} from '@nightdesk/aws';
import { environmentNames } from '@nightdesk/core';
import { createHandler } from './handler.ts';

const { riskTable, journalTable, secretsPrefix } = environmentNames;
const environment = readEnvironment({ riskTable, journalTable, secretsPrefix });
const telemetry = createTelemetry('switch-risk');

export const handler = httpFunction(
  createHandler({
    loadConfig: createDeskConfigProvider(),
    secrets: createAwsSecrets(),
    secretsPrefix: environment.secretsPrefix,
    risk: createRiskRepository(createDynamoDbClient(), {
      risk: environment.riskTable,
      journal: environment.journalTable,
    }),
    clock: systemClock,
    telemetry,
  }),
  telemetry,
);
