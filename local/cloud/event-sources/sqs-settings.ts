/** What a mapping of a queue means here, checked by AWS's own rules. */
import type { Queue } from '../sqs/index.ts';
import { batchSizeMax, checksOf, type EventSourceMappingDefinition, windowSecondsMax } from './definition.ts';
import type { FunctionInvoker, SqsSource } from './ports.ts';

export interface SqsSettings {
  queue: Queue;
  functionName: string;
  batchSize: number;
  windowMs: number;
  /** The function names the messages that failed, instead of failing the whole batch. */
  reportsFailures: boolean;
  /** Invocations at the same time. */
  invocationsMax: number;
  functionTimeoutMs: number;
}

const knownProperties: ReadonlySet<string> = new Set(['ScalingConfig']);

const batchSizeDefault = 10;
/** What one receive can give, so more than that takes a batching window. */
const receivedMax = 10;
const concurrencyMin = 2;
const concurrencyMax = 1000;
/** As many as a function gets sandboxes on one machine; AWS would go on to 1000. */
const invocationsMaxDefault = 16;

/** @throws Error naming the mapping and the property that AWS, or this emulation, does not take. */
export function readSqsSettings(
  definition: EventSourceMappingDefinition,
  { sqs, lambda }: { sqs: SqsSource; lambda: FunctionInvoker },
): SqsSettings {
  const { EventSourceArn: arn, FunctionName: functionName } = definition;
  const { refuse, integer, refuseOthersThan, reportsFailures } = checksOf(definition);
  refuseOthersThan(knownProperties);
  const queue = sqs.queueByArn(arn) ?? refuse('EventSourceArn is not the ARN of a queue');
  const { timeoutMs, reservedConcurrency = invocationsMaxDefault } = lambda.settings(functionName);
  if (queue.settings.visibilityMs < timeoutMs) {
    const seconds = [queue.settings.visibilityMs / 1000, timeoutMs / 1000];
    refuse(`Queue visibility timeout: ${seconds[0]} seconds is less than Function timeout: ${seconds[1]} seconds`);
  }

  const windowSeconds = definition.MaximumBatchingWindowInSeconds ?? 0;
  integer('MaximumBatchingWindowInSeconds', windowSeconds, [0, windowSecondsMax]);
  if (queue.fifo && windowSeconds > 0) refuse('MaximumBatchingWindowInSeconds is not for FIFO queues');
  const batchSize = definition.BatchSize ?? batchSizeDefault;
  integer('BatchSize', batchSize, [1, queue.fifo ? receivedMax : batchSizeMax]);
  if (batchSize > receivedMax && windowSeconds === 0) {
    refuse(`MaximumBatchingWindowInSeconds must be at least 1 for a BatchSize over ${receivedMax}`);
  }
  const scaling = definition.ScalingConfig?.MaximumConcurrency;
  if (scaling !== undefined) integer('ScalingConfig.MaximumConcurrency', scaling, [concurrencyMin, concurrencyMax]);

  return {
    queue,
    functionName,
    batchSize,
    windowMs: windowSeconds * 1000,
    reportsFailures: reportsFailures(),
    // More invocations than the function may run would only be throttled, and cost the messages a receive.
    invocationsMax: Math.max(1, Math.min(scaling ?? invocationsMaxDefault, reservedConcurrency)),
    functionTimeoutMs: timeoutMs,
  };
}
