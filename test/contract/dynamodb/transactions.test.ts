import {
  DynamoDBServiceException,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TransactGetItemsCommand,
  type TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMovableClock, type MovableClock } from '../../../local/cloud/clock.ts';
import fc from '../../support/property.ts';
import { ordersTable, startDynamoDb, type TestEndpoint } from './support.ts';

const TableName = 'orders';
const key = (id: string) => ({ id: { S: id } });

let endpoint: TestEndpoint;
let clock: MovableClock;

beforeEach(async () => {
  clock = createMovableClock();
  endpoint = await startDynamoDb({ clock, tables: [ordersTable] });
});
afterEach(() => endpoint.close());

async function readItem(id: string) {
  const { Item } = await endpoint.client.send(new GetItemCommand({ TableName, Key: key(id) }));
  return Item;
}

const write = (TransactItems: TransactWriteItem[], ClientRequestToken?: string) =>
  endpoint.client.send(new TransactWriteItemsCommand({ TransactItems, ClientRequestToken }));

const put = (id: string, quantity = 1): TransactWriteItem => ({
  Put: { TableName, Item: { ...key(id), quantity: { N: String(quantity) } } },
});

const increment = (id: string) => ({
  TableName,
  Key: key(id),
  UpdateExpression: 'ADD quantity :one',
  ExpressionAttributeValues: { ':one': { N: '1' } },
});

const addOne = (id: string): TransactWriteItem => ({ Update: increment(id) });

describe('TransactWriteItems', () => {
  it('applies put, update, delete and condition check together', async () => {
    await write([put('kept', 1), put('gone', 1), put('checked', 1)]);
    await write([
      put('new', 7),
      addOne('kept'),
      { Delete: { TableName, Key: key('gone') } },
      { ConditionCheck: { TableName, Key: key('checked'), ConditionExpression: 'attribute_exists(id)' } },
    ]);
    expect(await readItem('new')).toEqual({ ...key('new'), quantity: { N: '7' } });
    expect(await readItem('kept')).toEqual({ ...key('kept'), quantity: { N: '2' } });
    expect(await readItem('gone')).toBeUndefined();
  });

  it('changes nothing when one condition fails, and says which and on what item', async () => {
    await write([put('taken', 5)]);
    const refused = write([
      put('fresh'),
      {
        Put: {
          TableName,
          Item: key('taken'),
          ConditionExpression: 'attribute_not_exists(id)',
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        },
      },
      { ConditionCheck: { TableName, Key: key('absent'), ConditionExpression: 'attribute_exists(id)' } },
    ]);
    const error = await refused.catch((caught: TransactionCanceledException) => caught);
    expect(error).toMatchObject({
      name: 'TransactionCanceledException',
      message:
        'Transaction cancelled, please refer cancellation reasons for specific reasons ' +
        '[None, ConditionalCheckFailed, ConditionalCheckFailed]',
      CancellationReasons: [
        { Code: 'None' },
        {
          Code: 'ConditionalCheckFailed',
          Message: 'The conditional request failed',
          Item: { ...key('taken'), quantity: { N: '5' } },
        },
        { Code: 'ConditionalCheckFailed', Message: 'The conditional request failed' },
      ],
    });
    expect(await readItem('fresh')).toBeUndefined();
    expect(await readItem('taken')).toMatchObject({ quantity: { N: '5' } });
  });

  it.each([
    ['two parts on one item', [put('same'), addOne('same')], 'ValidationException'],
    ['no part', [], 'ValidationException'],
    ['101 parts', Array.from({ length: 101 }, (_, index) => put(`item-${index}`)), 'ValidationException'],
    ['a table that does not exist', [{ Delete: { TableName: 'nowhere', Key: key('a') } }], 'ResourceNotFoundException'],
    [
      'more than 4 MB of items',
      Array.from({ length: 11 }, (_, index) => ({
        Put: { TableName, Item: { ...key(`large-${index}`), body: { S: 'x'.repeat(390_000) } } },
      })),
      'ValidationException',
    ],
  ])('refuses %s', async (_what, parts, name) => {
    await expect(write(parts)).rejects.toMatchObject({ name });
    expect((await endpoint.client.send(new ScanCommand({ TableName }))).Count).toBe(0);
  });

  it('takes 100 parts', async () => {
    await write(Array.from({ length: 100 }, (_, index) => put(`item-${index}`)));
    expect((await endpoint.client.send(new ScanCommand({ TableName }))).Count).toBe(100);
  });

  it('keeps index rows in step with the items of a transaction', async () => {
    const account = { S: 'main' };
    await write([
      { Put: { TableName, Item: { ...key('a'), account } } },
      { Put: { TableName, Item: { ...key('b'), account } } },
    ]);
    await write([
      { Update: { TableName, Key: key('a'), UpdateExpression: 'REMOVE account' } },
      { Put: { TableName, Item: { ...key('c'), account } } },
    ]);
    const { Items } = await endpoint.client.send(
      new QueryCommand({
        TableName,
        IndexName: 'by-account',
        KeyConditionExpression: 'account = :account',
        ExpressionAttributeValues: { ':account': account },
      }),
    );
    expect(Items?.map((item) => item.id?.S).sort()).toEqual(['b', 'c']);
  });
});

