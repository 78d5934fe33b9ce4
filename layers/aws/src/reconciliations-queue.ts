import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { AccountId } from '@nightdesk/core';

/** SQS's own bound on a batch. */
const batchSize = 10;
const minuteMs = 60_000;

/** One account is to be looked at. */
export interface ReconciliationMessage {
  account: AccountId;
  /** UTC epoch milliseconds. */
  plannedAtMs: number;
}

export interface ReconciliationsQueue {
  /**
   * Sends all of them; one account is asked for once in a minute of the clock, however often it is sent.
   *
   * @throws Error naming the first account whose message was not taken; those before and beside it may have been
   */
  send(messages: readonly ReconciliationMessage[]): Promise<void>;
}

/** The FIFO queue of accounts to be reconciled: each is a message group, so that nobody looks at one account twice at once. */
export function createSqsReconciliationsQueue(client: SQSClient, queueUrl: string): ReconciliationsQueue {
  const sendBatch = async (messages: readonly ReconciliationMessage[]): Promise<void> => {
    const entries = messages.map((message, index) => ({
      Id: String(index),
      MessageBody: JSON.stringify(message),
      MessageGroupId: message.account,
      MessageDeduplicationId: `${message.account}.${Math.floor(message.plannedAtMs / minuteMs)}`,
    }));
    const answer = await client.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: entries }));
    const [failed] = answer.Failed ?? [];
    if (failed === undefined) return;
    const { account } = messages[Number(failed.Id)] ?? {};
    throw new Error(`the queue refused the account ${account}: ${failed.Code} ${failed.Message ?? ''}`);
  };
  return {
    async send(messages) {
      for (let start = 0; start < messages.length; start += batchSize) {
        await sendBatch(messages.slice(start, start + batchSize));
      }
    },
  };
}
