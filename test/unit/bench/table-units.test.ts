import { describe, expect, it } from 'vitest';
import { addUnits, itemBytes, type TableRequest, unitsOf } from '../../../bench/table-units.ts';
import fc from '../../support/property.ts';

const indexKeys = { orders: ['openAccount', 'signalId'] };
const consumed = (CapacityUnits: number) => ({ ConsumedCapacity: { CapacityUnits } });
const exchange = (changes: Partial<TableRequest>): TableRequest => ({
  ...{ operation: 'GetItem', request: {}, status: 200, answer: {} },
  ...changes,
});
const charged = (changes: Partial<TableRequest>) => unitsOf(exchange(changes), indexKeys);
/** An item of so many bytes in all. */
const itemOf = (bytes: number, more: object = {}) => ({ ...more, text: { S: 'x'.repeat(bytes - 'text'.length) } });

describe('a read', () => {
  it('is charged what the table says', () => {
    expect(charged({ operation: 'Query', answer: consumed(12.5) })).toEqual({ read: 12.5, write: 0 });
  });

  it.each([
    [{}, 0.5],
    [{ ConsistentRead: true }, 1],
  ])('of what is not there is charged the least there is: %j', (request, read) => {
    expect(charged({ request, answer: consumed(0) })).toEqual({ read, write: 0 });
  });

  it('of several tables is charged for each of them', () => {
    const answer = { ConsumedCapacity: [{ CapacityUnits: 2 }, { CapacityUnits: 3 }] };
    expect(charged({ operation: 'TransactGetItems', answer })).toEqual({ read: 5, write: 0 });
  });

  it('that was refused is free', () => {
    expect(charged({ status: 400, answer: { __type: 'x#ValidationException' } })).toEqual({ read: 0, write: 0 });
  });
});

describe('a write', () => {
  it('is charged what the table says where no index shows the item', () => {
    const request = { TableName: 'coordination', UpdateExpression: 'SET a = :a' };
    expect(charged({ operation: 'UpdateItem', request, answer: consumed(1) })).toEqual({ read: 0, write: 1 });
  });

  it.each([
    ['none of the indexes', {}, 2],
    ['one of them', { signalId: { S: '' } }, 2 + 2],
    ['both', { signalId: { S: '' }, openAccount: { S: '' } }, 2 + 2 + 2],
  ])('of an item that is in %s is charged for each of those too', (_, keys, write) => {
    const request = { TableName: 'orders', Item: itemOf(1_500, keys) };
    expect(charged({ operation: 'PutItem', request, answer: consumed(2) })).toEqual({ read: 0, write });
  });

  it('of several parts is charged for the indexes of each, however they came', () => {
    const Item = itemOf(100, { signalId: { S: '' } });
    const put = { TableName: 'orders', Item };
    const check = { TableName: 'risk', Key: {}, ConditionExpression: 'a = :a' };
    const TransactItems = [{ Put: put }, { ConditionCheck: check }];
    const transaction = { operation: 'TransactWriteItems', request: { TransactItems }, answer: consumed(4) };
    expect(charged(transaction)).toEqual({ read: 0, write: 4 + 1 });
    const RequestItems = { orders: [{ PutRequest: { Item } }, { DeleteRequest: { Key: {} } }] };
    expect(charged({ operation: 'BatchWriteItem', request: { RequestItems }, answer: consumed(2) })).toEqual({
      read: 0,
      write: 2 + 1,
    });
  });

  it('whose condition fails is charged as well, twice in a transaction', () => {
    const refused = (operation: string, request: object, __type: string) =>
      charged({ operation, request: { ...request }, status: 400, answer: { __type } });
    expect(refused('PutItem', {}, 'com.amazonaws#ConditionalCheckFailedException').write).toBe(1);
    const TransactItems = [{ Put: {} }, { Update: {} }];
    expect(refused('TransactWriteItems', { TransactItems }, 'x#TransactionCanceledException').write).toBe(4);
    expect(refused('PutItem', {}, 'x#ThrottlingException').write).toBe(0);
  });

  it('to a part of an item that indexes show is not guessed', () => {
    const request = { TableName: 'orders', UpdateExpression: 'SET a = :a' };
    expect(() => charged({ operation: 'UpdateItem', request, answer: consumed(1) })).toThrow(/orders is not counted/);
  });
});

it('a request about tables is free', () => {
  expect(charged({ operation: 'ListTables' })).toEqual({ read: 0, write: 0 });
});

it('units add up, each kind for itself', () => {
  expect(addUnits({ read: 1, write: 2 }, { read: 0.5, write: 3 })).toEqual({ read: 1.5, write: 5 });
});

describe('the size of an item', () => {
  it.each([
    ['a text and its name, in UTF-8', { name: { S: 'é€' } }, 4 + 5],
    ['a number, two digits to a byte', { n: { N: '-123.450' } }, 1 + 4],
    ['a truth', { b: { BOOL: true } }, 1 + 1],
    ['nothing', { z: { NULL: true } }, 1 + 1],
    ['bytes, which are written in base64', { x: { B: 'AAECAw==' } }, 1 + 4],
    ['a list', { l: { L: [{ S: 'ab' }, { BOOL: false }] } }, 1 + 3 + (2 + 1) + (1 + 1)],
    ['a map', { m: { M: { k: { S: 'ab' } } } }, 1 + 3 + (1 + 2 + 1)],
    ['a set', { s: { SS: ['ab', 'c'] } }, 1 + 3],
  ])('counts %s', (_, item, bytes) => {
    expect(itemBytes(item)).toBe(bytes);
  });

  it('is that of its attributes together', () => {
    const item = fc.dictionary(fc.string(), fc.record({ S: fc.string() }));
    fc.assert(
      fc.property(item, (attributes) => {
        const each = Object.entries(attributes).map((attribute) => itemBytes(Object.fromEntries([attribute])));
        expect(itemBytes(attributes)).toBe(each.reduce((sum, bytes) => sum + bytes, 0));
      }),
    );
  });
});