describe('ClientRequestToken', () => {
  it('executes a transaction once in ten minutes, and again after that', async () => {
    await write([addOne('counter')], 'token-1');
    await write([addOne('counter')], 'token-1');
    expect(await readItem('counter')).toMatchObject({ quantity: { N: '1' } });

    clock.advance(10 * 60 * 1000);
    await write([addOne('counter')], 'token-1');
    expect(await readItem('counter')).toMatchObject({ quantity: { N: '2' } });
  });

  it('refuses the token of another transaction', async () => {
    await write([addOne('counter')], 'token-1');
    await expect(write([addOne('other')], 'token-1')).rejects.toMatchObject({
      name: 'IdempotentParameterMismatchException',
    });
  });

  it('lets a refused transaction be sent again', async () => {
    const parts: TransactWriteItem[] = [
      addOne('counter'),
      { ConditionCheck: { TableName, Key: key('gate'), ConditionExpression: 'attribute_exists(id)' } },
    ];
    await expect(write(parts, 'token-1')).rejects.toBeInstanceOf(DynamoDBServiceException);
    await write([put('gate')]);
    await write(parts, 'token-1');
    expect(await readItem('counter')).toMatchObject({ quantity: { N: '1' } });
  });
});

describe('serializability', () => {
  it('loses no update when transactions and single writes meet on the same items', async () => {
    const ids = ['a', 'b', 'c'];
    const operation = fc.record({
      ids: fc.uniqueArray(fc.constantFrom(...ids), { minLength: 1 }),
      isSingle: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { minLength: 1, maxLength: 40 }), async (operations) => {
        await write(ids.map((id) => put(id, 0)));
        await Promise.all(
          operations.map(({ ids: [first = 'a', ...others], isSingle }) =>
            isSingle
              ? endpoint.client.send(new UpdateItemCommand(increment(first)))
              : write([first, ...others].map(addOne)),
          ),
        );
        for (const id of ids) {
          const expected = operations.filter(({ ids: touched, isSingle }) =>
            isSingle ? touched[0] === id : touched.includes(id),
          );
          expect(await readItem(id)).toMatchObject({ quantity: { N: String(expected.length) } });
        }
      }),
      { numRuns: 15 },
    );
  });

  it('never shows a transactional reader half a transaction', async () => {
    const rounds = 100;
    await write([put('left', 0), put('right', 0)]);
    let isWriting = true;
    const writer = (async () => {
      for (let round = 1; round <= rounds; round += 1) await write([put('left', round), put('right', round)]);
      isWriting = false;
    })();
    const Get = (id: string) => ({ Get: { TableName, Key: key(id) } });
    while (isWriting) {
      const { Responses = [] } = await endpoint.client.send(
        new TransactGetItemsCommand({ TransactItems: [Get('left'), Get('right')] }),
      );
      expect(Responses[0]?.Item?.quantity).toEqual(Responses[1]?.Item?.quantity);
    }
    await writer;
  });

  it('lets exactly one of many conditional writers win', async () => {
    const attempts = Array.from({ length: 30 }, (_, index) =>
      index % 2 === 0
        ? write([
            {
              Put: {
                TableName,
                Item: { ...key('lease'), owner: { N: String(index) } },
                ConditionExpression: 'attribute_not_exists(id)',
              },
            },
          ])
        : endpoint.client.send(
            new PutItemCommand({
              TableName,
              Item: { ...key('lease'), owner: { N: String(index) } },
              ConditionExpression: 'attribute_not_exists(id)',
            }),
          ),
    );
    const results = await Promise.allSettled(attempts);
    const winners = results.flatMap((result, index) => (result.status === 'fulfilled' ? [index] : []));
    expect(winners).toHaveLength(1);
    expect(await readItem('lease')).toMatchObject({ owner: { N: String(winners[0]) } });
  });
});
