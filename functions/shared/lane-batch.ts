/** Works through a batch of a FIFO queue: lanes side by side, messages of one lane one after the other. */
import type { Telemetry } from '@nightdesk/aws';
import { type Delivery, metricNames } from '@nightdesk/core';
import type { SQSBatchItemFailure, SQSRecord } from 'aws-lambda';

/** A message is only begun while this much time is left; placing an order and asking about it fits into it. */
export const messageBudgetMs = 8_000;
/** Kept free at the end to hand back what was not done. */
const closingMs = 1_000;

/** What a message needs is not there yet. It is delivered again, and nothing has failed. */
export class NotYetError extends Error {
  override readonly name = 'NotYetError';
}

export interface LaneBatchOptions {
  /** @throws when the message must be delivered again; the rest of its lane is then left alone, to keep its order */
  handle(body: string, delivery: Delivery): Promise<void>;
  /** Makes messages that were not finished visible again after `delaySeconds`, instead of when their visibility ends. */
  release(records: readonly SQSRecord[], delaySeconds: number): Promise<void>;
  nowMs(): number;
  telemetry: Telemetry;
}

/** @returns the messages to be delivered again, in SQS's partial batch response */
export async function processLanes(
  records: readonly SQSRecord[],
  endsAtMs: number,
  options: LaneBatchOptions,
): Promise<SQSBatchItemFailure[]> {
  const lanes = Map.groupBy(records, (record) => record.attributes.MessageGroupId ?? record.messageId);
  const deadlineMs = endsAtMs - closingMs;
  const left = await Promise.all([...lanes.values()].map((lane) => processLane(lane, deadlineMs, options)));
  return left.flat().map((record) => ({ itemIdentifier: record.messageId }));
}

/** Works through a lane until something fails or time is short; gives back what is left. */
async function processLane(
  lane: readonly SQSRecord[],
  deadlineMs: number,
  { handle, release, nowMs, telemetry }: LaneBatchOptions,
): Promise<readonly SQSRecord[]> {
  for (const [index, record] of lane.entries()) {
    const left = lane.slice(index);
    if (deadlineMs - nowMs() < messageBudgetMs && index > 0) {
      await release(left, 0).catch((error: unknown) => telemetry.failure('messages could not be released', error));
      return left;
    }
    const pauseSeconds = retryPauseSeconds(Number(record.attributes.ApproximateReceiveCount));
    try {
      await handle(record.body, { deadlineMs, retryPauseMs: pauseSeconds * 1_000 });
    } catch (error) {
      telemetry.failure('message failed', error);
      if (!(error instanceof NotYetError)) telemetry.count(metricNames.deliveriesFailed);
      await release(left, pauseSeconds).catch((cause: unknown) =>
        telemetry.failure('messages could not be released', cause),
      );
      return left;
    }
  }
  return [];
}

const pauseSecondsMax = 60;

/** 1, 2, 4, … 60 s: soon enough for a signal that ages, slow enough for a venue that is down. */
export function retryPauseSeconds(receiveCount: number): number {
  const doublings = Math.min(Math.max(receiveCount - 1, 0), 10);
  return Math.min(2 ** doublings, pauseSecondsMax);
}
