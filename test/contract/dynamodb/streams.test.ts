import {
  type AttributeValue,
  BatchWriteItemCommand,
  DeleteItemCommand,
  DescribeTableCommand,
  PutItemCommand,
  ScanCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMovableClock, type MovableClock } from '../../../local/cloud/clock.ts';
import { type StreamRecord, templateStreamArn } from '../../../local/cloud/dynamodb/index.ts';
import fc from '../../support/property.ts';
import {
  ordersTable,
  readStream,
  signalsTable,
  startDynamoDb,
  streamedOrdersTable,
  type TestEndpoint,
} from './support.ts';

const TableName = 'orders';
const streamArn = templateStreamArn(TableName);
const dayMs = 24 * 60 * 60 * 1000;
const minuteMs = 60_000;

let endpoint: TestEndpoint;
let clock: MovableClock;

beforeEach(async () => {
  clock = createMovableClock();
  endpoint = await startDynamoDb({ clock, tables: [streamedOrdersTable] });
});
afterEach(() => endpoint.close());

type Item = Record<string, AttributeValue>;
const order = (id: string, more: Item = {}): Item => ({ id: { S: id }, ...more });
const put = (item: Item) => endpoint.client.send(new PutItemCommand({ TableName, Item: item }));
const records = (arn = streamArn): Promise<StreamRecord[]> => readStream(endpoint.url, arn);

/** What a record says, short. */
const told = ({ eventName, dynamodb }: StreamRecord) => [eventName, dynamodb.Keys.id?.S, dynamodb.NewImage?.state?.S];

describe('the record of a change', () => {
  it('has the documented shape', async () => {
    await put(order('a', { state: { S: 'open' } }));
    await put(order('a', { state: { S: 'filled' } }));
    await endpoint.client.send(new DeleteItemCommand({ TableName, Key: order('a') }));
    const common = { eventVersion: '1.1', eventSource: 'aws:dynamodb', awsRegion: 'us-east-1' };
    const shared = {
      ApproximateCreationDateTime: clock.nowMs() / 1000,
      Keys: { id: { S: 'a' } },
      StreamViewType: 'NEW_AND_OLD_IMAGES',
    };
    const eventID = expect.stringMatching(/^[0-9a-f]{32}$/);
    const open = order('a', { state: { S: 'open' } });
    const filled = order('a', { state: { S: 'filled' } });
    const found = await records();
    expect(found).toEqual([
      {
        ...{ ...common, eventID, eventName: 'INSERT' },
        dynamodb: { ...shared, NewImage: open, SequenceNumber: '100000000000000000001', SizeBytes: 15 },
      },
      {
        ...{ ...common, eventID, eventName: 'MODIFY' },
        dynamodb: {
          ...{ ...shared, OldImage: open, NewImage: filled },
          ...{ SequenceNumber: '100000000000000000002', SizeBytes: 29 },
        },
      },
      {
        ...{ ...common, eventID, eventName: 'REMOVE' },
        dynamodb: { ...shared, OldImage: filled, SequenceNumber: '100000000000000000003', SizeBytes: 17 },
      },
    ]);
    expect(new Set(found.map((record) => record.eventID)).size).toBe(3);
  });

  it.each([
    ['KEYS_ONLY', []],
    ['NEW_IMAGE', ['NewImage']],
    ['OLD_IMAGE', ['OldImage']],
    ['NEW_AND_OLD_IMAGES', ['NewImage', 'OldImage']],
  ] as const)('holds for %s the images %j', async (StreamViewType, images) => {
    await endpoint.dynamoDb.createTable({
      ...ordersTable,
      TableName: 'viewed',
      StreamSpecification: { StreamViewType },
    });
    for (const state of ['open', 'filled']) {
      const Item = order('a', { state: { S: state } });
      await endpoint.client.send(new PutItemCommand({ TableName: 'viewed', Item }));
    }
    const [, changed] = await records(templateStreamArn('viewed'));
    expect(Object.keys(changed?.dynamodb ?? {}).filter((name) => name.endsWith('Image'))).toEqual(images);
    expect(changed?.dynamodb.StreamViewType).toBe(StreamViewType);
  });

  it('is not made of a write that changes nothing, in whatever order the members of its sets come', async () => {
    const tags = (...members: string[]) =>
      order('a', { tags: { SS: members }, deep: { M: { x: { NS: ['1', '2'] } } } });
    await put(tags('b', 'c'));
    await put(tags('c', 'b'));
    await endpoint.client.send(new DeleteItemCommand({ TableName, Key: order('absent') }));
    await endpoint.client.send(
      new UpdateItemCommand({
        TableName,
        Key: order('a'),
        UpdateExpression: 'SET deep = :same',
        ExpressionAttributeValues: { ':same': { M: { x: { NS: ['2', '1'] } } } },
      }),
    );
    expect((await records()).map(told)).toEqual([['INSERT', 'a', undefined]]);
  });

  it('is not made of a write that fails, alone or within a transaction', async () => {
    const isAbsent = 'attribute_not_exists(id)';
    await put(order('a'));
    const again = new PutItemCommand({ TableName, Item: order('a', { x: { N: '1' } }), ConditionExpression: isAbsent });
    await expect(endpoint.client.send(again)).rejects.toThrow(/conditional request failed/);
    const parts = ['b', 'a'].map((id) => ({
      Put: { TableName, Item: order(id, { x: { N: '1' } }), ConditionExpression: isAbsent },
    }));
    const transaction = new TransactWriteItemsCommand({ TransactItems: parts });
    await expect(endpoint.client.send(transaction)).rejects.toThrow(/ConditionalCheckFailed/);
    expect((await records()).map(told)).toEqual([['INSERT', 'a', undefined]]);
  });

  it('is made of every part of a batch and of a transaction', async () => {
    const requests = ['a', 'b'].map((id) => ({ PutRequest: { Item: order(id) } }));
    await endpoint.client.send(new BatchWriteItemCommand({ RequestItems: { orders: requests } }));
    await endpoint.client.send(
      new TransactWriteItemsCommand({
        TransactItems: [
          { Delete: { TableName, Key: order('a') } },
          { Put: { TableName, Item: order('c', { state: { S: 'open' } }) } },
          {
            Update: {
              TableName,
              Key: order('b'),
              UpdateExpression: 'SET #state = :filled',
              ExpressionAttributeNames: { '#state': 'state' },
              ExpressionAttributeValues: { ':filled': { S: 'filled' } },
            },
          },
        ],
      }),
    );
    const found = (await records()).map(told);
    expect(found.slice(0, 2).sort()).toEqual([
      ['INSERT', 'a', undefined],
      ['INSERT', 'b', undefined],
    ]);
    expect(found.slice(2)).toEqual([
      ['REMOVE', 'a', undefined],
      ['INSERT', 'c', 'open'],
      ['MODIFY', 'b', 'filled'],
    ]);
  });

  it('names the service as who deleted what had expired', async () => {
    await endpoint.dynamoDb.createTable({ ...signalsTable, StreamSpecification: { StreamViewType: 'OLD_IMAGE' } });
    const expiresAt = { N: String(clock.nowMs() / 1000 + 30) };
    const Item = { source: { S: 'demo' }, atMs: { N: '1' }, expiresAt };
    await endpoint.client.send(new PutItemCommand({ TableName: 'signals', Item }));
    clock.advance(2 * minuteMs);
    const arn = templateStreamArn('signals');
    await expect.poll(async () => (await records(arn)).length).toBe(2);
    const [inserted, removed] = await records(arn);
    expect(inserted).not.toHaveProperty('userIdentity');
    expect(removed).toMatchObject({
      eventName: 'REMOVE',
      dynamodb: { OldImage: Item },
      userIdentity: { Type: 'Service', PrincipalId: 'dynamodb.amazonaws.com' },
    });
  });
});

