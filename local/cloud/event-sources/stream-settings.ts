/** What a mapping of a table's stream means here, checked by AWS's own rules. */
import { retentionMs, type Stream, type StreamRecord } from '../dynamodb/index.ts';
import type { Queue } from '../sqs/index.ts';
import {
  batchSizeMax,
  checksOf,
  type EventSourceMappingDefinition,
  type MappingChecks,
  windowSecondsMax,
} from './definition.ts';
import { compileFilter } from './filter.ts';
import type { FunctionInvoker, SqsSource, StreamSource } from './ports.ts';
import type { RetryPolicy } from './stream-batch.ts';
import { toEventRecord } from './stream-event.ts';

export interface StreamSettings {
  streams: StreamSource;
  stream: Stream;
  functionName: string;
  functionArn: string;
  batchSize: number;
  windowMs: number;
  reportsFailures: boolean;
  startsAt: 'TRIM_HORIZON' | 'LATEST';
  retries: RetryPolicy;
  /** Records older than this are given up: at the latest when the stream itself gives them up. */
  recordAgeMsMax: number;
  /** Told of what is given up. */
  onFailure: Queue | undefined;
  /** Whether the function gets a record. */
  matches(record: StreamRecord): boolean;
}

const knownProperties: ReadonlySet<string> = new Set([
  'StartingPosition',
  'BisectBatchOnFunctionError',
  'MaximumRetryAttempts',
  'MaximumRecordAgeInSeconds',
  'ParallelizationFactor',
  'DestinationConfig',
  'FilterCriteria',
]);

const batchSizeDefault = 100;
const retriesMaxMax = 10_000;
const recordAgeSecondsMin = 60;
const recordAgeSecondsMax = 604_800;
/** Says in both bounds that there is none. */
const unlimited = -1;
const filtersMax = 5;

interface Needs {
  readonly sqs: SqsSource;
  readonly streams?: StreamSource;
  readonly lambda: FunctionInvoker;
}

/** @throws Error naming the mapping and the property that AWS, or this emulation, does not take. */
export function readStreamSettings(
  definition: EventSourceMappingDefinition,
  { sqs, streams, lambda }: Needs,
): StreamSettings {
  const { EventSourceArn: arn, FunctionName: functionName } = definition;
  const checks = checksOf(definition);
  const { refuse, integer } = checks;
  checks.refuseOthersThan(knownProperties);
  const stream = streams?.find(arn);
  if (streams === undefined || !stream?.isEnabled) {
    return refuse('EventSourceArn is not the ARN of a stream that is switched on');
  }
  // Refuses a function that is not there.
  lambda.settings(functionName);
  const startsAt = definition.StartingPosition;
  if (startsAt !== 'TRIM_HORIZON' && startsAt !== 'LATEST') {
    return refuse(`StartingPosition must be TRIM_HORIZON or LATEST, not ${startsAt}`);
  }
  if ((definition.ParallelizationFactor ?? 1) !== 1) refuse('ParallelizationFactor other than 1 is not emulated');
  const windowSeconds = definition.MaximumBatchingWindowInSeconds ?? 0;
  const retriesMax = definition.MaximumRetryAttempts ?? unlimited;
  integer('MaximumRetryAttempts', retriesMax, [unlimited, retriesMaxMax]);
  return {
    ...{ streams, stream, functionName, startsAt },
    functionArn: functionArnOf(functionName, arn),
    batchSize: integer('BatchSize', definition.BatchSize ?? batchSizeDefault, [1, batchSizeMax]),
    windowMs: integer('MaximumBatchingWindowInSeconds', windowSeconds, [0, windowSecondsMax]) * 1000,
    reportsFailures: checks.reportsFailures(),
    retries: {
      bisects: definition.BisectBatchOnFunctionError ?? false,
      retriesMax: retriesMax === unlimited ? undefined : retriesMax,
    },
    recordAgeMsMax: readRecordAge(definition, checks),
    onFailure: readDestination(definition, { sqs, checks }),
    matches: readFilters(definition, checks),
  };
}

function functionArnOf(functionName: string, streamArn: string): string {
  if (functionName.startsWith('arn:')) return functionName;
  const [, partition, , region, accountId] = streamArn.split(':');
  return `arn:${partition}:lambda:${region}:${accountId}:function:${functionName}`;
}

function readRecordAge(definition: EventSourceMappingDefinition, { integer }: MappingChecks): number {
  const seconds = definition.MaximumRecordAgeInSeconds ?? unlimited;
  if (seconds === unlimited) return retentionMs;
  const ageMs = integer('MaximumRecordAgeInSeconds', seconds, [recordAgeSecondsMin, recordAgeSecondsMax]) * 1000;
  return Math.min(ageMs, retentionMs);
}

function readDestination(
  { DestinationConfig: config }: EventSourceMappingDefinition,
  { sqs, checks }: { sqs: SqsSource; checks: MappingChecks },
): Queue | undefined {
  const arn = config?.OnFailure?.Destination;
  if (arn === undefined) return undefined;
  const queue = sqs.queueByArn(arn);
  if (queue === undefined || queue.fifo) {
    return checks.refuse(
      'DestinationConfig.OnFailure.Destination must be the ARN of a standard queue; others are not emulated',
    );
  }
  return queue;
}

/** A record goes to the function when one of the filters takes it, or when there are none. */
function readFilters(
  { EventSourceArn: arn, FilterCriteria: criteria }: EventSourceMappingDefinition,
  { refuse }: MappingChecks,
): StreamSettings['matches'] {
  const filters = criteria?.Filters ?? [];
  if (filters.length > filtersMax) refuse(`FilterCriteria can hold ${filtersMax} filters, not ${filters.length}`);
  const tests = filters.map(({ Pattern: pattern = '{}' }, index) => {
    try {
      return compileFilter(pattern);
    } catch (error) {
      return refuse(`FilterCriteria.Filters.${index}: ${error instanceof Error ? error.message : String(error)}`);
    }
  });
  if (tests.length === 0) return () => true;
  return (record) => {
    const event = toEventRecord(record, arn);
    return tests.some((test) => test(event));
  };
}
