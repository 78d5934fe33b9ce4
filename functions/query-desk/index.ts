import {
  createAwsSecrets,
  createDeskConfigProvider,
  createDynamoDbClient,
  createJournalReader,
  createOrdersRepository,
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
import { createHandler } from './handler.ts';
import type { HealthChecks } from './health.ts';

const { ordersTable, journalTable, riskTable, signalsTable, signalsQueueUrl, secretsPrefix } = environmentNames;
const names = { orders: ordersTable, journal: journalTable, risk: riskTable, signals: signalsTable };
const tables = readEnvironment(names);
const { queueUrl, prefix } = readEnvironment({ queueUrl: signalsQueueUrl, prefix: secretsPrefix });
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
    journal: createJournalReader(dynamoDb, tables.journal),
    risk: createRiskRepository(dynamoDb, tables),
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
