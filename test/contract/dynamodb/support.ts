/** A DynamoDB endpoint on an ephemeral loopback port, and the real SDK client that talks to it. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { CloudClock } from '../../../local/cloud/clock.ts';
import { systemClock } from '../../../local/cloud/clock.ts';
import {
  createDynamoDb,
  type DynamoDb,
  type StreamRecord,
  type TableDefinition,
} from '../../../local/cloud/dynamodb/index.ts';

export interface TestEndpoint {
  readonly dynamoDb: DynamoDb;
  readonly client: DynamoDBClient;
  readonly url: string;
  close(): Promise<void>;
}

export function createClient(url: string): DynamoDBClient {
  return new DynamoDBClient({
    endpoint: url,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
}

export async function startDynamoDb(
  options: { directory?: string; clock?: CloudClock; tables?: readonly TableDefinition[] } = {},
): Promise<TestEndpoint> {
  const dynamoDb = createDynamoDb({ directory: options.directory, clock: options.clock ?? systemClock });
  for (const table of options.tables ?? []) await dynamoDb.createTable(table);
  const server = createServer((request, response) => void dynamoDb.handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = createClient(url);
  return {
    dynamoDb,
    client,
    url,
    async close() {
      client.destroy();
      await new Promise((resolve) => server.close(resolve));
      await dynamoDb.close();
    },
  };
}

/** A table keyed by `id`, with a sparse index of the items that have an `account`. */
export const ordersTable: TableDefinition = {
  TableName: 'orders',
  BillingMode: 'PAY_PER_REQUEST',
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  AttributeDefinitions: [
    { AttributeName: 'id', AttributeType: 'S' },
    { AttributeName: 'account', AttributeType: 'S' },
  ],
  GlobalSecondaryIndexes: [
    {
      IndexName: 'by-account',
      KeySchema: [{ AttributeName: 'account', KeyType: 'HASH' }],
      Projection: { ProjectionType: 'KEYS_ONLY' },
    },
  ],
};

/** A table with hash and range key and a TTL attribute. */
export const signalsTable: TableDefinition = {
  TableName: 'signals',
  BillingMode: 'PAY_PER_REQUEST',
  KeySchema: [
    { AttributeName: 'source', KeyType: 'HASH' },
    { AttributeName: 'atMs', KeyType: 'RANGE' },
  ],
  AttributeDefinitions: [
    { AttributeName: 'source', AttributeType: 'S' },
    { AttributeName: 'atMs', AttributeType: 'N' },
  ],
  TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
};

/** `ordersTable` with a stream of whole changes. */
export const streamedOrdersTable: TableDefinition = {
  ...ordersTable,
  StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
};

/** One call of the DynamoDB Streams API, for which no client is installed. @throws Error named as the exception */
export async function callStreams(url: string, operation: string, body: object): Promise<Record<string, unknown>> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `DynamoDBStreams_20120810.${operation}` },
    body: JSON.stringify(body),
  });
  const answer = (await response.json()) as Record<string, unknown>;
  if (response.ok) return answer;
  throw Object.assign(new Error(String(answer.message)), { name: String(answer.__type).split('#').pop() });
}

/** Every record of a table's stream, by the Streams API. */
export async function readStream(url: string, streamArn: string): Promise<StreamRecord[]> {
  const { StreamDescription } = await callStreams(url, 'DescribeStream', { StreamArn: streamArn });
  const [shard] = (StreamDescription as { Shards: { ShardId: string }[] }).Shards;
  const start = { StreamArn: streamArn, ShardId: shard?.ShardId, ShardIteratorType: 'TRIM_HORIZON' };
  let iterator = (await callStreams(url, 'GetShardIterator', start)).ShardIterator;
  const records: StreamRecord[] = [];
  while (iterator !== undefined) {
    const answer = await callStreams(url, 'GetRecords', { ShardIterator: iterator });
    const page = answer.Records as StreamRecord[];
    if (page.length === 0) break;
    records.push(...page);
    iterator = answer.NextShardIterator;
  }
  return records;
}
