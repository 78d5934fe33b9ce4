/** The `config` stream of the journal in DynamoDB: which configurations the desk has worked with. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type JournalEvent, streams } from '@nightdesk/core';
import { createJournalStreams, type JournalStreams } from './journal-streams.ts';

export interface ConfigJournal extends Pick<JournalStreams, 'append'> {
  /** Strongly consistent; `undefined` before the first event. */
  last(): Promise<JournalEvent | undefined>;
}

export function createConfigJournal(client: DynamoDBClient, tableName: string): ConfigJournal {
  const { last, append } = createJournalStreams(client, tableName);
  return { last: () => last(streams.config), append };
}
