import { createMessageRelease, createSqsClient, createTelemetry, readEnvironment, systemClock } from '@nightdesk/aws';
import { environmentNames } from '@nightdesk/core';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { createExecutionRuntime } from '../shared/execution-runtime.ts';
import { processLanes } from '../shared/lane-batch.ts';
import { createHandler } from './handler.ts';

const { queueUrl } = readEnvironment({ queueUrl: environmentNames.signalsQueueUrl });
const telemetry = createTelemetry('execute-order');
const release = createMessageRelease(createSqsClient(), queueUrl);
const handle = createHandler({ ...createExecutionRuntime(telemetry), telemetry });

export async function handler(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  const endsAtMs = systemClock.nowMs() + context.getRemainingTimeInMillis();
  const options = { handle, release, nowMs: systemClock.nowMs, telemetry };
  const batchItemFailures = await processLanes(event.Records, endsAtMs, options);
  telemetry.flush();
  return { batchItemFailures };
}
