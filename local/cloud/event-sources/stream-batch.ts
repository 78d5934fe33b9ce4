/** What becomes of records after an invocation. Pure. */
import type { StreamRecord } from '../dynamodb/index.ts';

/** Records that are invoked with together, in their order. */
export interface StreamBatch {
  readonly records: readonly StreamRecord[];
  /** How often these have failed together. */
  readonly failures: number;
}

export interface RetryPolicy {
  readonly bisects: boolean;
  /** `undefined` has no end. */
  readonly retriesMax: number | undefined;
}

export interface NextSteps {
  /** What is to be invoked with next, in this order, before anything that comes later. */
  readonly next: readonly StreamBatch[];
  /** The last record that is dealt with by now; absent when the first one has to come again. */
  readonly done?: StreamRecord | undefined;
  /** What is given up; `done` is its last record. */
  readonly givenUp?: StreamBatch | undefined;
}

/**
 * Decides by AWS's rules (https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html and
 * services-ddb-batchfailurereporting.html). Records before the lowest that failed are done. What is left goes again, in
 * halves when it failed as a whole and may be split, which does not count as a retry; when its retries are used up, it is
 * given up.
 *
 * @param firstFailed index of the lowest record that failed; `undefined` when none did
 */
export function decideNext(batch: StreamBatch, firstFailed: number | undefined, policy: RetryPolicy): NextSteps {
  const { records } = batch;
  if (firstFailed === undefined) return { next: [], done: records.at(-1) };
  if (firstFailed > 0) {
    const rest: StreamBatch = { records: records.slice(firstFailed), failures: 1 };
    const done = records[firstFailed - 1];
    return isUsedUp(rest, policy) ? giveUp(rest) : { next: [rest], done };
  }
  if (policy.bisects && records.length > 1) {
    const middle = Math.ceil(records.length / 2);
    const half = (part: readonly StreamRecord[]): StreamBatch => ({ records: part, failures: batch.failures });
    return { next: [half(records.slice(0, middle)), half(records.slice(middle))] };
  }
  const again: StreamBatch = { records, failures: batch.failures + 1 };
  return isUsedUp(again, policy) ? giveUp(again) : { next: [again] };
}

function isUsedUp({ records, failures }: StreamBatch, { bisects, retriesMax }: RetryPolicy): boolean {
  if (retriesMax === undefined || failures <= retriesMax) return false;
  // What can still be split is, so that one bad record does not take others with it.
  return !(bisects && records.length > 1);
}

const giveUp = (batch: StreamBatch): NextSteps => ({ next: [], done: batch.records.at(-1), givenUp: batch });

/** Parts a batch into the leading records that were made before a time and the rest. */
export function partByAge(
  { records, failures }: StreamBatch,
  oldestMs: number,
): { tooOld: StreamBatch | undefined; rest: StreamBatch | undefined } {
  // AWS rounds the time down to the second, so a record is only surely too old when its whole second is.
  const found = records.findIndex((record) => (record.dynamodb.ApproximateCreationDateTime + 1) * 1000 > oldestMs);
  const count = found < 0 ? records.length : found;
  const part = (some: readonly StreamRecord[]): StreamBatch | undefined =>
    some.length === 0 ? undefined : { records: some, failures };
  return { tooOld: part(records.slice(0, count)), rest: part(records.slice(count)) };
}
