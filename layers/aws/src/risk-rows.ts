/** The rows that an intent is judged by. */
import { BatchGetItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type AccountId, type RiskRows, type SourceId, sourceRow } from '@nightdesk/core';
import { fromRiskItem, fromSourceItem } from './risk-item.ts';

/** DynamoDB hands back what it had no capacity for. */
const attemptsMax = 5;

/** Strongly consistent, in one request. @throws Error where the table does not give them all */
export async function readRiskRows(
  client: DynamoDBClient,
  tableName: string,
  { account, source }: { account: AccountId; source?: SourceId },
): Promise<RiskRows> {
  const keys = [account, '*', ...(source === undefined ? [] : [sourceRow(source)])];
  const Keys = keys.map((key) => ({ account: { S: key } }));
  let request = { [tableName]: { Keys, ConsistentRead: true } };
  const items = [];
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    const answer = await client.send(new BatchGetItemCommand({ RequestItems: request }));
    items.push(...(answer.Responses?.[tableName] ?? []));
    const left = answer.UnprocessedKeys?.[tableName]?.Keys;
    if (left === undefined || left.length === 0) return rowsOf(items, keys);
    request = { [tableName]: { Keys: left as typeof Keys, ConsistentRead: true } };
  }
  throw new Error('the risk table has no capacity to tell the rows of an account');
}

function rowsOf(items: readonly Parameters<typeof fromRiskItem>[0][], keys: readonly string[]): RiskRows {
  const [account, all, source] = keys.map((key) => items.find((item) => item.account?.S === key));
  return {
    account: account && fromRiskItem(account),
    all: all && fromRiskItem(all),
    source: source && fromSourceItem(source),
  };
}
