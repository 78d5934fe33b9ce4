/** The `config` stream of the journal in DynamoDB: which configurations the desk has worked with. */
import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { type JournalEvent, streams, tableSchemas } from '@nightdesk/core';
import { journalPut, toEvent } from './journal-repository.ts';

export interface ConfigJournal {
  /** Strongly consistent; `undefined` before the first event. */
  last(): Promise<JournalEvent | undefined>;
  /** Writes the event unless its place is taken: `false` means that somebody else was first. */
  append(event: JournalEvent): Promise<boolean>;
}

export function createConfigJournal(client: DynamoDBClient, tableName: string): ConfigJournal {
  return {
    async last() {
      const answer = await client.send(
        new QueryCommand({
          TableName: tableName,
          KeyConditionExpression: '#stream = :stream',
          ExpressionAttributeNames: { '#stream': tableSchemas.journal.partitionKey },
          ExpressionAttributeValues: { ':stream': { S: streams.config } },
          ScanIndexForward: false,
          ConsistentRead: true,
          Limit: 1,
        }),
      );
      const item = answer.Items?.[0];
      return item && toEvent(item);
    },
    async append(event) {
      const { Put } = journalPut(tableName, event);
      try {
        await client.send(new PutItemCommand(Put));
        return true;
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return false;
        throw error;
      }
    },
  };
}
