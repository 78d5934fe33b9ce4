/** What a CloudFormation `AWS::Lambda::EventSourceMapping` of an SQS queue means here, checked by AWS's own rules. */
import type { Queue } from '../sqs/index.ts';
import type { FunctionInvoker, SqsSource } from './ports.ts';

/** Resolved properties of `AWS::Lambda::EventSourceMapping`: no intrinsic functions left. */
export interface EventSourceMappingDefinition {
  EventSourceArn: string;
  /** Name or ARN. */
  FunctionName: string;
  /** Messages per invocation. @default 10 */
  BatchSize?: number;
  /** How long to gather a batch; standard queues only. @default 0 */
  MaximumBatchingWindowInSeconds?: number;
  FunctionResponseTypes?: readonly string[];
  ScalingConfig?: { MaximumConcurrency?: number };
  /** @default true */
  Enabled?: boolean;
  /** Not emulated: refused when present. */
  FilterCriteria?: unknown;
}

export interface MappingSettings {
  queue: Queue;
  functionName: string;
  batchSize: number;
  windowMs: number;
  /** The function names the messages that failed, instead of failing the whole batch. */
  reportsFailures: boolean;
  /** Invocations at the same time. */
  invocationsMax: number;
  functionTimeoutMs: number;
  enabled: boolean;
}

const knownProperties: ReadonlySet<string> = new Set([
  'EventSourceArn',
  'FunctionName',
  'BatchSize',
  'MaximumBatchingWindowInSeconds',
  'FunctionResponseTypes',
  'ScalingConfig',
  'Enabled',
  'Tags',
]);

const batchSizeDefault = 10;
/** What one receive can give, so more than that takes a batching window. */
const receivedMax = 10;
const batchSizeMax = 10_000;
const windowSecondsMax = 300;
const concurrencyMin = 2;
const concurrencyMax = 1000;
/** As many as a function gets sandboxes on one machine; AWS would go on to 1000. */
const invocationsMaxDefault = 16;

/** @throws Error naming the mapping and the property that AWS, or this emulation, does not take. */
export function readMapping(
  definition: EventSourceMappingDefinition,
  { sqs, lambda }: { sqs: SqsSource; lambda: FunctionInvoker },
): MappingSettings {
  const { EventSourceArn: arn, FunctionName: functionName } = definition;
  const refuse = (problem: string): never => {
    throw new Error(`AWS::Lambda::EventSourceMapping from ${arn} to ${functionName}: ${problem}`);
  };
  const integer = (property: string, value: number, [min, max]: readonly [number, number]): number =>
    Number.isInteger(value) && value >= min && value <= max
      ? value
      : refuse(`${property} must be a whole number from ${min} to ${max}, not ${value}`);

  const unknown = Object.keys(definition).filter((property) => !knownProperties.has(property));
  if (unknown.length > 0) refuse(`${unknown.join(', ')} is not emulated; remove it or filter in the function`);
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

  const responseTypes = definition.FunctionResponseTypes ?? [];
  const odd = responseTypes.find((type) => type !== 'ReportBatchItemFailures');
  if (odd !== undefined) refuse(`FunctionResponseTypes cannot hold ${odd}, only ReportBatchItemFailures`);
  const scaling = definition.ScalingConfig?.MaximumConcurrency;
  if (scaling !== undefined) integer('ScalingConfig.MaximumConcurrency', scaling, [concurrencyMin, concurrencyMax]);

  return {
    queue,
    functionName,
    batchSize,
    windowMs: windowSeconds * 1000,
    reportsFailures: responseTypes.length > 0,
    // More invocations than the function may run would only be throttled, and cost the messages a receive.
    invocationsMax: Math.max(1, Math.min(scaling ?? invocationsMaxDefault, reservedConcurrency)),
    functionTimeoutMs: timeoutMs,
    enabled: definition.Enabled ?? true,
  };
}
