/** Many rows of the candles table, written or removed each for itself. */
import { setTimeout as sleep } from 'node:timers/promises';
import { BatchWriteItemCommand, type DynamoDBClient, type WriteRequest } from '@aws-sdk/client-dynamodb';

/** DynamoDB's own bound on a batch. */
const batchSize = 25;
const retriesMax = 8;
const retryPauseMs = 50;

/**
 * @param requests no two of one row
 * @throws Error when DynamoDB takes some of them not even after `retriesMax` retries
 */
export async function writeAll(client: DynamoDBClient, tableName: string, requests: WriteRequest[]): Promise<void> {
  for (let start = 0; start < requests.length; start += batchSize) {
    await writeBatch(client, tableName, requests.slice(start, start + batchSize));
  }
}

async function writeBatch(client: DynamoDBClient, tableName: string, batch: WriteRequest[]): Promise<void> {
  let left = batch;
  for (let retry = 0; retry <= retriesMax; retry += 1) {
    const answer = await client.send(new BatchWriteItemCommand({ RequestItems: { [tableName]: left } }));
    left = answer.UnprocessedItems?.[tableName] ?? [];
    if (left.length === 0) return;
    await sleep(Math.random() * retryPauseMs * 2 ** retry);
  }
  throw new Error(`${left.length} rows of ${tableName} could not be written after ${retriesMax} retries`);
}
