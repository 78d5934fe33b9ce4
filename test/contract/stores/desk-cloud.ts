/** The adapters of layers/aws, on the embedded cloud: one endpoint on an ephemeral port, everything in memory. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  createBooksRepository,
  createDynamoDbClient,
  createItemReader,
  createJournalReader,
  createMarketsRepository,
  createOrdersRepository,
  createPaperRepository,
  createPositionsRepository,
  createRiskRepository,
  createSignalsRepository,
} from '@nightdesk/aws';
import { tableSchemas } from '@nightdesk/core';
import { vi } from 'vitest';
import { createMovableClock } from '../../../local/cloud/clock.ts';
import { createDynamoDb, type TableDefinition } from '../../../local/cloud/dynamodb/index.ts';
import { type AwsEndpoint, createAwsEndpoint } from '../../../local/cloud/endpoint.ts';
import type { AwsService } from '../../../local/cloud/http.ts';
import type { DeskStores } from './desk-stores.ts';

/** Serves these and points the clients of this process at them, which read the environment as functions do. */
export async function serve(...services: AwsService[]): Promise<AwsEndpoint> {
  const endpoint = await createAwsEndpoint({ services, log: () => {} });
  const environment = {
    AWS_ENDPOINT_URL: endpoint.url,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  return {
    url: endpoint.url,
    async close() {
      vi.unstubAllEnvs();
      await endpoint.close();
    },
  };
}

interface KeySchema {
  readonly partitionKey: string;
  readonly sortKey?: string;
}
interface TableSchema extends KeySchema {
  readonly timeToLive?: string;
  readonly indexes?: Readonly<Record<string, KeySchema & { readonly name: string }>>;
}

const namesOf = ({ partitionKey, sortKey }: KeySchema) => [partitionKey, ...(sortKey ? [sortKey] : [])];
const keySchemaOf = (schema: KeySchema): TableDefinition['KeySchema'] =>
  namesOf(schema).map((name, index) => ({ AttributeName: name, KeyType: index === 0 ? 'HASH' : 'RANGE' }));

export function definitionOf(tableName: string, schema: TableSchema): TableDefinition {
  const indexes = Object.values(schema.indexes ?? {});
  const keys = new Set([schema, ...indexes].flatMap(namesOf));
  return {
    TableName: tableName,
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: keySchemaOf(schema),
    AttributeDefinitions: [...keys].map((name) => ({
      AttributeName: name,
      AttributeType: name === tableSchemas.journal.sortKey ? 'N' : 'S',
    })),
    ...(indexes.length > 0 && {
      GlobalSecondaryIndexes: indexes.map((index) => ({
        IndexName: index.name,
        KeySchema: keySchemaOf(index),
        Projection: { ProjectionType: 'ALL' },
      })),
    }),
    ...(schema.timeToLive && { TimeToLiveSpecification: { AttributeName: schema.timeToLive, Enabled: true } }),
  };
}

export const tables = {
  orders: 'desk-orders',
  journal: 'desk-journal',
  signals: 'desk-signals',
  risk: 'desk-risk',
  positions: 'desk-positions',
  markets: 'desk-markets',
  paper: 'desk-paper',
  books: 'desk-books',
} as const;

/** Longer than a signal is kept outside the journal. */
const beyondKeepingMs = 40 * 86_400_000;

/** Stands between the clients and DynamoDB; `handle` lets a request through. */
export type Disturb = (
  request: IncomingMessage,
  response: ServerResponse,
  handle: () => void | Promise<void>,
) => void | Promise<void>;

/** Empty tables with the keys and indexes of the deployed ones, and the repositories on them. */
export async function openCloudStores(
  disturb: Disturb = (_request, _response, handle) => handle(),
): Promise<DeskStores> {
  const clock = createMovableClock();
  const dynamoDb = createDynamoDb({ clock });
  const endpoint = await serve({
    ...dynamoDb,
    handle: (request, response) => disturb(request, response, () => dynamoDb.handle(request, response)),
  });
  for (const [purpose, name] of Object.entries(tables)) {
    await dynamoDb.createTable(definitionOf(name, tableSchemas[purpose as keyof typeof tables]));
  }
  const client = createDynamoDbClient();
  // As the functions that trade read.
  const reader = createItemReader(client, { gathers: true });
  return {
    signals: createSignalsRepository(client, tables),
    orders: createOrdersRepository(client, tables, reader),
    positions: createPositionsRepository(client, tables, reader),
    risk: createRiskRepository(client, tables, reader),
    markets: createMarketsRepository(client, tables.markets),
    paper: createPaperRepository(client, tables.paper),
    books: createBooksRepository(client, tables),
    journal: createJournalReader(client, tables.journal),
    expireSignals: () => clock.advance(beyondKeepingMs),
    async close() {
      client.destroy();
      await endpoint.close();
    },
  };
}
