/** What a desk has collected, as commands of its owner see it: on this machine, running or not, or deployed. */
import { existsSync } from 'node:fs';
import { type DynamoDBClient, paginateListTables } from '@aws-sdk/client-dynamodb';
import {
  bucketsNamed,
  createArchive,
  createCandleRepository,
  createDynamoDbClient,
  createS3Client,
  createSeriesRepository,
  createSqsCandleJobs,
  createSqsClient,
  queueUrlOf,
} from '@nightdesk/aws';
import {
  type CandleJobs,
  type CandleReader,
  type CandleStore,
  type ColdStore,
  createCandleReader,
  type SeriesStore,
} from '@nightdesk/core';
import { settingsOf } from '@nightdesk/infra/config/stages.ts';
import { resourceName } from '@nightdesk/infra/constructs/names.ts';
import { systemClock } from '../cloud/clock.ts';
import { createDynamoDb } from '../cloud/dynamodb/index.ts';
import { createAwsEndpoint } from '../cloud/endpoint.ts';
import { createS3 } from '../cloud/s3/index.ts';
import { readStateFile } from '../cloud/state-file.ts';
import { lockState } from '../supervisor/lock.ts';
import { type StatePaths, statePaths } from '../supervisor/state-directory.ts';
import { CandlesError } from './candles-error.ts';

export interface Collected {
  candles: CandleStore;
  series: SeriesStore;
  cold: ColdStore;
  reader: CandleReader;
  /** Where work is handed to the desk. @throws CandlesError when no desk runs that would do it */
  openJobs(): Promise<CandleJobs>;
  close(): Promise<void>;
}

export interface StoreNames {
  /** Where a stage has several, since one was retained. */
  candlesTable?: string | undefined;
  archiveBucket?: string | undefined;
}

/** @throws CandlesError when there is nothing of such a stage, or when another process has it and is not ready */
export function openCollected(stage: string, stateDirectory: string, names: StoreNames = {}): Promise<Collected> {
  return stage === 'local' ? openLocal(stateDirectory) : openDeployed(stage, names);
}

async function openDeployed(stage: string, names: StoreNames): Promise<Collected> {
  const [dynamoDb, s3] = [createDynamoDbClient(), createS3Client()];
  const tables = names.candlesTable ? [] : await tableNames(dynamoDb);
  const bucketPrefix = `nightdesk-${stage}-data-archivebucket`;
  const table = names.candlesTable ?? onlyOne(tables, tableOf(stage));
  const bucket =
    names.archiveBucket ??
    onlyOne(await bucketsNamed(s3, bucketPrefix), {
      ...{ what: 'bucket', prefix: bucketPrefix, option: '--archive-bucket' },
    });
  return collectedIn({ dynamoDb, s3, table, bucket, stage, openSqs: () => createSqsClient(), close: async () => {} });
}

