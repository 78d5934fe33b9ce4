/** What keeps candles, on the embedded cloud: a table with the keys of the deployed one. */
import { createCandleRepository, createDynamoDbClient, createSeriesRepository } from '@nightdesk/aws';
import { tableSchemas } from '@nightdesk/core';
import { createMovableClock } from '../../../local/cloud/clock.ts';
import { createDynamoDb } from '../../../local/cloud/dynamodb/index.ts';
import { dayStartMs, minuteMs } from '../../support/candle-series.ts';
import { type Disturb, definitionOf, serve } from './desk-cloud.ts';

const tableName = 'desk-candles';

/** An empty table with the keys of the deployed one, and the repositories on it. */
export async function openCandleTable(disturb: Disturb = (_request, _response, handle) => handle()) {
  const clock = createMovableClock(dayStartMs);
  const dynamoDb = createDynamoDb({ clock });
  const endpoint = await serve({
    ...dynamoDb,
    handle: (request, response) => disturb(request, response, () => dynamoDb.handle(request, response)),
  });
  await dynamoDb.createTable(definitionOf(tableName, tableSchemas.candles));
  const client = createDynamoDbClient();
  return {
    client,
    tableName,
    candles: createCandleRepository(client, tableName),
    series: createSeriesRepository(client, tableName),
    passTo: async (atMs: number) => clock.advance(Math.max(minuteMs, atMs - clock.nowMs())),
    async close() {
      client.destroy();
      await endpoint.close();
    },
  };
}
