/** The desk's positions in DynamoDB. Their quantities are written in the transaction of the order whose fills they count, and only there. */
import {
  type AttributeValue,
  type DynamoDBClient,
  paginateQuery,
  paginateScan,
  type TransactWriteItem,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { type PositionRow, type PositionsStore, revaluation } from '@nightdesk/core';
import { createItemReader } from './item-reader.ts';
import { createFunding } from './position-funding.ts';
import { counterUpdate } from './risk-item.ts';
import { transact } from './transact.ts';

export function createPositionsRepository(
  client: DynamoDBClient,
  tables: { positions: string; risk: string; journal: string },
  reader = createItemReader(client),
): PositionsStore {
  const tableName = tables.positions;
  const positions: PositionsStore = {
    async revalue(position, exposure) {
      const after = { ...position, exposure, valuations: (position.valuations ?? 0) + 1 };
      const counters = revaluation(position, { before: position, after });
      const result = await transact(client, [
        positionPut(tableName, position, after),
        ...counters.map((change) => counterUpdate(tables.risk, change)),
      ]);
      return result.kind === 'written';
    },
    async get(account, symbol) {
      const item = await reader.get(tableName, { account, symbol });
      return item && fromItem(item);
    },
    async listByAccount(account) {
      const rows: PositionRow[] = [];
      const input = {
        TableName: tableName,
        KeyConditionExpression: '#account = :account',
        ExpressionAttributeNames: { '#account': 'account' },
        ExpressionAttributeValues: { ':account': { S: account } },
        ConsistentRead: true,
      };
      for await (const page of paginateQuery({ client }, input)) rows.push(...(page.Items ?? []).map(fromItem));
      return rows;
    },
    fund: (of, payments, atMs) => createFunding(client, tables, positions.get)(of, payments, atMs),
  };
  return positions;
}

/** Every position, in no order; strongly consistent, for verification. */
export async function* scanPositions(client: DynamoDBClient, tableName: string): AsyncIterable<PositionRow> {
  for await (const page of paginateScan({ client }, { TableName: tableName, ConsistentRead: true })) {
    yield* (page.Items ?? []).map(fromItem);
  }
}

/** The write of a position as it is after `before`. Refused when somebody else has changed it since. */
export function positionPut(tableName: string, before: PositionRow | undefined, after: PositionRow): TransactWriteItem {
  const Put = { TableName: tableName, Item: marshall(after) };
  if (before === undefined) {
    const names = { '#account': 'account' };
    return { Put: { ...Put, ConditionExpression: 'attribute_not_exists(#account)', ExpressionAttributeNames: names } };
  }
  // A worth that was found meanwhile is in the counters already: what is written must begin from it.
  const { valuations } = before;
  const valued: { condition: string; values: Record<string, AttributeValue> } =
    valuations === undefined
      ? { condition: 'attribute_not_exists(#valuations)', values: {} }
      : { condition: '#valuations = :valuations', values: { ':valuations': { N: String(valuations) } } };
  return {
    Put: {
      ...Put,
      ConditionExpression: `#version = :version AND ${valued.condition}`,
      ExpressionAttributeNames: { '#version': 'version', '#valuations': 'valuations' },
      ExpressionAttributeValues: { ':version': { N: String(before.version) }, ...valued.values },
    },
  };
}

const fromItem = (item: Record<string, AttributeValue>): PositionRow => unmarshall(item) as PositionRow;
