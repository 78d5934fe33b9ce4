import { createTelemetry, readEnvironment, systemClock } from '@nightdesk/aws';
import { environmentNames } from '@nightdesk/core';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { createExecutionRuntime } from '../shared/execution-runtime.ts';
import { createHandOver } from '../shared/hand-over.ts';
import { type LaneBatchOptions, processLanes } from '../shared/lane-batch.ts';
import { createHandler } from './handler.ts';

const { queueUrl } = readEnvironment({ queueUrl: environmentNames.signalsQueueUrl });
const telemetry = createTelemetry('execute-order');
const runtime = createExecutionRuntime(telemetry);

/** Loaded when something goes wrong, so that what goes well need not wait for the client of a queue. */
const openQueue = async () => (await import('./signals-queue.ts')).openSignalsQueue(queueUrl);
let opened: ReturnType<typeof openQueue> | undefined;
function signalsQueue(): ReturnType<typeof openQueue> {
  opened ??= openQueue();
  return opened;
}

const release: LaneBatchOptions['release'] = async (...messages) => (await signalsQueue()).release(...messages);
const handOver = createHandOver({
  queue: { send: async (messages) => (await signalsQueue()).queue.send(messages) },
  loadConfig: runtime.loadConfig,
});
const handle = createHandler({ ...runtime, ports: { ...runtime.ports, handOver }, telemetry });

export async function handler(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  const endsAtMs = systemClock.nowMs() + context.getRemainingTimeInMillis();
  const options = { handle, release, nowMs: systemClock.nowMs, telemetry };
  const batchItemFailures = await processLanes(event.Records, endsAtMs, options);
  telemetry.flush();
  return { batchItemFailures };
}
