/** Streams of the journal that are appended to by themselves, rather than in the transaction of what they tell of. */
import { ConditionalCheckFailedException, type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { JournalEvent } from '@nightdesk/core';
import { journalPut, readLastEvent } from './journal-repository.ts';

export interface JournalStreams {
  /** Strongly consistent; `undefined` before the first event. */
  last(stream: string): Promise<JournalEvent | undefined>;
  /** Writes the event unless its place is taken: `false` means that somebody else was first. */
  append(event: JournalEvent): Promise<boolean>;
}

export function createJournalStreams(client: DynamoDBClient, tableName: string): JournalStreams {
  return {
    last: (stream) => readLastEvent(client, tableName, stream),
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
