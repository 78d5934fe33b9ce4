import { createMessageRelease, createSqsClient, createTelemetry, readEnvironment, systemClock } from '@nightdesk/aws';
import { environmentNames, kindOfSymbol } from '@nightdesk/core';
import { traitsOf } from '@nightdesk/exchange/traits/index.ts';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { createExecutionRuntime } from '../shared/execution-runtime.ts';
import { processLanes } from '../shared/lane-batch.ts';
import { createHandler } from './handler.ts';

const { queueUrl } = readEnvironment({ queueUrl: environmentNames.reconciliationsQueueUrl });
const telemetry = createTelemetry('reconcile-balances');
const release = createMessageRelease(createSqsClient(), queueUrl);
const reconcileAccount = createHandler({
  ...createExecutionRuntime(telemetry),
  telemetry,
  // Paper accounts have no venue of their own: their orders keep the ids that the desk gave them.
  clientOrderIdOf: ({ venue, mode }, orderId, symbol) =>
    mode === 'paper' ? orderId : traitsOf(venue).clientOrderIdFor(orderId, { kind: kindOfSymbol(symbol) }),
});

export async function handler(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  const endsAtMs = systemClock.nowMs() + context.getRemainingTimeInMillis();
  const options = { handle: reconcileAccount, release, nowMs: systemClock.nowMs, telemetry };
  const batchItemFailures = await processLanes(event.Records, endsAtMs, options);
  telemetry.flush();
  return { batchItemFailures };
}
