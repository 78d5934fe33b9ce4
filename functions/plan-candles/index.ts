import {
  createDeskConfigProvider,
  createDynamoDbClient,
  createMarketLister,
  createSeriesRepository,
  createSqsCandleJobs,
  createSqsClient,
  createTelemetry,
  readEnvironment,
  systemClock,
} from '@nightdesk/aws';
import { environmentNames } from '@nightdesk/core';
import { type CandlePlanSummary, createHandler } from './handler.ts';

const { candlesTable, marketsTable, candleJobsQueueUrl, backfillJobsQueueUrl } = environmentNames;
const tables = readEnvironment({ candlesTable, marketsTable });
const queues = readEnvironment({ candleJobsQueueUrl, backfillJobsQueueUrl });
const telemetry = createTelemetry('plan-candles');
const dynamoDb = createDynamoDbClient();
const provider = createDeskConfigProvider();
const planAll = createHandler({
  // What was read a minute ago is no newer than the schedule, and what was saved is to be collected at once.
  loadConfig: () => provider({ newest: true }),
  series: createSeriesRepository(dynamoDb, tables.candlesTable),
  listMarkets: createMarketLister(dynamoDb, tables.marketsTable),
  jobs: createSqsCandleJobs(createSqsClient(), queues),
  clock: systemClock,
  telemetry,
});

export function handler(): Promise<CandlePlanSummary> {
  return planAll().finally(() => telemetry.flush());
}
