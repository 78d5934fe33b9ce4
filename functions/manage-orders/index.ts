import {
  createAwsSecrets,
  createDeskConfigProvider,
  createDynamoDbClient,
  createItemReader,
  createMarketsRepository,
  createOrderReader,
  createSignalsRepository,
  createSqsClient,
  createSqsSignalQueue,
  createTelemetry,
  httpFunction,
  readEnvironment,
  systemClock,
} from '@nightdesk/aws';
import { environmentNames } from '@nightdesk/core';
import { cachedMarkets } from '../shared/cached-markets.ts';
import { createHandler } from './handler.ts';

const { signalsTable, journalTable, marketsTable, ordersTable, signalsQueueUrl, secretsPrefix } = environmentNames;
const environment = readEnvironment({
  ...{ signalsTable, journalTable, marketsTable, ordersTable },
  ...{ signalsQueueUrl, secretsPrefix },
});
const dynamoDb = createDynamoDbClient();
const telemetry = createTelemetry('manage-orders');

export const handler = httpFunction(
  createHandler({
    loadConfig: createDeskConfigProvider(),
    secrets: createAwsSecrets(),
    secretsPrefix: environment.secretsPrefix,
    signals: createSignalsRepository(dynamoDb, {
      signals: environment.signalsTable,
      journal: environment.journalTable,
    }),
    orders: createOrderReader(createItemReader(dynamoDb), environment.ordersTable),
    markets: cachedMarkets(createMarketsRepository(dynamoDb, environment.marketsTable), systemClock),
    queue: createSqsSignalQueue(createSqsClient(), environment.signalsQueueUrl),
    clock: systemClock,
    telemetry,
  }),
  telemetry,
);
