import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { tableSchemas } from '@nightdesk/core';

const { partitionKey, timeToLive } = tableSchemas.coordination;
/** A message may come again from the queue for 4 days, and from its dead letters, by hand, for 14 more. */
const rememberedSeconds = 20 * 86_400;

/** Which notices a channel has taken already. */
export interface SentNotices {
  has(noticeId: string, channel: string): Promise<boolean>;
  /** Does nothing where it is marked already. */
  mark(noticeId: string, channel: string, nowMs: number): Promise<void>;
}

/** Rows `notice#<id>#<channel>` of the coordination table. */
export function createSentNotices(client: DynamoDBClient, tableName: string): SentNotices {
  const keyOf = (noticeId: string, channel: string) => ({ [partitionKey]: { S: `notice#${noticeId}#${channel}` } });
  return {
    async has(noticeId, channel) {
      const input = { TableName: tableName, Key: keyOf(noticeId, channel), ConsistentRead: true };
      return (await client.send(new GetItemCommand(input))).Item !== undefined;
    },
    async mark(noticeId, channel, nowMs) {
      const expiresAt = Math.ceil(nowMs / 1_000) + rememberedSeconds;
      const put = new PutItemCommand({
        TableName: tableName,
        Item: { ...keyOf(noticeId, channel), [timeToLive]: { N: String(expiresAt) } },
        ConditionExpression: 'attribute_not_exists(#key)',
        ExpressionAttributeNames: { '#key': partitionKey },
      });
      await client.send(put).catch((error: unknown) => {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
      });
    },
  };
}
