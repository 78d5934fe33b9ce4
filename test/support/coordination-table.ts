/** The coordination table on an embedded DynamoDB, on an ephemeral port. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { tableSchemas } from '@nightdesk/core';
import { startDynamoDb } from '../contract/dynamodb/support.ts';

export interface TestTable {
  readonly client: DynamoDBClient;
  readonly name: string;
  /** Of the endpoint, for other processes. */
  readonly url: string;
  /** Requests that this client has sent. */
  requests(): number;
  close(): Promise<void>;
}

export async function startCoordinationTable(): Promise<TestTable> {
  const { partitionKey, timeToLive } = tableSchemas.coordination;
  const name = 'coordination';
  const endpoint = await startDynamoDb({
    tables: [
      {
        TableName: name,
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: [{ AttributeName: partitionKey, KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: partitionKey, AttributeType: 'S' }],
        TimeToLiveSpecification: { AttributeName: timeToLive, Enabled: true },
      },
    ],
  });
  let sent = 0;
  endpoint.client.middlewareStack.add(
    (next) => (request) => {
      sent += 1;
      return next(request);
    },
    { step: 'finalizeRequest' },
  );
  return { client: endpoint.client, name, url: endpoint.url, requests: () => sent, close: endpoint.close };
}
