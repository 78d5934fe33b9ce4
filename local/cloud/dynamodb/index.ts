/**
 * The embedded cloud's DynamoDB: dynalite's validations and item actions on LevelDB, with what dynalite lacks around them.
 *
 *   index.ts                    puts the parts together; the only file that others import
 *   protocol.ts                 HTTP and JSON in and out
 *   operations.ts               every operation with its validation and the way it runs
 *   engine.ts                   what operations work with; runs one of dynalite's actions
 *   transactions.ts             limits, reasons and capacity shared by transact-write-items.ts and transact-get-items.ts
 *   request-tokens.ts           answers a transaction that is sent twice
 *   rules.ts                    what requests may look like; remembered-expressions.ts parses each expression once
 *   table-changes.ts            creates, changes and deletes tables atomically; global-indexes.ts
 *   table-definitions.ts        a CloudFormation definition becomes a table, or is compared with the one that is there
 *   time-to-live.ts             TTL settings and the sweep; time-to-live-operations.ts, expiry-rows.ts
 *   streams/capture.ts          records every change beside the change; record.ts, sequence-numbers.ts, stream.ts
 *   streams/change-streams.ts   reading streams in process; recent-records.ts, operations.ts over HTTP, trimming.ts
 *   write-queue.ts              writes take turns and share LevelDB batches
 *   changes.ts                  changes that are decided but not committed
 *   store.ts                    the storage that dynalite's actions see
 *   index-rows.ts               secondary index rows, in place of dynalite's own
 *   catalog.ts                  tables and TTL settings in memory
 *   row-keys.ts, database.ts    the key space; LevelDB
 *   errors.ts, dynalite.d.ts    errors in dynalite's shape; types of what is imported from dynalite
 */
import type { CloudClock } from '../clock.ts';
import type { AwsService } from '../http.ts';
import { type Sweeper, startSweeper } from '../sweeper.ts';
import { createCatalog } from './catalog.ts';
import { createDatabase } from './database.ts';
import type { Engine } from './engine.ts';
import { handleRequest, isDynamoDbRequest } from './protocol.ts';
import { createRequestTokens } from './request-tokens.ts';
import { createStore, type StoreContext } from './store.ts';
import { type ChangeStreams, createChangeStreams } from './streams/change-streams.ts';
import { trimStreams } from './streams/trimming.ts';
import { applyTableDefinition, type TableDefinition } from './table-definitions.ts';
import { sweepExpired } from './time-to-live.ts';
import { createWriteQueue } from './write-queue.ts';

export type { ChangeStreams } from './streams/change-streams.ts';
export type { StreamRecord } from './streams/record.ts';
export { firstPosition } from './streams/sequence-numbers.ts';
export { type Stream, shardId } from './streams/stream.ts';
export { templateStreamArn } from './streams/stream-arn.ts';
export { retentionMs } from './streams/trimming.ts';
export type { TableDefinition } from './table-definitions.ts';

export interface DynamoDbOptions {
  /** Where the tables are kept; `undefined` keeps them in memory only. Survives `kill -9` of the process. */
  readonly directory?: string | undefined;
  /** Drives TTL, the age of stream records and the lifetime of request tokens. */
  readonly clock: CloudClock;
  /** @default 'us-east-1' */
  readonly region?: string;
  /** @default '000000000000' */
  readonly accountId?: string;
}

export interface DynamoDb extends AwsService {
  /**
   * Creates a table from the properties of an `AWS::DynamoDB::Table`, with every reference resolved. A table that is
   * there already and fits is left as it is, apart from its TTL attribute and its stream, which follow the definition.
   * @throws Error naming the table and the difference when the existing table has other keys or indexes.
   */
  createTable(definition: TableDefinition): Promise<void>;
  /** The tables' streams; to be used once a table has been created. */
  readonly streams: ChangeStreams;
  /** Waits for writes under way and closes the files. */
  close(): Promise<void>;
}

export function createDynamoDb(options: DynamoDbOptions): DynamoDb {
  const { clock, region = 'us-east-1', accountId = '000000000000' } = options;
  const database = createDatabase(options.directory);
  const catalog = createCatalog(database);
  const context: StoreContext = { database, catalog, region, accountId, nowMs: () => clock.nowMs() };
  const streams = createChangeStreams({ database, catalog, writes: () => writes });
  const writes = createWriteQueue(database, (rows) => {
    catalog.follow(rows);
    streams.follow(rows);
  });
  const tokens = createRequestTokens(database, clock);
  const engine: Engine = { context, writes, tokens, streams, committed: createStore(context, database.read) };
  let sweeper: Sweeper | undefined;

  async function open(): Promise<void> {
    await database.open();
    await Promise.all([catalog.load(), tokens.load()]);
    sweeper = startSweeper(clock, {
      async sweep(isStopped) {
        await sweepExpired(context, writes, isStopped);
        await trimStreams(context, writes, { isStopped });
      },
      failed: (error) => console.error('the embedded DynamoDB could not remove what is due:', error),
    });
  }

  let isOpen = false;
  const opening = open().then(() => {
    isOpen = true;
  });
  // Reported to everyone who waits for it below.
  opening.catch(() => {});

  return {
    name: 'dynamodb',
    streams,
    matches: isDynamoDbRequest,
    async handle(request, response) {
      if (!isOpen) await opening;
      await handleRequest(engine, request, response);
    },
    async createTable(definition) {
      await opening;
      await applyTableDefinition(engine, definition);
    },
    async close() {
      // Whoever needed the files has been told why they did not open; closing then has nothing to wait for.
      await opening.catch(() => {});
      await sweeper?.stop();
      await writes.settled();
      await database.close();
    },
  };
}
