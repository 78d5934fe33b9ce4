/** Writes the record of a change beside the change itself, so that both are committed or neither is. */
import type { Item, Rows, Table } from 'dynalite/db/index.js';
import type { Changes } from '../changes.ts';
import type { ReadRow } from '../database.ts';
import { streamHeadsPrefix, streamRecordsPrefix } from '../row-keys.ts';
import { type ItemChange, isUnchanged, recordOf, type StreamRecord } from './record.ts';
import { sequenceNumberOf } from './sequence-numbers.ts';
import type { Stream } from './stream.ts';

/** How far a table's stream has come; it outlives the records, so that no number is given twice. */
export interface StreamHead {
  readonly count: number;
  /** Sizes of all records so far together. */
  readonly bytes: number;
}

/** A record as it is stored. */
export interface StoredRecord {
  readonly record: StreamRecord;
  /** Sizes of all records up to and with this one. */
  readonly bytesThrough: number;
}

export interface CapturedTable {
  readonly stream: Stream;
  readonly table: Table;
  readonly region: string;
  /** Sees what `sink` was given. */
  readonly read: ReadRow;
  readonly sink: Pick<Changes, 'put'>;
  nowMs(): number;
  readonly isExpiry: boolean;
}

export function readHead(read: ReadRow, tableName: string): StreamHead {
  return (read(streamHeadsPrefix + tableName) as StreamHead | undefined) ?? { count: 0, bytes: 0 };
}

function capture(change: ItemChange, captured: CapturedTable): void {
  if (isUnchanged(change)) return;
  const { stream, table, region, read, sink, isExpiry } = captured;
  const { tableName } = stream;
  const head = readHead(read, tableName);
  const count = head.count + 1;
  const sequenceNumber = sequenceNumberOf(count);
  const record = recordOf(change, { stream, table, region, sequenceNumber, nowMs: captured.nowMs(), isExpiry });
  const bytes = head.bytes + record.dynamodb.SizeBytes;
  sink.put(streamRecordsPrefix(tableName) + sequenceNumber, { record, bytesThrough: bytes } satisfies StoredRecord);
  sink.put(streamHeadsPrefix + tableName, { count, bytes } satisfies StreamHead);
}

/** Item rows whose changes are recorded in the table's stream. */
export function withStreamRecords(items: Rows, captured: CapturedTable): Rows {
  const note = (itemKey: string, after: Item | undefined): void =>
    items.get(itemKey, (_error, before) => capture({ before: before as Item | undefined, after }, captured));
  return {
    ...items,
    put(key, value, callback) {
      note(key, value as Item);
      items.put(key, value, callback);
    },
    del(key, callback) {
      note(key, undefined);
      items.del(key, callback);
    },
  };
}
