import {
  createMessageRelease,
  createSqsClient,
  createSqsSignalQueue,
  createTelemetry,
  readEnvironment,
  systemClock,
} from '@nightdesk/aws';
import { environmentNames } from '@nightdesk/core';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { createExecutionRuntime } from '../shared/execution-runtime.ts';
import { createHandOver } from '../shared/hand-over.ts';
import { processLanes } from '../shared/lane-batch.ts';
import { createHandler } from './handler.ts';

const { queueUrl } = readEnvironment({ queueUrl: environmentNames.signalsQueueUrl });
const telemetry = createTelemetry('execute-order');
const sqs = createSqsClient();
const release = createMessageRelease(sqs, queueUrl);
const runtime = createExecutionRuntime(telemetry);
const handOver = createHandOver({ queue: createSqsSignalQueue(sqs, queueUrl), loadConfig: runtime.loadConfig });
const handle = createHandler({ ...runtime, ports: { ...runtime.ports, handOver }, telemetry });

export async function handler(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  const endsAtMs = systemClock.nowMs() + context.getRemainingTimeInMillis();
  const options = { handle, release, nowMs: systemClock.nowMs, telemetry };
  const batchItemFailures = await processLanes(event.Records, endsAtMs, options);
  telemetry.flush();
  return { batchItemFailures };
}
