/** What keeps quotes, on the embedded cloud: a table with the keys of the deployed one. */
import { createDynamoDbClient, createQuotesRepository } from '@nightdesk/aws';
import { tableSchemas } from '@nightdesk/core';
import { createMovableClock } from '../../../local/cloud/clock.ts';
import { createDynamoDb } from '../../../local/cloud/dynamodb/index.ts';
import { startMs } from '../../support/live-quotes.ts';
import { definitionOf, serve } from './desk-cloud.ts';

const tableName = 'desk-quotes';

/** An empty table, and the repository on it. */
export async function openQuotesTable() {
  const clock = createMovableClock(startMs);
  const dynamoDb = createDynamoDb({ clock });
  const endpoint = await serve(dynamoDb);
  await dynamoDb.createTable(definitionOf(tableName, tableSchemas.quotes));
  const client = createDynamoDbClient();
  return {
    client,
    tableName,
    quotes: createQuotesRepository(client, tableName, clock),
    pass: async (byMs: number) => clock.advance(byMs),
    async close() {
      client.destroy();
      await endpoint.close();
    },
  };
}
