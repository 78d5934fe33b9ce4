import {
  createArchive,
  createCandleRepository,
  createCoordinationTable,
  createDeskConfigProvider,
  createDynamoDbClient,
  createJournalStreams,
  createMarketLister,
  createMarketsRepository,
  createMessageRelease,
  createS3Client,
  createSeriesRepository,
  createSqsCandleJobs,
  createSqsClient,
  createTelemetry,
  readEnvironment,
  systemClock,
} from '@nightdesk/aws';
import { environmentNames } from '@nightdesk/core';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { cachedMarkets } from '../shared/cached-markets.ts';
import { processLanes } from '../shared/lane-batch.ts';
import { createPublicVenues } from '../shared/public-venue.ts';
import { openVenueFleets } from '../shared/venue-fleets.ts';
import { createHandler } from './handler.ts';
import { announcingFleets, yieldingFleets } from './yielding.ts';

const { candlesTable, marketsTable, journalTable, coordinationTable, archiveBucket } = environmentNames;
const { candleJobsQueueUrl, backfillJobsQueueUrl, venuesDirectory } = environmentNames;
const names = { candlesTable, marketsTable, journalTable, coordinationTable, archiveBucket, venuesDirectory };
const environment = readEnvironment(names);
const queues = readEnvironment({ candleJobsQueueUrl, backfillJobsQueueUrl });
const telemetry = createTelemetry('collect-candles');
const [dynamoDb, sqs] = [createDynamoDbClient(), createSqsClient()];
const clock = systemClock;
const markets = cachedMarkets(createMarketsRepository(dynamoDb, environment.marketsTable), clock);
const fleetOf = openVenueFleets(telemetry);
const store = createCoordinationTable(dynamoDb, environment.coordinationTable);
const directory = environment.venuesDirectory;
const yieldingOptions = { store, clock, telemetry };
/** What is waited for and what can wait have venues of their own, since each of these keeps its own account of its requests. */
const openers = {
  live: createPublicVenues({ clock, directory, fleetOf: announcingFleets(fleetOf, yieldingOptions) }),
  patient: createPublicVenues({ clock, directory, fleetOf: yieldingFleets(fleetOf, yieldingOptions) }),
};
const perform = createHandler({
  loadConfig: createDeskConfigProvider(),
  candles: createCandleRepository(dynamoDb, environment.candlesTable),
  series: createSeriesRepository(dynamoDb, environment.candlesTable),
  cold: createArchive(createS3Client(), environment.archiveBucket),
  jobs: createSqsCandleJobs(sqs, queues),
  journal: createJournalStreams(dynamoDb, environment.journalTable),
  findMarket: (venue, symbol) => markets.get(venue, symbol),
  listMarkets: createMarketLister(dynamoDb, environment.marketsTable),
  openVenue: (venue, config, urgency) => openers[urgency](venue, config),
  clock,
  telemetry,
});
const releases = {
  jobs: createMessageRelease(sqs, queues.candleJobsQueueUrl),
  backfills: createMessageRelease(sqs, queues.backfillJobsQueueUrl),
};
const backfillQueueName = queues.backfillJobsQueueUrl.split('/').at(-1) ?? '';

/** The messages of an invocation all come from one of the two queues. */
function release(records: readonly SQSRecord[], delaySeconds: number): Promise<void> {
  const isBackfill = records[0]?.eventSourceARN.endsWith(`:${backfillQueueName}`) ?? false;
  return releases[isBackfill ? 'backfills' : 'jobs'](records, delaySeconds);
}

export async function handler(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  const endsAtMs = clock.nowMs() + context.getRemainingTimeInMillis();
  const batchItemFailures = await processLanes(event.Records, endsAtMs, {
    ...{ handle: perform, release, nowMs: clock.nowMs, telemetry },
  });
  telemetry.flush();
  return { batchItemFailures };
}
