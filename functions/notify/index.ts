import {
  createDeskConfigProvider,
  createSqsClient,
  createSqsNoticeQueue,
  createTelemetry,
  readEnvironment,
} from '@nightdesk/aws';
import { environmentNames } from '@nightdesk/core';
import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import { createHandler } from './handler.ts';

const { queueUrl } = readEnvironment({ queueUrl: environmentNames.noticesQueueUrl });
const telemetry = createTelemetry('notify');
const handle = createHandler({
  loadConfig: createDeskConfigProvider(),
  queue: createSqsNoticeQueue(createSqsClient(), queueUrl),
  telemetry,
});

export function handler({ Records }: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> {
  return handle(Records).finally(() => telemetry.flush());
}
