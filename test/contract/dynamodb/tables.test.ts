import {
  type AttributeValue,
  BatchWriteItemCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  ExecuteStatementCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandOutput,
  ScanCommand,
  UpdateItemCommand,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createMovableClock, type MovableClock } from '../../../local/cloud/clock.ts';
import type { TableDefinition } from '../../../local/cloud/dynamodb/index.ts';
import { waitFor } from '../../support/waiting.ts';
import { ordersTable, signalsTable, startDynamoDb, type TestEndpoint } from './support.ts';

let endpoint: TestEndpoint;
let clock: MovableClock;

beforeEach(async () => {
  clock = createMovableClock();
  endpoint = await startDynamoDb({ clock, tables: [ordersTable, signalsTable] });
});
afterEach(() => endpoint.close());

describe('createTable', () => {
  it('makes a table that is ready at once, with its indexes and TTL attribute', async () => {
    const { Table } = await endpoint.client.send(new DescribeTableCommand({ TableName: 'orders' }));
    expect(Table).toMatchObject({
      TableStatus: 'ACTIVE',
      TableArn: 'arn:aws:dynamodb:us-east-1:000000000000:table/orders',
      GlobalSecondaryIndexes: [{ IndexName: 'by-account', IndexStatus: 'ACTIVE' }],
    });
    const expiry = await endpoint.client.send(new DescribeTimeToLiveCommand({ TableName: 'signals' }));
    expect(expiry.TimeToLiveDescription).toEqual({ TimeToLiveStatus: 'ENABLED', AttributeName: 'expiresAt' });
  });

  it('leaves an equal table and its items alone', async () => {
    await endpoint.client.send(new PutItemCommand({ TableName: 'orders', Item: { id: { S: 'a' } } }));
    await endpoint.dynamoDb.createTable(ordersTable);
    expect((await endpoint.client.send(new ScanCommand({ TableName: 'orders' }))).Count).toBe(1);
  });

  it('refuses a table that exists with other keys or indexes, naming the difference', async () => {
    const otherKey = {
      ...ordersTable,
      KeySchema: [{ AttributeName: 'orderId', KeyType: 'HASH' }],
      AttributeDefinitions: [
        { AttributeName: 'orderId', AttributeType: 'S' },
        { AttributeName: 'account', AttributeType: 'S' },
      ],
    };
    await expect(endpoint.dynamoDb.createTable(otherKey)).rejects.toThrow(/table orders .*KeySchema .*HASH orderId/);
    const { GlobalSecondaryIndexes: _removed, ...withoutIndex } = ordersTable;
    await expect(endpoint.dynamoDb.createTable(withoutIndex)).rejects.toThrow(
      /table orders .*GlobalSecondaryIndexes by-account .*should be absent/,
    );
  });

  it('refuses a stream with what it does not know', async () => {
    const withStream = (stream: object) => ({ ...ordersTable, TableName: 'streamed', StreamSpecification: stream });
    const policy = withStream({ StreamViewType: 'NEW_IMAGE', ResourcePolicy: {} }) as unknown as TableDefinition;
    await expect(endpoint.dynamoDb.createTable(policy)).rejects.toThrow(/streamed: StreamSpecification.ResourcePolicy/);
    const view = withStream({ StreamViewType: 'NEW' }) as unknown as TableDefinition;
    await expect(endpoint.dynamoDb.createTable(view)).rejects.toThrow(/streamed: StreamViewType .*not NEW/);
  });
});

describe('time to live', () => {
  const nowSeconds = () => clock.nowMs() / 1000;
  const minuteMs = 60_000;

  async function putSignal(atMs: number, expiresAtSeconds?: number): Promise<void> {
    const Item: Record<string, AttributeValue> = { source: { S: 'demo' }, atMs: { N: String(atMs) } };
    if (expiresAtSeconds !== undefined) Item.expiresAt = { N: String(expiresAtSeconds) };
    await endpoint.client.send(new PutItemCommand({ TableName: 'signals', Item }));
  }

  async function keptSignals(): Promise<(string | undefined)[]> {
    const { Items = [] } = await endpoint.client.send(new ScanCommand({ TableName: 'signals' }));
    return Items.map((item) => item.atMs?.N).sort();
  }

  it('deletes items whose time has passed, and no others', async () => {
    await putSignal(1, nowSeconds() + 30);
    await putSignal(2, nowSeconds() + 3600);
    await putSignal(3);
    clock.advance(2 * minuteMs);
    await waitFor(async () => expect(await keptSignals()).toEqual(['2', '3']));
  });

  it('follows an item whose expiry was moved or taken away', async () => {
    const Key = (atMs: number) => ({ source: { S: 'demo' }, atMs: { N: String(atMs) } });
    await putSignal(1, nowSeconds() + 30);
    await putSignal(2, nowSeconds() + 30);
    await putSignal(3, nowSeconds() + 30);
    await putSignal(1, nowSeconds() + 3600);
    await endpoint.client.send(
      new UpdateItemCommand({ TableName: 'signals', Key: Key(2), UpdateExpression: 'REMOVE expiresAt' }),
    );
    clock.advance(2 * minuteMs);
    await waitFor(async () => expect(await keptSignals()).toEqual(['1', '2']));
  });

  it('leaves an expiry alone that lies more than five years back', async () => {
    await putSignal(1, nowSeconds() - 6 * 365 * 86_400);
    await putSignal(2, nowSeconds() - 86_400);
    clock.advance(2 * minuteMs);
    await waitFor(async () => expect(await keptSignals()).toEqual(['1']));
  });

  it('covers items that were there before it was switched on', async () => {
    const TimeToLiveSpecification = (Enabled: boolean) => ({ AttributeName: 'expiresAt', Enabled });
    const setTimeToLive = (isOn: boolean) =>
      endpoint.client.send(
        new UpdateTimeToLiveCommand({ TableName: 'signals', TimeToLiveSpecification: TimeToLiveSpecification(isOn) }),
      );
    await setTimeToLive(false);
    await putSignal(1, nowSeconds() + 30);
    await setTimeToLive(true);
    clock.advance(2 * minuteMs);
    await waitFor(async () => expect(await keptSignals()).toEqual([]));
  });
});

