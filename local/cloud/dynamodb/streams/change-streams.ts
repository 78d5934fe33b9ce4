/** The streams for those who read them in process: records in order, what was read last, and waiting for more. */
import type { Catalog } from '../catalog.ts';
import type { Database } from '../database.ts';
import { prefixRange, streamHeadsPrefix, streamPositionsPrefix, streamRecordsPrefix } from '../row-keys.ts';
import type { WriteQueue } from '../write-queue.ts';
import { readHead, type StoredRecord } from './capture.ts';
import { createRecentRecords } from './recent-records.ts';
import type { StreamRecord } from './record.ts';
import { sequenceNumberOf } from './sequence-numbers.ts';
import { type Stream, streamOf } from './stream.ts';
import { tableNameOfStream } from './stream-arn.ts';

export interface ChangeStreams {
  /** The stream of that ARN, on or off; `undefined` when the table has none or a later one. */
  find(arn: string): Stream | undefined;
  /** Committed records after a sequence number, oldest first. */
  read(stream: Stream, from: { after: string; recordsMax: number }): Promise<StreamRecord[]>;
  /** Sequence number of the last committed record; before the first one, what comes before it. */
  lastSequenceNumber(stream: Stream): string;
  /** Resolves once there is a record after that sequence number, or `signal` is aborted. */
  waitForMore(stream: Stream, after: string, signal: AbortSignal): Promise<void>;
  /** How far a reader has come; `undefined` when it has not begun. */
  position(stream: Stream, reader: string): string | undefined;
  /** Notes how far a reader has come. Survives `kill -9` once it resolves. */
  savePosition(stream: Stream, reader: string, sequenceNumber: string): Promise<void>;
}

/** The streams as the write queue sees them. */
export interface FollowedStreams extends ChangeStreams {
  /** Wakes those who wait for what was just committed. */
  follow(rows: ReadonlyMap<string, unknown>): void;
}

interface Parts {
  readonly database: Database;
  readonly catalog: Catalog;
  readonly writes: () => WriteQueue;
}

export function createChangeStreams({ database, catalog, writes }: Parts): FollowedStreams {
  const waiting = new Map<string, Set<() => void>>();
  const recent = createRecentRecords();
  const lastOf = ({ tableName }: Stream): string =>
    recent.last(tableName) ?? sequenceNumberOf(readHead(database.read, tableName).count);

  function subscribe(tableName: string, wake: () => void): () => void {
    const waiters = waiting.get(tableName) ?? new Set();
    waiting.set(tableName, waiters);
    waiters.add(wake);
    return () => {
      waiters.delete(wake);
      if (waiters.size === 0) waiting.delete(tableName);
    };
  }

  return {
    find(arn) {
      const tableName = tableNameOfStream(arn);
      const stream = tableName === undefined ? undefined : streamOf(catalog.table(tableName));
      return stream?.arn === arn ? stream : undefined;
    },
    async read({ tableName }, { after, recordsMax }) {
      const known = recent.after(tableName, after, recordsMax);
      if (known !== undefined) return known;
      const prefix = streamRecordsPrefix(tableName);
      const keys = await database.keys({ gt: prefix + after, lt: prefixRange(prefix).lt, limit: recordsMax });
      // Between the keys and the rows, what is old may have been trimmed.
      const rows = keys.map((key) => database.read(key) as StoredRecord | undefined);
      return rows.flatMap((row) => (row === undefined ? [] : [row.record]));
    },
    lastSequenceNumber: lastOf,
    async waitForMore(stream, after, signal) {
      if (signal.aborted || lastOf(stream) > after) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      const unsubscribe = subscribe(stream.tableName, () => {
        if (lastOf(stream) > after) resolve();
      });
      const end = (): void => resolve();
      signal.addEventListener('abort', end, { once: true });
      await promise;
      signal.removeEventListener('abort', end);
      unsubscribe();
    },
    position: ({ tableName }, reader) => database.read(streamPositionsPrefix(tableName) + reader) as string | undefined,
    savePosition: ({ tableName }, reader, sequenceNumber) =>
      writes().write((changes) => changes.put(streamPositionsPrefix(tableName) + reader, sequenceNumber)),
    follow(rows) {
      recent.follow(rows);
      if (waiting.size === 0) return;
      for (const [tableName, waiters] of waiting) {
        if (!rows.has(streamHeadsPrefix + tableName)) continue;
        for (const wake of [...waiters]) wake();
      }
    },
  };
}
