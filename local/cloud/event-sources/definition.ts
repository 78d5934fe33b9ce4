/** What all kinds of CloudFormation's `AWS::Lambda::EventSourceMapping` have in common. */

/** Resolved properties of `AWS::Lambda::EventSourceMapping`: no intrinsic functions left. */
export interface EventSourceMappingDefinition {
  /** Of a queue or of a table's stream. */
  EventSourceArn: string;
  /** Name or ARN. */
  FunctionName: string;
  /** Messages or records per invocation. @default 10 for queues, 100 for streams */
  BatchSize?: number | undefined;
  /** How long to gather a batch; not for FIFO queues. @default 0 */
  MaximumBatchingWindowInSeconds?: number | undefined;
  FunctionResponseTypes?: readonly string[] | undefined;
  /** @default true */
  Enabled?: boolean | undefined;
  /** Queues only. */
  ScalingConfig?: { MaximumConcurrency?: number | undefined } | undefined;
  /** Streams only, as everything below; refused by name for queues. */
  StartingPosition?: string | undefined;
  BisectBatchOnFunctionError?: boolean | undefined;
  /** -1 tries until the record is gone. @default -1 */
  MaximumRetryAttempts?: number | undefined;
  /** -1 tries until the record is gone. @default -1 */
  MaximumRecordAgeInSeconds?: number | undefined;
  /** Only 1 is emulated. @default 1 */
  ParallelizationFactor?: number | undefined;
  DestinationConfig?: { OnFailure?: { Destination?: string | undefined } | undefined } | undefined;
  FilterCriteria?: { Filters?: readonly { Pattern?: string | undefined }[] | undefined } | undefined;
}

/** Reads a definition's properties by AWS's rules; whatever is wrong throws an Error naming the mapping and the property. */
export interface MappingChecks {
  refuse(problem: string): never;
  /** A whole number within bounds. */
  integer(property: string, value: number, bounds: readonly [min: number, max: number]): number;
  /** Refuses every property that is neither common to all kinds nor among these. */
  refuseOthersThan(known: ReadonlySet<string>): void;
  /** Whether the function names what failed, instead of failing the whole batch. */
  reportsFailures(): boolean;
}

const commonProperties: ReadonlySet<string> = new Set([
  'EventSourceArn',
  'FunctionName',
  'BatchSize',
  'MaximumBatchingWindowInSeconds',
  'FunctionResponseTypes',
  'Enabled',
  'Tags',
]);

export const batchSizeMax = 10_000;
export const windowSecondsMax = 300;

export function checksOf(definition: EventSourceMappingDefinition): MappingChecks {
  const { EventSourceArn: arn, FunctionName: functionName } = definition;
  const refuse = (problem: string): never => {
    throw new Error(`AWS::Lambda::EventSourceMapping from ${arn} to ${functionName}: ${problem}`);
  };
  return {
    refuse,
    integer: (property, value, [min, max]) =>
      Number.isInteger(value) && value >= min && value <= max
        ? value
        : refuse(`${property} must be a whole number from ${min} to ${max}, not ${value}`),
    refuseOthersThan(known) {
      const unknown = Object.entries(definition)
        .filter(([property, value]) => value !== undefined && !commonProperties.has(property) && !known.has(property))
        .map(([property]) => property);
      if (unknown.length > 0) refuse(`${unknown.join(', ')} is not emulated for this kind of source`);
    },
    reportsFailures() {
      const types = definition.FunctionResponseTypes ?? [];
      const odd = types.find((type) => type !== 'ReportBatchItemFailures');
      if (odd !== undefined) refuse(`FunctionResponseTypes cannot hold ${odd}, only ReportBatchItemFailures`);
      return types.length > 0;
    },
  };
}
