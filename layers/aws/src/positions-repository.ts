/** The desk's positions in DynamoDB. Rows are written in the transaction of the order whose fills they count, and only there. */
import {
  type AttributeValue,
  type DynamoDBClient,
  GetItemCommand,
  paginateQuery,
  paginateScan,
  type TransactWriteItem,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { PositionRow, PositionsStore } from '@nightdesk/core';

export function createPositionsRepository(client: DynamoDBClient, tableName: string): PositionsStore {
  return {
    async get(account, symbol) {
      const key = { account: { S: account }, symbol: { S: symbol } };
      const answer = await client.send(new GetItemCommand({ TableName: tableName, Key: key, ConsistentRead: true }));
      return answer.Item && fromItem(answer.Item);
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
  };
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
  return {
    Put: {
      ...Put,
      ConditionExpression: '#version = :version',
      ExpressionAttributeNames: { '#version': 'version' },
      ExpressionAttributeValues: { ':version': { N: String(before.version) } },
    },
  };
}

const fromItem = (item: Record<string, AttributeValue>): PositionRow => unmarshall(item) as PositionRow;
