/**
 * The DynamoDB Streams API over one shard per stream, which never splits
 * (https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Operations_Amazon_DynamoDB_Streams.html).
 */
import type { RequestData } from 'dynalite/db/index.js';
import type { Answer, Engine, Operation } from '../engine.ts';
import { modelError, validationError } from '../errors.ts';
import { prefixRange, streamRecordsPrefix, tablesPrefix } from '../row-keys.ts';
import type { StreamRecord } from './record.ts';
import { countOf, firstPosition, isSequenceNumber, sequenceNumberOf } from './sequence-numbers.ts';
import { type Stream, shardId, streamOf } from './stream.ts';

const iteratorLifetimeMs = 15 * 60 * 1000;
const recordsMax = 1_000;
/** Most that one answer holds, by the sizes of the items. */
const answerBytesMax = 1024 * 1024;
const streamsListedMax = 100;

const arnField = { type: 'String', notNull: true, lengthGreaterThanOrEqual: 37, lengthLessThanOrEqual: 1024 };
const shardField = { type: 'String', lengthGreaterThanOrEqual: 28, lengthLessThanOrEqual: 65 };
const limitField = (max: number) => ({ type: 'Integer', greaterThanOrEqual: 1, lessThanOrEqual: max });

function findStream({ streams }: Engine, data: RequestData): Stream {
  const arn = String(data.StreamArn);
  const stream = streams.find(arn);
  if (stream !== undefined) return stream;
  throw modelError('ResourceNotFoundException', `Requested resource not found: Stream: ${arn} not found`);
}

/** Sequence number of the oldest record that is kept; of the next one when there is none. */
async function oldestOf({ context, streams }: Engine, stream: Stream): Promise<string> {
  const prefix = streamRecordsPrefix(stream.tableName);
  const [key] = await context.database.keys({ ...prefixRange(prefix), limit: 1 });
  return key?.slice(prefix.length) ?? sequenceNumberOf(countOf(streams.lastSequenceNumber(stream)) + 1);
}

interface Iterator {
  readonly arn: string;
  /** Records after this one come next; absent begins with whatever is the oldest then. */
  readonly after?: string | undefined;
  readonly madeMs: number;
}

const writeIterator = (iterator: Iterator): string => Buffer.from(JSON.stringify(iterator)).toString('base64');

function readIterator(text: string): Iterator {
  try {
    const iterator = JSON.parse(Buffer.from(text, 'base64').toString()) as Partial<Iterator> | null;
    const { arn, after, madeMs } = iterator ?? {};
    const isPlace = after === undefined || (typeof after === 'string' && isSequenceNumber(after));
    if (typeof arn === 'string' && typeof madeMs === 'number' && isPlace) return { arn, after, madeMs };
  } catch {
    // Answered below, as any other text that is no iterator.
  }
  throw validationError('Invalid ShardIterator');
}

function trimmed(sequenceNumber: string): Error {
  return modelError('TrimmedDataAccessException', `The record after ${sequenceNumber} is trimmed from the stream`);
}

async function refuseTrimmed(engine: Engine, stream: Stream, after: string): Promise<void> {
  if (countOf(after) + 1 < countOf(await oldestOf(engine, stream))) throw trimmed(after);
}

/** Where an iterator of the requested type begins. */
function startOf(engine: Engine, stream: Stream, data: RequestData): string | undefined {
  const { ShardIteratorType: type, SequenceNumber: given } = data;
  if (type === 'TRIM_HORIZON') return undefined;
  if (type === 'LATEST') return engine.streams.lastSequenceNumber(stream);
  if (typeof given !== 'string' || !isSequenceNumber(given)) {
    throw validationError(`SequenceNumber must be one of the stream for a ShardIteratorType of ${String(type)}`);
  }
  return type === 'AFTER_SEQUENCE_NUMBER' ? given : sequenceNumberOf(countOf(given) - 1);
}

async function getShardIterator(engine: Engine, data: RequestData): Promise<Answer> {
  const stream = findStream(engine, data);
  if (data.ShardId !== shardId) {
    throw modelError('ResourceNotFoundException', `Requested resource not found: Shard: ${data.ShardId} not found`);
  }
  const after = startOf(engine, stream, data);
  if (after !== undefined) await refuseTrimmed(engine, stream, after);
  return { ShardIterator: writeIterator({ arn: stream.arn, after, madeMs: engine.context.nowMs() }) };
}

/** As many as fit into one answer, but at least one. */
function fitting(records: readonly StreamRecord[]): StreamRecord[] {
  let bytes = 0;
  const end = records.findIndex((record, index) => {
    bytes += record.dynamodb.SizeBytes;
    return bytes > answerBytesMax && index > 0;
  });
  return records.slice(0, end < 0 ? records.length : end);
}

