/** The service as it runs for real: on the tables, queues and secrets that its environment names. */
import { randomUUID } from 'node:crypto';
import {
  createAwsSecrets,
  createCoordinationTable,
  createDeskConfigProvider,
  createDynamoDbClient,
  createMarketLister,
  createMarketsRepository,
  createQuotesRepository,
  createS3Client,
  createSeriesRepository,
  createSqsClient,
  createSqsOrderNews,
  createTickArchive,
  systemClock,
  type Telemetry,
} from '@nightdesk/aws';
import { monotonicMs } from '@nightdesk/exchange/streams/monotonic-ms.ts';
import { createVenueFleets } from '@nightdesk/functions/shared/venue-fleets.ts';
import { readStreamEnvironment } from './environment.ts';
import { createPublisher } from './publish/create-publisher.ts';
import type { StreamServiceDependencies } from './service.ts';
import { createProcessGauges } from './status/process-gauges.ts';
import { createVenueStreams } from './venue-streams.ts';

/** @throws EnvironmentError naming every variable that is missing */
export function wireService(telemetry: Telemetry): StreamServiceDependencies {
  const environment = readStreamEnvironment();
  const clock = systemClock;
  const dynamoDb = createDynamoDbClient();
  // A client of its own: a beat must not wait behind quotes for a connection.
  const coordination = createCoordinationTable(createDynamoDbClient(), environment.coordinationTable);
  const { egressName, secretsPrefix, venuesDirectory: directory } = environment;
  const fleetOf = createVenueFleets({ store: coordination, egressName, clock, telemetry });
  const { get: findMarket } = createMarketsRepository(dynamoDb, environment.marketsTable);
  const series = createSeriesRepository(dynamoDb, environment.candlesTable);
  const quotes = createQuotesRepository(dynamoDb, environment.quotesTable, clock);
  const news = createSqsOrderNews(createSqsClient(), environment.orderNewsQueueUrl);
  const archive = createTickArchive(createS3Client(), environment.archiveBucket);
  const random = Math.random;
  return {
    task: randomUUID(),
    loadConfig: createDeskConfigProvider(),
    listMarkets: createMarketLister(dynamoDb, environment.marketsTable),
    ranking: (venue) => series.ranking(venue),
    createPublisher: (observer) => createPublisher({ quotes, news, archive, clock, monotonicMs, observer }),
    ...createVenueStreams({
      directory,
      clock,
      random,
      fleetOf,
      findMarket,
      secrets: createAwsSecrets(),
      secretsPrefix,
    }),
    ...{ coordination, quotes, clock, monotonicMs, random, telemetry, gauges: createProcessGauges() },
  };
}
