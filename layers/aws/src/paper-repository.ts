/** Paper accounts in DynamoDB: one row for what an account has and its open orders, and one for each order with its fills. */
import {
  type AttributeValue,
  type DynamoDBClient,
  GetItemCommand,
  type TransactWriteItem,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import {
  type AccountId,
  accountToStore,
  type PaperAccount,
  type PaperOrder,
  type PaperStore,
  tableSchemas,
  VersionConflictError,
} from '@nightdesk/core';
import { failedAt, transact } from './transact.ts';

const { partitionKey, sortKey } = tableSchemas.paper;
const accountRow = 'account';
const orderRow = (clientOrderId: string): string => `order#${clientOrderId}`;
const keyOf = (account: AccountId, row: string) => ({ [partitionKey]: { S: account }, [sortKey]: { S: row } });
const options = { removeUndefinedValues: true };

export function createPaperRepository(client: DynamoDBClient, tableName: string): PaperStore {
  const read = async (account: AccountId, row: string): Promise<Record<string, AttributeValue> | undefined> => {
    const input = { TableName: tableName, Key: keyOf(account, row), ConsistentRead: true };
    return (await client.send(new GetItemCommand(input))).Item;
  };
  return {
    async load(account) {
      const item = await read(account, accountRow);
      return item && withoutKeys<PaperAccount>(item);
    },
    async find(account, clientOrderId) {
      const item = await read(account, orderRow(clientOrderId));
      if (item === undefined) return undefined;
      const { head, fills } = withoutKeys<StoredOrder>(item);
      return { ...head, fills };
    },
    async save(id, { account, orders }) {
      const items = [accountPut(tableName, id, account), ...orders.map((order) => orderUpdate(tableName, id, order))];
      const result = await transact(client, items);
      if (result.kind === 'written') return;
      if (failedAt(result.reasons, 0)) throw new VersionConflictError(`paper account ${id}`);
      throw new Error(`paper account ${id} could not be written: ${result.reasons.map(({ Code }) => Code).join(', ')}`);
    },
  };
}

/** All that can change of an order is one attribute, beside its fills that are only added to. */
interface StoredOrder {
  head: Omit<PaperOrder, 'fills'>;
  fills: PaperOrder['fills'];
}

function withoutKeys<Row>(item: Record<string, AttributeValue>): Row {
  const { [partitionKey]: _account, [sortKey]: _row, ...rest } = unmarshall(item);
  return rest as Row;
}

function accountPut(tableName: string, id: AccountId, account: PaperAccount): TransactWriteItem {
  const row = { ...accountToStore(account), version: account.version + 1 };
  const Item = { ...keyOf(id, accountRow), ...marshall(row, options) };
  const isNew = account.version === 0;
  return {
    Put: {
      ...{ TableName: tableName, Item },
      ConditionExpression: isNew ? 'attribute_not_exists(#version)' : '#version = :version',
      ExpressionAttributeNames: { '#version': 'version' },
      ...(!isNew && { ExpressionAttributeValues: { ':version': { N: String(account.version) } } }),
    },
  };
}

function orderUpdate(tableName: string, id: AccountId, { fills, ...head }: PaperOrder): TransactWriteItem {
  const values = marshall({ ':head': head, ':fills': fills, ':none': [] }, options);
  return {
    Update: {
      ...{ TableName: tableName, Key: keyOf(id, orderRow(head.request.clientOrderId)) },
      UpdateExpression: 'SET head = :head, fills = list_append(if_not_exists(fills, :none), :fills)',
      ExpressionAttributeValues: values,
    },
  };
}
