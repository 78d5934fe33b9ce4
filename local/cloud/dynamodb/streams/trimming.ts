/** Removes records that are older than a stream keeps them, or more than the disk should hold. */
import type { Changes } from '../changes.ts';
import type { Database } from '../database.ts';
import { prefixRange, streamPositionsPrefix, streamRecordsPrefix, tablesPrefix } from '../row-keys.ts';
import type { StoreContext } from '../store.ts';
import type { WriteQueue } from '../write-queue.ts';
import { readHead, type StoredRecord } from './capture.ts';
import { streamOf } from './stream.ts';

/** How long AWS keeps records (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html). */
export const retentionMs = 24 * 60 * 60 * 1000;
/** Most that one table's records may take up here, by the sizes of their items; AWS has no such bound. */
const streamBytesMax = 256 * 1024 * 1024;
/** Records removed between two answers to writers. */
const trimRowsMax = 500;

export interface TrimBounds {
  readonly bytesMax: number;
}

interface Trimmed {
  readonly keys: string[];
  /** Those of them that were not old yet. */
  readonly earlyCount: number;
}

async function findTrimmed(
  { database, nowMs }: StoreContext,
  tableName: string,
  { bytesMax }: TrimBounds,
): Promise<Trimmed> {
  const oldestSecond = Math.floor((nowMs() - retentionMs) / 1000);
  const { bytes } = readHead(database.read, tableName);
  const keys: string[] = [];
  let earlyCount = 0;
  for (const key of await database.keys({ ...prefixRange(streamRecordsPrefix(tableName)), limit: trimRowsMax })) {
    const row = database.read(key) as StoredRecord;
    const { ApproximateCreationDateTime: madeSecond, SizeBytes: sizeBytes } = row.record.dynamodb;
    const isOld = madeSecond < oldestSecond;
    // What this record and all after it take up.
    const bytesFromHere = bytes - row.bytesThrough + sizeBytes;
    if (!isOld && bytesFromHere <= bytesMax) break;
    keys.push(key);
    if (!isOld) earlyCount += 1;
  }
  return { keys, earlyCount };
}

async function trimStream(
  context: StoreContext,
  { writes, tableName, bounds }: { writes: WriteQueue; tableName: string; bounds: TrimBounds },
  isStopped: () => boolean,
): Promise<void> {
  while (!isStopped()) {
    const { keys, earlyCount } = await findTrimmed(context, tableName, bounds);
    if (keys.length === 0) return;
    await writes.write((changes) => keys.forEach(changes.delete));
    if (earlyCount > 0) {
      console.error(`the stream of table ${tableName} is full: ${earlyCount} records less than a day old were dropped`);
    }
  }
}

/** Trims the streams of all tables. */
export async function trimStreams(
  context: StoreContext,
  writes: WriteQueue,
  { isStopped, bounds = { bytesMax: streamBytesMax } }: { isStopped: () => boolean; bounds?: TrimBounds },
): Promise<void> {
  for (const key of await context.database.keys(prefixRange(tablesPrefix))) {
    const stream = streamOf(context.catalog.table(key.slice(tablesPrefix.length)));
    if (stream !== undefined) await trimStream(context, { writes, tableName: stream.tableName, bounds }, isStopped);
  }
}

/** Deletes what a table's stream holds, for a table that is gone or gets a stream of another label. */
export async function dropStream(database: Database, changes: Changes, tableName: string): Promise<void> {
  for (const prefix of [streamRecordsPrefix(tableName), streamPositionsPrefix(tableName)]) {
    for (const key of await database.keys(prefixRange(prefix))) changes.delete(key);
  }
}
