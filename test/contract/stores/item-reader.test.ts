/** Reads of single rows, gathered or not, from the embedded DynamoDB. */
import { BatchWriteItemCommand } from '@aws-sdk/client-dynamodb';
import { createDynamoDbClient, createItemReader } from '@nightdesk/aws';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMovableClock } from '../../../local/cloud/clock.ts';
import { createDynamoDb } from '../../../local/cloud/dynamodb/index.ts';
import { jsonTarget, sendJsonError } from '../../../local/cloud/http.ts';
import { serve } from './desk-cloud.ts';

const rowsMax = 130;

describe('rows that are read', () => {
  /** Operations that reached the tables. */
  let asked: string[];
  /** Operations that are refused. */
  let refused: Set<string>;
  let client: ReturnType<typeof createDynamoDbClient>;
  let close: () => Promise<void>;

  beforeEach(async () => {
    [asked, refused] = [[], new Set()];
    const dynamoDb = createDynamoDb({ clock: createMovableClock() });
    const endpoint = await serve({
      ...dynamoDb,
      handle(request, response) {
        const operation = jsonTarget(request)?.operation ?? '';
        asked.push(operation);
        if (!refused.has(operation)) return dynamoDb.handle(request, response);
        sendJsonError(response, { status: 400, type: 'AccessDeniedException', message: 'not allowed' });
      },
    });
    for (const [table, keys] of [
      ['orders', ['id']],
      ['positions', ['account', 'symbol']],
    ] as const) {
      await dynamoDb.createTable({
        TableName: table,
        KeySchema: keys.map((name, index) => ({ AttributeName: name, KeyType: index === 0 ? 'HASH' : 'RANGE' })),
        AttributeDefinitions: keys.map((name) => ({ AttributeName: name, AttributeType: 'S' })),
        BillingMode: 'PAY_PER_REQUEST',
      });
    }
    client = createDynamoDbClient();
    const ids = Array.from({ length: rowsMax }, (_, index) => `o${index}`);
    for (let start = 0; start < rowsMax; start += 25) {
      const puts = ids
        .slice(start, start + 25)
        .map((id) => ({ PutRequest: { Item: { id: { S: id }, of: { S: id } } } }));
      await client.send(new BatchWriteItemCommand({ RequestItems: { orders: puts } }));
    }
    const position = { account: { S: 'main' }, symbol: { S: 'BTC' }, of: { S: 'main BTC' } };
    await client.send(new BatchWriteItemCommand({ RequestItems: { positions: [{ PutRequest: { Item: position } }] } }));
    asked = [];
    close = async () => {
      client.destroy();
      await endpoint.close();
    };
  });
  afterEach(() => close());

  const gathering = () => createItemReader(client, { gathers: true });
  const order = async (reader: ReturnType<typeof createItemReader>, id: string) =>
    (await reader.get('orders', { id }))?.of?.S;

  it('are asked for one by one where nothing is gathered', async () => {
    const reader = createItemReader(client);
    expect(await Promise.all([order(reader, 'o1'), order(reader, 'o2')])).toEqual(['o1', 'o2']);
    expect(asked).toEqual(['GetItem', 'GetItem']);
  });

  it('are asked for in one request where several of one table are wanted', async () => {
    const items = await createItemReader(client).getAll('orders', [{ id: 'o2' }, { id: 'none' }, { id: 'o1' }]);
    expect(items.map((item) => item?.of?.S)).toEqual(['o2', undefined, 'o1']);
    expect(asked).toEqual(['BatchGetItem']);
    expect(await createItemReader(client).getAll('orders', [])).toEqual([]);
    expect(asked).toHaveLength(1);
  });

  it('are asked for in one request where lanes come to the same step, each row once', async () => {
    const reader = gathering();
    /** A lane that has something to wait for before it reads, as one whose configuration is there already. */
    const lane = async (id: string, steps: number) => {
      for (let step = 0; step < steps; step += 1) await Promise.resolve();
      return order(reader, id);
    };
    const position = reader.getAll('positions', [{ account: 'main', symbol: 'BTC' }]);
    const lanes = Promise.all([lane('o1', 0), lane('o2', 3), lane('o1', 7), lane('none', 1)]);
    expect(await lanes).toEqual(['o1', 'o2', 'o1', undefined]);
    expect((await position)[0]?.of?.S).toBe('main BTC');
    expect(asked).toEqual(['BatchGetItem']);
  });

  it('are asked for alone where nobody else wants any, also when others do later', async () => {
    const reader = gathering();
    expect(await order(reader, 'o1')).toBe('o1');
    expect(await Promise.all([order(reader, 'o3'), order(reader, 'o3')])).toEqual(['o3', 'o3']);
    expect(asked).toEqual(['GetItem', 'GetItem']);
  });

  it('may be more than fit into a request', async () => {
    const ids = Array.from({ length: rowsMax }, (_, index) => `o${index}`);
    const reader = gathering();
    expect(await Promise.all(ids.map((id) => order(reader, id)))).toEqual(ids);
    expect(asked).toEqual(['BatchGetItem', 'BatchGetItem']);
  });

  it('fail for everyone whose request failed, and for nobody else', async () => {
    const reader = gathering();
    refused.add('BatchGetItem');
    const both = await Promise.allSettled([order(reader, 'o1'), order(reader, 'o2')]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await order(reader, 'o1')).toBe('o1');
  });
});
