import { createMessageRelease, createSqsClient, createTelemetry, readEnvironment, systemClock } from '@nightdesk/aws';
import { environmentNames, kindOfSymbol } from '@nightdesk/core';
import { traitsOf } from '@nightdesk/exchange/traits/index.ts';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { createExecutionRuntime } from '../shared/execution-runtime.ts';
import { createHandler } from './handler.ts';

const { queueUrl } = readEnvironment({ queueUrl: environmentNames.orderNewsQueueUrl });
const telemetry = createTelemetry('apply-order-news');
const applyOrderNews = createHandler({
  ...createExecutionRuntime(telemetry),
  telemetry,
  release: createMessageRelease(createSqsClient(), queueUrl),
  clientOrderIdOf: ({ venue }, orderId, symbol) =>
    traitsOf(venue).clientOrderIdFor(orderId, { kind: kindOfSymbol(symbol) }),
});

export async function handler(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  try {
    const batchItemFailures = await applyOrderNews(
      event.Records,
      systemClock.nowMs() + context.getRemainingTimeInMillis(),
    );
    return { batchItemFailures };
  } finally {
    telemetry.flush();
  }
}