describe('secondary indexes', () => {
  it('show every one of thousands of items with equal index keys, page by page', async () => {
    const itemCount = 6_000;
    const batchSize = 25;
    for (let first = 0; first < itemCount; first += batchSize) {
      const requests = Array.from({ length: batchSize }, (_, offset) => ({
        PutRequest: { Item: { id: { S: `order-${first + offset}` }, account: { S: 'main' } } },
      }));
      await endpoint.client.send(new BatchWriteItemCommand({ RequestItems: { orders: requests } }));
    }
    const seen = new Set<string | undefined>();
    let ExclusiveStartKey: Record<string, AttributeValue> | undefined;
    do {
      const page: QueryCommandOutput = await endpoint.client.send(
        new QueryCommand({
          TableName: 'orders',
          IndexName: 'by-account',
          KeyConditionExpression: 'account = :account',
          ExpressionAttributeValues: { ':account': { S: 'main' } },
          Limit: 1_000,
          ExclusiveStartKey,
        }),
      );
      for (const item of page.Items ?? []) seen.add(item.id?.S);
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey !== undefined);
    expect(seen.size).toBe(itemCount);
  });
});

describe('UpdateTable', () => {
  const queryBySide = () =>
    endpoint.client.send(
      new QueryCommand({
        TableName: 'orders',
        IndexName: 'by-side',
        KeyConditionExpression: 'side = :side',
        ExpressionAttributeValues: { ':side': { S: 'buy' } },
      }),
    );
  const putBuy = (id: string) =>
    endpoint.client.send(new PutItemCommand({ TableName: 'orders', Item: { id: { S: id }, side: { S: 'buy' } } }));

  it('adds an index that covers old and new items, and removes it', async () => {
    await putBuy('old');
    await endpoint.client.send(
      new UpdateTableCommand({
        TableName: 'orders',
        AttributeDefinitions: [{ AttributeName: 'side', AttributeType: 'S' }],
        GlobalSecondaryIndexUpdates: [
          {
            Create: {
              IndexName: 'by-side',
              KeySchema: [{ AttributeName: 'side', KeyType: 'HASH' }],
              Projection: { ProjectionType: 'ALL' },
            },
          },
        ],
      }),
    );
    await putBuy('new');
    expect((await queryBySide()).Items?.map((item) => item.id?.S).sort()).toEqual(['new', 'old']);

    await endpoint.client.send(
      new UpdateTableCommand({
        TableName: 'orders',
        GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: 'by-side' } }],
      }),
    );
    await expect(queryBySide()).rejects.toMatchObject({ name: 'ValidationException' });
    await endpoint.dynamoDb.createTable(ordersTable);
  });
});

describe('the protocol', () => {
  it('answers an operation it does not have with UnknownOperationException', async () => {
    const warning = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    await expect(
      endpoint.client.send(new ExecuteStatementCommand({ Statement: 'SELECT * FROM orders' })),
    ).rejects.toMatchObject({ name: 'UnknownOperationException' });
    expect(warning).toHaveBeenCalledWith(expect.stringContaining('ExecuteStatement'), expect.anything());
    warning.mockRestore();
  });

  it('answers a body that is no JSON object with SerializationException', async () => {
    for (const body of ['{', '[]', '']) {
      const response = await fetch(endpoint.url, {
        method: 'POST',
        body,
        headers: { 'x-amz-target': 'DynamoDB_20120810.GetItem', 'content-type': 'application/x-amz-json-1.0' },
      });
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ __type: 'com.amazon.coral.service#SerializationException' });
    }
  });

  it('answers a body above 16 MiB with 413', async () => {
    const response = await fetch(endpoint.url, {
      method: 'POST',
      body: 'x'.repeat(17 * 1024 * 1024),
      headers: { 'x-amz-target': 'DynamoDB_20120810.GetItem' },
    });
    expect(response.status).toBe(413);
    await response.body?.cancel();
  });

  it('returns the item that a single write failed on', async () => {
    await endpoint.client.send(new PutItemCommand({ TableName: 'orders', Item: { id: { S: 'a' }, size: { N: '1' } } }));
    await expect(
      endpoint.client.send(
        new PutItemCommand({
          TableName: 'orders',
          Item: { id: { S: 'a' } },
          ConditionExpression: 'attribute_not_exists(id)',
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
      ),
    ).rejects.toMatchObject({ name: 'ConditionalCheckFailedException', Item: { id: { S: 'a' }, size: { N: '1' } } });
  });
});
