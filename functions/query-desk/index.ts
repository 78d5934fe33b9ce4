import {
  createAwsSecrets,
  createBooksRepository,
  createCoordinationTable,
  createDeskConfigProvider,
  createDynamoDbClient,
  createJournalReader,
  createOrdersRepository,
  createPositionsRepository,
  createRiskRepository,
  createSignalsRepository,
  createSqsClient,
  createTelemetry,
  httpFunction,
  reachQueue,
  reachTable,
  readEnvironment,
  systemClock,
} from '@nightdesk/aws';
import { environmentNames, secretNames } from '@nightdesk/core';
import { describeVenue, listVenues } from '@nightdesk/exchange/venue-catalog.ts';
import { createHandler } from './handler.ts';
import type { HealthChecks } from './health.ts';

const { ordersTable, positionsTable, journalTable, riskTable, signalsTable, coordinationTable } = environmentNames;
const { booksTable } = environmentNames;
const { signalsQueueUrl, secretsPrefix, venuesDirectory } = environmentNames;
const names = {
  ...{ orders: ordersTable, journal: journalTable, risk: riskTable, signals: signalsTable },
  ...{ positions: positionsTable, books: booksTable, coordination: coordinationTable },
};
const tables = readEnvironment(names);
const { queueUrl, prefix, directory } = readEnvironment({
  ...{ queueUrl: signalsQueueUrl, prefix: secretsPrefix, directory: venuesDirectory },
});
const dynamoDb = createDynamoDbClient();
const sqs = createSqsClient();
const secrets = createAwsSecrets();
const loadConfig = createDeskConfigProvider();
const telemetry = createTelemetry('query-desk');

export const handler = httpFunction(
  createHandler({
    loadConfig,
    secrets,
    secretsPrefix: prefix,
    signals: createSignalsRepository(dynamoDb, tables),
    orders: createOrdersRepository(dynamoDb, tables),
    positions: createPositionsRepository(dynamoDb, tables),
    journal: createJournalReader(dynamoDb, tables.journal),
    risk: createRiskRepository(dynamoDb, tables),
    books: createBooksRepository(dynamoDb, tables),
    coordination: createCoordinationTable(dynamoDb, tables.coordination),
    catalog: {
      list: () => listVenues(directory),
      describe: (venue) => describeVenue(venue, directory),
    },
    health: healthChecks(),
    clock: systemClock,
  }),
  telemetry,
);

function healthChecks(): HealthChecks {
  const tableChecks = Object.entries(tables).map(([part, tableName]) => [part, () => reachTable(dynamoDb, tableName)]);
  return {
    ...Object.fromEntries(tableChecks),
    queue: () => reachQueue(sqs, queueUrl),
    secrets: () => secrets.get(secretNames.token(prefix, 'viewer')),
    configuration: loadConfig,
  };
}
