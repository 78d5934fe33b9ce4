import {
  type AttributeValue,
  type DynamoDBClient,
  paginateQuery,
  paginateScan,
  QueryCommand,
  type TransactWriteItem,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { canonicalJson, type JournalEvent, type JournalReader } from '@nightdesk/core';

/** The write of one journal event, to go into the transaction of the change it describes. Refused when its place is taken. */
export function journalPut(
  tableName: string,
  event: JournalEvent,
): TransactWriteItem & { Put: NonNullable<TransactWriteItem['Put']> } {
  return {
    Put: {
      TableName: tableName,
      Item: marshall({ ...event, data: canonicalJson(event.data) }),
      ConditionExpression: 'attribute_not_exists(#stream)',
      ExpressionAttributeNames: { '#stream': 'stream' },
    },
  };
}

/** The newest event of a stream. */
export async function readLastEvent(
  client: DynamoDBClient,
  tableName: string,
  stream: string,
): Promise<JournalEvent | undefined> {
  const input = {
    TableName: tableName,
    KeyConditionExpression: '#stream = :stream',
    ExpressionAttributeNames: { '#stream': 'stream' },
    ExpressionAttributeValues: { ':stream': { S: stream } },
    ConsistentRead: true,
    ScanIndexForward: false,
    Limit: 1,
  };
  const [item] = (await client.send(new QueryCommand(input))).Items ?? [];
  return item && toEvent(item);
}

/** Reads the journal as it is; what it reads is checked by whoever verifies it. */
export function createJournalReader(client: DynamoDBClient, tableName: string): JournalReader {
  return {
    async read(stream) {
      const events: JournalEvent[] = [];
      const input = {
        TableName: tableName,
        KeyConditionExpression: '#stream = :stream',
        ExpressionAttributeNames: { '#stream': 'stream' },
        ExpressionAttributeValues: { ':stream': { S: stream } },
        ConsistentRead: true,
      };
      for await (const page of paginateQuery({ client }, input)) events.push(...(page.Items ?? []).map(toEvent));
      return events;
    },
    async *scan() {
      // A scan gives the items of one partition key together and in sort-key order.
      for await (const page of paginateScan({ client }, { TableName: tableName, ConsistentRead: true })) {
        yield* (page.Items ?? []).map(toEvent);
      }
    },
  };
}

/** An event as it is stored. */
export function toEvent(item: Record<string, AttributeValue>): JournalEvent {
  const { data, ...event } = unmarshall(item);
  return { ...event, data: JSON.parse(data) } as JournalEvent;
}
