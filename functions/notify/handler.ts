import { type LoadDeskConfig, type NoticeQueue, noticeBatchSize, readChange, type Telemetry } from '@nightdesk/aws';
import {
  type DeskConfig,
  messagesOf,
  metricNames,
  type Notice,
  type NoticeMessage,
  noticesOfEvent,
  noticesOfOrder,
  readEventImage,
  readOrderImage,
} from '@nightdesk/core';
import type { DynamoDBBatchResponse, DynamoDBRecord } from 'aws-lambda';

export interface NotifyDependencies {
  loadConfig: LoadDeskConfig;
  queue: NoticeQueue;
  telemetry: Telemetry;
}

/** A message together with the record that it comes from: where the stream goes on when it cannot be sent. */
interface Outgoing {
  sequenceNumber: string;
  message: NoticeMessage;
}

/**
 * Turns changes of orders, and what the journal says of switches and accounts, into messages, one for each channel that is to be
 * told. Safe to run any number of times on the same records: a notice has the same id each time, by which its channel is told once.
 *
 * A queue or a configuration that cannot be reached is waited for, since the stream keeps its records. A row that cannot
 * be read is counted and passed over: behind it stand the fills of other orders.
 */
export function createHandler({ loadConfig, queue, telemetry }: NotifyDependencies) {
  return async (records: readonly DynamoDBRecord[]): Promise<DynamoDBBatchResponse> => {
    const config = await loadConfig();
    const outgoing = records.flatMap((record) => outgoingOf(record, config, telemetry));
    for (let start = 0; start < outgoing.length; start += noticeBatchSize) {
      const batch = outgoing.slice(start, start + noticeBatchSize);
      try {
        await queue.send(batch.map(({ message }) => message));
      } catch (error) {
        telemetry.failure('notices could not be queued', error);
        // The stream comes back with this record and all that follow it.
        return { batchItemFailures: [{ itemIdentifier: batch[0]?.sequenceNumber ?? '' }] };
      }
      telemetry.count(metricNames.noticesQueued, batch.length);
    }
    return { batchItemFailures: [] };
  };
}

function outgoingOf(record: DynamoDBRecord, { notifications }: DeskConfig, telemetry: Telemetry): Outgoing[] {
  const sequenceNumber = record.dynamodb?.SequenceNumber ?? '';
  try {
    const messages = noticesOf(record).flatMap((notice) => messagesOf(notice, notifications.channels));
    return messages.map((message) => ({ sequenceNumber, message }));
  } catch (error) {
    telemetry.count(metricNames.changesUnreadable);
    telemetry.failure(`nobody can be told of the change ${sequenceNumber}`, error);
    return [];
  }
}

function noticesOf(record: DynamoDBRecord): Notice[] {
  const change = readChange(record);
  if (change === undefined) return [];
  const { table, before, after } = change;
  if (table === 'journal') return noticesOfEvent(readEventImage(after));
  return noticesOfOrder(before && readOrderImage(before), readOrderImage(after));
}