async function openLocal(stateDirectory: string): Promise<Collected> {
  const paths = statePaths(stateDirectory);
  if (!existsSync(paths.dynamoDb)) throw new CandlesError(`${stateDirectory} holds no desk: start one with npm start`);
  const bucket = localBucket(paths);
  const running = await runningAt(paths);
  const { endpoint, close } = running
    ? { endpoint: running, close: async () => {} }
    : await serve(stateDirectory, bucket);
  // The emulated services need no real account and are never asked with one.
  const options = { endpoint, region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
  const dynamoDb = createDynamoDbClient(options);
  const openSqs = () => {
    if (running !== undefined) return createSqsClient(options);
    throw new CandlesError(`no desk is running from ${stateDirectory} that would do it: start one with npm start`);
  };
  const table = onlyOne(await tableNames(dynamoDb), tableOf('local'));
  return collectedIn({ dynamoDb, s3: createS3Client(options), table, bucket, stage: 'local', openSqs, close });
}

interface Place {
  dynamoDb: DynamoDBClient;
  s3: ReturnType<typeof createS3Client>;
  table: string;
  bucket: string;
  stage: string;
  openSqs(): ReturnType<typeof createSqsClient>;
  close(): Promise<void>;
}

function collectedIn({ dynamoDb, s3, table, bucket, stage, openSqs, close }: Place): Collected {
  const candles = createCandleRepository(dynamoDb, table);
  const series = createSeriesRepository(dynamoDb, table);
  const cold = createArchive(s3, bucket);
  let sqs: ReturnType<typeof createSqsClient> | undefined;
  return {
    ...{ candles, series, cold, reader: createCandleReader({ candles, cold, series }) },
    async openJobs() {
      sqs = openSqs();
      const [jobs, backfills] = ['candle-jobs.fifo', 'backfill-jobs.fifo'].map((name) =>
        resourceName(settingsOf(stage), name),
      );
      return createSqsCandleJobs(sqs, {
        candleJobsQueueUrl: await requireQueue(sqs, jobs),
        backfillJobsQueueUrl: await requireQueue(sqs, backfills),
      });
    },
    async close() {
      for (const client of [dynamoDb, s3, sqs]) client?.destroy();
      await close();
    },
  };
}

async function requireQueue(client: ReturnType<typeof createSqsClient>, name = ''): Promise<string> {
  const url = await queueUrlOf(client, name);
  if (url === undefined) throw new CandlesError(`there is no queue ${name}: is the stage deployed here?`);
  return url;
}

async function tableNames(client: DynamoDBClient): Promise<string[]> {
  const names: string[] = [];
  for await (const page of paginateListTables({ client }, {})) names.push(...(page.TableNames ?? []));
  return names;
}

interface Wanted {
  what: string;
  prefix: string;
  option: string;
}

const tableOf = (stage: string): Wanted => ({
  ...{ what: 'table', prefix: `nightdesk-${stage}-data-CandlesTable`, option: '--candles-table' },
});

/** By the names that CloudFormation gives: stack, logical id, something of its own. */
function onlyOne(names: readonly string[], { what, prefix, option }: Wanted): string {
  const found = names.filter((name) => name.startsWith(prefix));
  const [name, ...others] = found;
  if (name === undefined) throw new CandlesError(`there is no ${what} ${prefix}…: is the stage deployed here?`);
  if (others.length === 0) return name;
  throw new CandlesError(`${found.join(' and ')} could both be meant: name one with ${option}`);
}

/** The emulated S3 has no list of buckets: the state knows their names. */
function localBucket({ names }: StatePaths): string {
  const given = (readStateFile(names) ?? {}) as Record<string, string>;
  const [, bucket] = Object.entries(given).find(([key]) => /-data\/ArchiveBucket/.test(key)) ?? [];
  if (bucket !== undefined) return bucket;
  throw new CandlesError('this desk has not collected candles yet: start it with npm start');
}

/** A desk that was killed leaves its addresses behind. */
async function runningAt({ ready }: StatePaths): Promise<string | undefined> {
  const { aws } = (readStateFile(ready) ?? {}) as { aws?: string };
  if (aws === undefined) return undefined;
  try {
    await fetch(aws, { signal: AbortSignal.timeout(1_000) });
    return aws;
  } catch {
    return undefined;
  }
}

/** Serves the state of a desk that does not run, so that it is read the same way. */
async function serve(stateDirectory: string, bucket: string): Promise<{ endpoint: string; close(): Promise<void> }> {
  const paths = statePaths(stateDirectory);
  const unlock = lockState(stateDirectory);
  const log = () => undefined;
  const s3 = createS3({ directory: paths.s3, clock: systemClock, log });
  s3.createBucket({ BucketName: bucket });
  const dynamoDb = createDynamoDb({ directory: paths.dynamoDb, clock: systemClock });
  const endpoint = await createAwsEndpoint({ services: [dynamoDb, s3], log });
  return {
    endpoint: endpoint.url,
    async close() {
      await endpoint.close();
      unlock();
    },
  };
}
