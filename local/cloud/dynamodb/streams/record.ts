/**
 * The record of one change, as the DynamoDB Streams API gives it
 * (https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_Record.html).
 */
import { createHash } from 'node:crypto';
import type { AttributeValue, Item, Table } from 'dynalite/db/index.js';
import dynalite from 'dynalite/db/index.js';
import type { Stream } from './stream.ts';

export interface StreamRecord {
  readonly eventID: string;
  readonly eventName: 'INSERT' | 'MODIFY' | 'REMOVE';
  readonly eventVersion: '1.1';
  readonly eventSource: 'aws:dynamodb';
  readonly awsRegion: string;
  readonly dynamodb: {
    /** Epoch seconds. */
    readonly ApproximateCreationDateTime: number;
    readonly Keys: Item;
    readonly NewImage?: Item | undefined;
    readonly OldImage?: Item | undefined;
    readonly SequenceNumber: string;
    readonly SizeBytes: number;
    readonly StreamViewType: string;
  };
  /** Only on what TTL deleted. */
  readonly userIdentity?: typeof timeToLiveIdentity | undefined;
}

/** Who deletes expired items (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-streams.html). */
export const timeToLiveIdentity = { Type: 'Service', PrincipalId: 'dynamodb.amazonaws.com' } as const;

/** An item before and after a write; absent where there was or is none. */
export interface ItemChange {
  readonly before: Item | undefined;
  readonly after: Item | undefined;
}

export interface RecordPlace {
  readonly stream: Stream;
  readonly table: Table;
  readonly region: string;
  readonly sequenceNumber: string;
  readonly nowMs: number;
  readonly isExpiry: boolean;
}

const setTypes: ReadonlySet<string> = new Set(['SS', 'NS', 'BS']);

/** A value in a form that is the same text for the same value: attributes have no order, nor have the members of sets. */
function canonicalValue(value: AttributeValue): unknown {
  const [type = '', content] = Object.entries(value)[0] ?? [];
  if (setTypes.has(type)) return [type, [...(content as string[])].sort()];
  if (type === 'L') return [type, (content as AttributeValue[]).map(canonicalValue)];
  if (type === 'M') return [type, canonicalItem(content as Item)];
  return [type, content];
}

function canonicalItem(item: Item): unknown {
  const names = Object.keys(item).sort();
  return names.map((name) => [name, canonicalValue(item[name] ?? {})]);
}

/** Whether a write changed nothing, for which DynamoDB makes no record. */
export function isUnchanged({ before, after }: ItemChange): boolean {
  if (before === undefined || after === undefined) return before === after;
  return JSON.stringify(canonicalItem(before)) === JSON.stringify(canonicalItem(after));
}

function eventNameOf({ before, after }: ItemChange): StreamRecord['eventName'] {
  if (after === undefined) return 'REMOVE';
  return before === undefined ? 'INSERT' : 'MODIFY';
}

function keysOf(item: Item, table: Table): Item {
  const keys: Item = {};
  for (const { AttributeName: name } of table.KeySchema) {
    const value = item[name];
    if (value !== undefined) keys[name] = value;
  }
  return keys;
}

/** Describes a change that is one: `before` and `after` are not both absent. */
export function recordOf(change: ItemChange, place: RecordPlace): StreamRecord {
  const { stream, table, region, sequenceNumber, nowMs, isExpiry } = place;
  const { viewType } = stream;
  const keys = keysOf(change.after ?? change.before ?? {}, table);
  const newImage = viewType === 'NEW_IMAGE' || viewType === 'NEW_AND_OLD_IMAGES' ? change.after : undefined;
  const oldImage = viewType === 'OLD_IMAGE' || viewType === 'NEW_AND_OLD_IMAGES' ? change.before : undefined;
  const sizeBytes = [keys, newImage, oldImage].reduce((sum, item) => sum + (item ? dynalite.itemSize(item) : 0), 0);
  return {
    eventID: createHash('sha256').update(`${stream.arn} ${sequenceNumber}`).digest('hex').slice(0, 32),
    eventName: eventNameOf(change),
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: region,
    dynamodb: {
      ApproximateCreationDateTime: Math.floor(nowMs / 1000),
      Keys: keys,
      ...(newImage && { NewImage: newImage }),
      ...(oldImage && { OldImage: oldImage }),
      SequenceNumber: sequenceNumber,
      SizeBytes: sizeBytes,
      StreamViewType: viewType,
    },
    ...(isExpiry && { userIdentity: timeToLiveIdentity }),
  };
}
