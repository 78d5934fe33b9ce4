/** Works through a batch of the queue of notices: all at once, because each is for itself. */
import type { Telemetry } from '@nightdesk/aws';
import { metricNames } from '@nightdesk/core';
import type { SQSBatchItemFailure, SQSRecord } from 'aws-lambda';
import { ChannelError } from './channel-error.ts';

export interface NoticeBatchOptions {
  /** @throws when the message must be delivered again */
  handle(body: string, receiveCount: number): Promise<void>;
  /** Makes messages visible again after `delaySeconds`, instead of when their visibility ends. */
  release(records: readonly SQSRecord[], delaySeconds: number): Promise<void>;
  telemetry: Telemetry;
}

/** @returns the messages to be delivered again, in SQS's partial batch response */
export async function processNotices(
  records: readonly SQSRecord[],
  { handle, release, telemetry }: NoticeBatchOptions,
): Promise<SQSBatchItemFailure[]> {
  const failures = await Promise.all(
    records.map(async (record): Promise<SQSBatchItemFailure[]> => {
      const receiveCount = Number(record.attributes.ApproximateReceiveCount);
      try {
        await handle(record.body, receiveCount);
        return [];
      } catch (error) {
        telemetry.failure('a notice was not sent', error);
        telemetry.count(metricNames.noticesFailed);
        await release([record], sendPauseSeconds(receiveCount, error)).catch((cause: unknown) =>
          telemetry.failure('a notice could not be released', cause),
        );
        return [{ itemIdentifier: record.messageId }];
      }
    }),
  );
  return failures.flat();
}

const pauseSecondsMax = 300;
/** What a platform may ask for. Beyond that it is asked again rather than believed. */
const retryAfterSecondsMax = 900;

/** 1, 2, 4, … 300 s, or what the platform asked for where that is longer. */
export function sendPauseSeconds(receiveCount: number, error: unknown): number {
  const doublings = Math.min(Math.max(receiveCount - 1, 0), 10);
  const own = Math.min(2 ** doublings, pauseSecondsMax);
  const wanted = error instanceof ChannelError ? (error.retryAfterSeconds ?? 0) : 0;
  return Math.max(own, Math.min(wanted, retryAfterSecondsMax));
}
