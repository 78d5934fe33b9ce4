import {
  createConfigJournal,
  createDeskConfigProvider,
  createDynamoDbClient,
  createRiskRepository,
  createSqsClient,
  createSqsReconciliationsQueue,
  createTelemetry,
  readEnvironment,
  systemClock,
} from '@nightdesk/aws';
import { environmentNames } from '@nightdesk/core';
import { createHandler, type PlanSummary } from './handler.ts';

const { journalTable, riskTable, reconciliationsQueueUrl, stage } = environmentNames;
const environment = readEnvironment({ journal: journalTable, risk: riskTable, reconciliationsQueueUrl, stage });
const telemetry = createTelemetry('plan-reconciliations');
const dynamoDb = createDynamoDbClient();
const provider = createDeskConfigProvider();
const planAll = createHandler({
  // What was read a minute ago is no newer than the schedule, and a change is to be told of at once.
  loadConfig: () => provider({ newest: true }),
  queue: createSqsReconciliationsQueue(createSqsClient(), environment.reconciliationsQueueUrl),
  risk: createRiskRepository(dynamoDb, environment),
  journal: createConfigJournal(dynamoDb, environment.journal),
  // The local desk takes over what is saved in config/*.yaml; elsewhere only a deployment changes it.
  configAuthor: environment.stage === 'local' ? 'local file' : 'deployment',
  clock: systemClock,
  telemetry,
});

export function handler(): Promise<PlanSummary> {
  return planAll().finally(() => telemetry.flush());
}
