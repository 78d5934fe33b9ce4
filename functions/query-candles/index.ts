import {
  createArchive,
  createAwsSecrets,
  createCandleRepository,
  createDynamoDbClient,
  createS3Client,
  createSeriesRepository,
  createTelemetry,
  httpFunction,
  readEnvironment,
  systemClock,
} from '@nightdesk/aws';
import { createCandleReader, environmentNames } from '@nightdesk/core';
import { createHandler } from './handler.ts';

const { candlesTable, archiveBucket, secretsPrefix } = environmentNames;
const environment = readEnvironment({ candlesTable, archiveBucket, secretsPrefix });
const dynamoDb = createDynamoDbClient();
const candles = createCandleRepository(dynamoDb, environment.candlesTable);
const series = createSeriesRepository(dynamoDb, environment.candlesTable);
const cold = createArchive(createS3Client(), environment.archiveBucket);

export const handler = httpFunction(
  createHandler({
    ...{ secrets: createAwsSecrets(), secretsPrefix: environment.secretsPrefix },
    ...{ candles, series, reader: createCandleReader({ candles, cold, series }), clock: systemClock },
  }),
  createTelemetry('query-candles'),
);
