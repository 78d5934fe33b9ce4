/** The errors of SQS: each has a JSON type, the code that the older query protocol knew it by, and a status. */

/** Codes and statuses as the SQS service model declares them (`awsQueryError` traits). */
const errorKinds = {
  BatchEntryIdsNotDistinct: { queryCode: 'AWS.SimpleQueueService.BatchEntryIdsNotDistinct', status: 400 },
  BatchRequestTooLong: { queryCode: 'AWS.SimpleQueueService.BatchRequestTooLong', status: 400 },
  EmptyBatchRequest: { queryCode: 'AWS.SimpleQueueService.EmptyBatchRequest', status: 400 },
  InvalidAddress: { queryCode: 'InvalidAddress', status: 404 },
  InvalidAttributeName: { queryCode: 'InvalidAttributeName', status: 400 },
  InvalidAttributeValue: { queryCode: 'InvalidAttributeValue', status: 400 },
  InvalidBatchEntryId: { queryCode: 'AWS.SimpleQueueService.InvalidBatchEntryId', status: 400 },
  InvalidMessageContents: { queryCode: 'InvalidMessageContents', status: 400 },
  InvalidParameterValueException: { queryCode: 'InvalidParameterValue', status: 400 },
  MissingRequiredParameterException: { queryCode: 'MissingParameter', status: 400 },
  OverLimit: { queryCode: 'OverLimit', status: 403 },
  PurgeQueueInProgress: { queryCode: 'AWS.SimpleQueueService.PurgeQueueInProgress', status: 403 },
  QueueDeletedRecently: { queryCode: 'AWS.SimpleQueueService.QueueDeletedRecently', status: 400 },
  QueueDoesNotExist: { queryCode: 'AWS.SimpleQueueService.NonExistentQueue', status: 400 },
  QueueNameExists: { queryCode: 'QueueAlreadyExists', status: 400 },
  ReceiptHandleIsInvalid: { queryCode: 'ReceiptHandleIsInvalid', status: 404 },
  ResourceNotFoundException: { queryCode: 'ResourceNotFoundException', status: 404 },
  SerializationException: { queryCode: 'SerializationException', status: 400 },
  TooManyEntriesInBatchRequest: { queryCode: 'AWS.SimpleQueueService.TooManyEntriesInBatchRequest', status: 400 },
  UnknownOperationException: { queryCode: 'InvalidAction', status: 400 },
  UnsupportedOperation: { queryCode: 'AWS.SimpleQueueService.UnsupportedOperation', status: 400 },
} as const;

export type SqsErrorType = keyof typeof errorKinds;

/** A refusal the caller is to see, as the service words it. */
export class SqsError extends Error {
  override readonly name = 'SqsError';
  readonly type: SqsErrorType;
  /** Code of the query protocol: what `x-amzn-query-error` and failed batch entries carry. */
  readonly queryCode: string;
  /** HTTP status. */
  readonly status: number;

  constructor(type: SqsErrorType, message: string) {
    super(message);
    this.type = type;
    this.queryCode = errorKinds[type].queryCode;
    this.status = errorKinds[type].status;
  }
}

export function invalidParameter(message: string): SqsError {
  return new SqsError('InvalidParameterValueException', message);
}

export function invalidValue(value: unknown, parameter: string, reason: string): SqsError {
  return invalidParameter(`Value ${String(value)} for parameter ${parameter} is invalid. Reason: ${reason}`);
}

export function missingParameter(parameter: string): SqsError {
  return new SqsError('MissingRequiredParameterException', `The request must contain the parameter ${parameter}.`);
}

export function queueDoesNotExist(): SqsError {
  return new SqsError('QueueDoesNotExist', 'The specified queue does not exist.');
}
