import {
  createAwsSecrets,
  createDynamoDbClient,
  createQuotesRepository,
  createTelemetry,
  httpFunction,
  readEnvironment,
  systemClock,
} from '@nightdesk/aws';
import { environmentNames } from '@nightdesk/core';
import { createHandler } from './handler.ts';

const { quotesTable, secretsPrefix } = environmentNames;
const environment = readEnvironment({ quotesTable, secretsPrefix });

export const handler = httpFunction(
  createHandler({
    secrets: createAwsSecrets(),
    secretsPrefix: environment.secretsPrefix,
    quotes: createQuotesRepository(createDynamoDbClient(), environment.quotesTable, systemClock),
    clock: systemClock,
  }),
  createTelemetry('query-quotes'),
);
