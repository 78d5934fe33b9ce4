import { CreateTableCommand, DeleteTableCommand, PutItemCommand, UpdateTableCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMovableClock, type MovableClock } from '../../../local/cloud/clock.ts';
import { type StreamRecord, templateStreamArn } from '../../../local/cloud/dynamodb/index.ts';
import {
  callStreams,
  ordersTable,
  readStream,
  signalsTable,
  startDynamoDb,
  streamedOrdersTable,
  type TestEndpoint,
} from './support.ts';

const streamArn = templateStreamArn('orders');
const minuteMs = 60_000;

let endpoint: TestEndpoint;
let clock: MovableClock;

beforeEach(async () => {
  clock = createMovableClock();
  endpoint = await startDynamoDb({ clock, tables: [streamedOrdersTable, signalsTable] });
});
afterEach(() => endpoint.close());

const call = (operation: string, body: object) => callStreams(endpoint.url, operation, body);
const put = (id: string, TableName = 'orders') =>
  endpoint.client.send(new PutItemCommand({ TableName, Item: { id: { S: id } } }));

async function shardId(): Promise<string> {
  const { StreamDescription } = await call('DescribeStream', { StreamArn: streamArn });
  return (StreamDescription as { Shards: { ShardId: string }[] }).Shards[0]?.ShardId ?? '';
}

async function iterator(ShardIteratorType: string, SequenceNumber?: string): Promise<unknown> {
  const place = { StreamArn: streamArn, ShardId: await shardId() };
  return (await call('GetShardIterator', { ...place, ShardIteratorType, SequenceNumber })).ShardIterator;
}

async function idsAt(ShardIterator: unknown, Limit?: number): Promise<unknown[]> {
  const { Records } = await call('GetRecords', { ShardIterator, Limit });
  return (Records as StreamRecord[]).map(({ dynamodb }) => dynamodb.Keys.id?.S);
}

describe('reading', () => {
  it('begins where the type of the iterator says', async () => {
    for (const id of ['a', 'b', 'c']) await put(id);
    const second = '100000000000000000002';
    const latest = await iterator('LATEST');
    expect(await idsAt(latest)).toEqual([]);
    await put('d');
    expect(await idsAt(latest)).toEqual(['d']);
    expect(await idsAt(await iterator('TRIM_HORIZON'))).toEqual(['a', 'b', 'c', 'd']);
    expect(await idsAt(await iterator('AT_SEQUENCE_NUMBER', second))).toEqual(['b', 'c', 'd']);
    expect(await idsAt(await iterator('AFTER_SEQUENCE_NUMBER', second))).toEqual(['c', 'd']);
  });

  it('goes on with the next iterator, in portions of the limit', async () => {
    for (const id of ['a', 'b', 'c']) await put(id);
    const first = await call('GetRecords', { ShardIterator: await iterator('TRIM_HORIZON'), Limit: 2 });
    expect(first.Records).toHaveLength(2);
    expect(await idsAt(first.NextShardIterator)).toEqual(['c']);
  });

  it('refuses an iterator after 15 minutes, one that is none, and a stream and a shard that are not there', async () => {
    const old = await iterator('LATEST');
    clock.advance(15 * minuteMs + 1);
    await expect(call('GetRecords', { ShardIterator: old })).rejects.toThrow(
      expect.objectContaining({ name: 'ExpiredIteratorException' }),
    );
    await expect(call('GetRecords', { ShardIterator: 'x' })).rejects.toThrow('Invalid ShardIterator');
    const missing = expect.objectContaining({ name: 'ResourceNotFoundException' });
    await expect(call('DescribeStream', { StreamArn: templateStreamArn('absent') })).rejects.toThrow(missing);
    const shard = { StreamArn: streamArn, ShardId: 'shardId-00000000000000000000-11111111' };
    await expect(call('GetShardIterator', { ...shard, ShardIteratorType: 'LATEST' })).rejects.toThrow(missing);
  });

  it('says so when what comes next was trimmed, but not at the trim horizon', async () => {
    await put('a');
    await put('b');
    const horizon = await iterator('TRIM_HORIZON');
    expect(await idsAt(horizon)).toEqual(['a', 'b']);
    clock.advance(24 * 60 * minuteMs + 2 * minuteMs);
    await put('c');
    await expect.poll(async () => (await readStream(endpoint.url, streamArn)).length).toBe(1);
    await expect(iterator('AT_SEQUENCE_NUMBER', '100000000000000000002')).rejects.toThrow(
      expect.objectContaining({ name: 'TrimmedDataAccessException' }),
    );
    expect(await idsAt(await iterator('TRIM_HORIZON'))).toEqual(['c']);
  });
});

describe('the streams that there are', () => {
  it('are listed, all or those of a table', async () => {
    const listed = { StreamArn: streamArn, StreamLabel: '2026-01-01T00:00:00.000', TableName: 'orders' };
    expect(await call('ListStreams', {})).toEqual({ Streams: [listed] });
    expect(await call('ListStreams', { TableName: 'signals' })).toEqual({ Streams: [] });
    expect(await call('ListStreams', { ExclusiveStartStreamArn: streamArn })).toEqual({ Streams: [] });
  });

  it('are switched on and off with their tables, and another one has none of the records before', async () => {
    const { TableName: _name, StreamSpecification: _none, ...rest } = ordersTable;
    const StreamSpecification = { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' } as const;
    const create = { ...rest, TableName: 'asked', StreamSpecification } as unknown;
    const { client } = endpoint;
    const created = await client.send(
      new CreateTableCommand(create as ConstructorParameters<typeof CreateTableCommand>[0]),
    );
    const arn = String(created.TableDescription?.LatestStreamArn);
    await put('a', 'asked');
    expect(await readStream(endpoint.url, arn)).toHaveLength(1);

    const on = new UpdateTableCommand({ TableName: 'asked', StreamSpecification });
    await expect(client.send(on)).rejects.toThrow('Table already has an enabled stream: TableName: asked');
    const off = { TableName: 'asked', StreamSpecification: { StreamEnabled: false } };
    await client.send(new UpdateTableCommand(off));
    await put('b', 'asked');
    expect(await readStream(endpoint.url, arn)).toHaveLength(1);
    const { StreamDescription } = await call('DescribeStream', { StreamArn: arn });
    expect(StreamDescription).toMatchObject({ StreamStatus: 'DISABLED' });

    clock.advance(minuteMs);
    const again = await client.send(new UpdateTableCommand({ TableName: 'asked', StreamSpecification }));
    const next = String(again.TableDescription?.LatestStreamArn);
    expect(next).not.toBe(arn);
    expect(await readStream(endpoint.url, next)).toEqual([]);
    await client.send(new DeleteTableCommand({ TableName: 'asked' }));
    await expect(readStream(endpoint.url, next)).rejects.toThrow(
      expect.objectContaining({ name: 'ResourceNotFoundException' }),
    );
  });
});
