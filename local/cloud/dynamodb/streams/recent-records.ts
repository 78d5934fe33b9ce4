/** What each stream got last, in memory: those who follow a stream closely read nothing from the disk and parse nothing anew. */
import { streamHeadsPrefix, streamRecordOf } from '../row-keys.ts';
import type { StoredRecord, StreamHead } from './capture.ts';
import type { StreamRecord } from './record.ts';
import { countOf, sequenceNumberOf } from './sequence-numbers.ts';

/** As many as one read gives, and not more than a few large rows take. */
const recordsMax = 1_000;
const bytesMax = 8 * 1024 * 1024;

interface Recent {
  /** Consecutive, oldest first. */
  readonly records: StreamRecord[];
  /** Sequence number of the record before the oldest of them. */
  before: string;
  bytes: number;
}

export interface RecentRecords {
  /** Takes what was committed. */
  follow(rows: ReadonlyMap<string, unknown>): void;
  /** At most `limit` records after a sequence number, oldest first; `undefined` when they begin before what is known here. */
  after(tableName: string, sequenceNumber: string, limit: number): StreamRecord[] | undefined;
  /** Sequence number of the last record; `undefined` when nothing was committed since the start. */
  last(tableName: string): string | undefined;
}

export function createRecentRecords(): RecentRecords {
  const recents = new Map<string, Recent>();
  const heads = new Map<string, string>();

  function add(tableName: string, { record }: StoredRecord): void {
    const { SequenceNumber: sequenceNumber, SizeBytes: bytes } = record.dynamodb;
    const before = sequenceNumberOf(countOf(sequenceNumber) - 1);
    const recent = recents.get(tableName) ?? { records: [], before, bytes: 0 };
    recents.set(tableName, recent);
    recent.records.push(record);
    recent.bytes += bytes;
    while (recent.records.length > recordsMax || (recent.bytes > bytesMax && recent.records.length > 1)) {
      dropOldest(recent);
    }
  }

  /** Records are removed oldest first, or all at once with their stream. */
  function removeThrough(tableName: string, sequenceNumber: string): void {
    const recent = recents.get(tableName);
    while (recent?.records[0] !== undefined && recent.records[0].dynamodb.SequenceNumber <= sequenceNumber) {
      dropOldest(recent);
    }
  }

  return {
    follow(rows) {
      for (const [key, row] of rows) {
        if (!key.startsWith('stream-')) continue;
        const found = streamRecordOf(key);
        if (found !== undefined) {
          if (row === undefined) removeThrough(found.tableName, found.sequenceNumber);
          else add(found.tableName, row as StoredRecord);
        } else if (key.startsWith(streamHeadsPrefix)) {
          heads.set(key.slice(streamHeadsPrefix.length), sequenceNumberOf((row as StreamHead).count));
        }
      }
    },
    after(tableName, sequenceNumber, limit) {
      const recent = recents.get(tableName);
      if (recent === undefined || sequenceNumber < recent.before) return undefined;
      const { records } = recent;
      let start = records.length;
      while ((records[start - 1]?.dynamodb.SequenceNumber ?? '') > sequenceNumber) start -= 1;
      return records.slice(start, start + limit);
    },
    last: (tableName) => heads.get(tableName),
  };
}

function dropOldest(recent: Recent): void {
  const oldest = recent.records.shift();
  if (oldest === undefined) return;
  recent.before = oldest.dynamodb.SequenceNumber;
  recent.bytes -= oldest.dynamodb.SizeBytes;
}
