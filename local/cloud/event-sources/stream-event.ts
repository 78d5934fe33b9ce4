/** The texts that Lambda makes of stream records (https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html). */
import { type StreamRecord, shardId } from '../dynamodb/index.ts';
import type { InvokeResult } from '../lambda/index.ts';

/** Lambda takes 6 MB per invocation, the frame around the records included. */
export const recordsBytesMax = 6 * 1024 * 1024 - 64;

/** One record as functions and filters see it: the API's, with the stream's ARN. */
export function toEventRecord({ userIdentity, ...record }: StreamRecord, streamArn: string) {
  return {
    ...record,
    eventSourceARN: streamArn,
    // The event spells in lower case what the API spells in upper.
    ...(userIdentity && { userIdentity: { type: userIdentity.Type, principalId: userIdentity.PrincipalId } }),
  };
}

export function toPayload(records: readonly StreamRecord[], streamArn: string): string {
  return JSON.stringify({ Records: records.map((record) => toEventRecord(record, streamArn)) });
}

export function payloadBytes(record: StreamRecord, streamArn: string): number {
  return Buffer.byteLength(JSON.stringify(toEventRecord(record, streamArn))) + 1;
}

export interface GivenUp {
  readonly records: readonly StreamRecord[];
  readonly streamArn: string;
  readonly functionArn: string;
  readonly condition: 'RetryAttemptsExhausted' | 'RecordAgeExceeded';
  readonly invokeCount: number;
  /** How the last invocation ended; absent when there was none. */
  readonly lastResult: InvokeResult | undefined;
  /** Identifies this message where there was no invocation. */
  readonly fallbackRequestId: string;
  readonly nowMs: number;
}

/**
 * What goes to the destination of what was given up: where the records are, but not the records
 * (https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html).
 */
export function toFailureMessage(given: GivenUp): string {
  const { records, lastResult } = given;
  const [first, last] = [records[0]?.dynamodb, records.at(-1)?.dynamodb];
  const arrival = (seconds = 0): string => `${new Date(seconds * 1000).toISOString().slice(0, -5)}Z`;
  return JSON.stringify({
    requestContext: {
      requestId: lastResult?.requestId ?? given.fallbackRequestId,
      functionArn: given.functionArn,
      condition: given.condition,
      approximateInvokeCount: given.invokeCount,
    },
    ...(lastResult && {
      responseContext: {
        statusCode: lastResult.status,
        executedVersion: '$LATEST',
        functionError: lastResult.functionError ?? null,
      },
    }),
    version: '1.0',
    timestamp: new Date(given.nowMs).toISOString(),
    DDBStreamBatchInfo: {
      shardId,
      startSequenceNumber: first?.SequenceNumber,
      endSequenceNumber: last?.SequenceNumber,
      approximateArrivalOfFirstRecord: arrival(first?.ApproximateCreationDateTime),
      approximateArrivalOfLastRecord: arrival(last?.ApproximateCreationDateTime),
      batchSize: records.length,
      streamArn: given.streamArn,
    },
  });
}