async function getRecords(engine: Engine, data: RequestData): Promise<Answer> {
  const { arn, after, madeMs } = readIterator(String(data.ShardIterator));
  const nowMs = engine.context.nowMs();
  if (nowMs - madeMs > iteratorLifetimeMs) {
    throw modelError('ExpiredIteratorException', 'The shard iterator is older than 15 minutes');
  }
  const stream = findStream(engine, { StreamArn: arn });
  if (after !== undefined) await refuseTrimmed(engine, stream, after);
  const limit = (data.Limit as number | undefined) ?? recordsMax;
  const found = await engine.streams.read(stream, { after: after ?? firstPosition, recordsMax: limit });
  const records = fitting(found);
  const last = records.at(-1)?.dynamodb.SequenceNumber ?? after;
  const isClosed = !stream.isEnabled && (last ?? firstPosition) >= engine.streams.lastSequenceNumber(stream);
  return {
    Records: records,
    ...(!isClosed && { NextShardIterator: writeIterator({ arn, after: last, madeMs: nowMs }) }),
  };
}

async function describeStream(engine: Engine, data: RequestData): Promise<Answer> {
  const stream = findStream(engine, data);
  const range = {
    StartingSequenceNumber: await oldestOf(engine, stream),
    ...(!stream.isEnabled && { EndingSequenceNumber: engine.streams.lastSequenceNumber(stream) }),
  };
  const isAfterTheShard = data.ExclusiveStartShardId === shardId;
  return {
    StreamDescription: {
      StreamArn: stream.arn,
      StreamLabel: stream.label,
      StreamStatus: stream.isEnabled ? 'ENABLED' : 'DISABLED',
      StreamViewType: stream.viewType,
      CreationRequestDateTime: Date.parse(`${stream.label}Z`) / 1000,
      TableName: stream.tableName,
      KeySchema: engine.context.catalog.table(stream.tableName)?.KeySchema,
      Shards: isAfterTheShard ? [] : [{ ShardId: shardId, SequenceNumberRange: range }],
    },
  };
}

async function listStreams({ context }: Engine, data: RequestData): Promise<Answer> {
  const limit = (data.Limit as number | undefined) ?? streamsListedMax;
  const start = String(data.ExclusiveStartStreamArn ?? '');
  const keys = await context.database.keys(prefixRange(tablesPrefix));
  const all = keys
    .flatMap((key) => streamOf(context.catalog.table(key.slice(tablesPrefix.length))) ?? [])
    .filter(({ tableName, arn }) => (data.TableName ?? tableName) === tableName && arn > start)
    .sort((one, other) => (one.arn < other.arn ? -1 : 1));
  const listed = all.slice(0, limit);
  return {
    Streams: listed.map(({ arn, label, tableName }) => ({ StreamArn: arn, StreamLabel: label, TableName: tableName })),
    ...(listed.length < all.length && { LastEvaluatedStreamArn: listed.at(-1)?.arn }),
  };
}

const iteratorTypes = ['TRIM_HORIZON', 'LATEST', 'AT_SEQUENCE_NUMBER', 'AFTER_SEQUENCE_NUMBER'];

const operations = new Map<string, Operation>([
  [
    'DescribeStream',
    {
      types: { StreamArn: arnField, Limit: limitField(streamsListedMax), ExclusiveStartShardId: shardField },
      run: describeStream,
    },
  ],
  [
    'GetRecords',
    {
      types: {
        ShardIterator: { type: 'String', notNull: true, lengthGreaterThanOrEqual: 1, lengthLessThanOrEqual: 2048 },
        Limit: limitField(recordsMax),
      },
      run: getRecords,
    },
  ],
  [
    'GetShardIterator',
    {
      types: {
        StreamArn: arnField,
        ShardId: { ...shardField, notNull: true },
        ShardIteratorType: { type: 'String', notNull: true, enum: iteratorTypes },
        SequenceNumber: { type: 'String', lengthGreaterThanOrEqual: 21, lengthLessThanOrEqual: 40 },
      },
      run: getShardIterator,
    },
  ],
  [
    'ListStreams',
    {
      types: {
        TableName: { type: 'String', lengthGreaterThanOrEqual: 1 },
        Limit: limitField(streamsListedMax),
        ExclusiveStartStreamArn: { type: 'String', lengthGreaterThanOrEqual: 37 },
      },
      run: listStreams,
    },
  ],
]);

export function findStreamsOperation(name: string): Operation | undefined {
  return operations.get(name);
}