describe('the stream of a table', () => {
  it('is described with the table', async () => {
    const { Table } = await endpoint.client.send(new DescribeTableCommand({ TableName }));
    expect(Table).toMatchObject({
      LatestStreamArn: streamArn,
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
    });
  });

  it('forgets records after a day, and never gives a number twice', async () => {
    await put(order('old'));
    clock.advance(dayMs - minuteMs);
    await put(order('young'));
    expect((await records()).map(told)).toHaveLength(2);
    clock.advance(3 * minuteMs);
    await expect.poll(async () => (await records()).map((record) => record.dynamodb.Keys.id?.S)).toEqual(['young']);
    clock.advance(dayMs + 2 * minuteMs);
    await expect.poll(() => records()).toEqual([]);
    await put(order('next'));
    expect((await records()).map((record) => record.dynamodb.SequenceNumber)).toEqual(['100000000000000000003']);
  });

  it('goes on where it was when its definition comes back', async () => {
    await put(order('a'));
    await endpoint.dynamoDb.createTable(ordersTable);
    await put(order('unseen'));
    await endpoint.dynamoDb.createTable(streamedOrdersTable);
    await put(order('b'));
    expect((await records()).map((record) => record.dynamodb.Keys.id?.S)).toEqual(['a', 'b']);
  });

  it('tells, replayed, what is in the table, whatever was written', async () => {
    const key = fc.constantFrom('a', 'b', 'c');
    const write = fc.oneof(
      fc.record({ kind: fc.constant('put' as const), key, x: fc.constantFrom('1', '2') }),
      fc.record({ kind: fc.constant('add' as const), key, x: fc.constantFrom('0', '1') }),
      fc.record({ kind: fc.constant('delete' as const), key, x: fc.constant('') }),
    );
    let round = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(write, { maxLength: 30 }), async (writes) => {
        round += 1;
        const table = `replayed-${round}`;
        await endpoint.dynamoDb.createTable({ ...streamedOrdersTable, TableName: table });
        // Sent at once, so that many share a commit.
        await Promise.all(
          writes.map(({ kind, key: id, x }) => {
            const Key = order(id);
            if (kind === 'delete') return endpoint.client.send(new DeleteItemCommand({ TableName: table, Key }));
            const Item = order(id, { x: { N: x } });
            if (kind === 'put') return endpoint.client.send(new PutItemCommand({ TableName: table, Item }));
            const add = { UpdateExpression: 'ADD x :x', ExpressionAttributeValues: { ':x': { N: x } } };
            return endpoint.client.send(new UpdateItemCommand({ TableName: table, Key, ...add }));
          }),
        );
        const replayed = new Map<string, unknown>();
        for (const { dynamodb } of await records(templateStreamArn(table))) {
          const id = String(dynamodb.Keys.id?.S);
          expect(dynamodb.OldImage).toEqual(replayed.get(id));
          expect(dynamodb.NewImage).not.toEqual(dynamodb.OldImage);
          if (dynamodb.NewImage === undefined) replayed.delete(id);
          else replayed.set(id, dynamodb.NewImage);
        }
        const { Items = [] } = await endpoint.client.send(new ScanCommand({ TableName: table }));
        expect(Object.fromEntries(replayed)).toEqual(Object.fromEntries(Items.map((item) => [item.id?.S, item])));
      }),
      { numRuns: 25 },
    );
  });
});
