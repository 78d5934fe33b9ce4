import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { orderIdOf, type SignalMessage, type SignalQueue } from '@nightdesk/core';

/** SQS's own bound on a batch. */
const batchSize = 10;

/** The FIFO queue of signals: one message per leg, known again for five minutes by the order that it leads to. */
export function createSqsSignalQueue(client: SQSClient, queueUrl: string): SignalQueue {
  return {
    async send(messages) {
      for (let start = 0; start < messages.length; start += batchSize) {
        await sendBatch(client, queueUrl, messages.slice(start, start + batchSize));
      }
    },
  };
}

async function sendBatch(client: SQSClient, queueUrl: string, messages: readonly SignalMessage[]): Promise<void> {
  const entries = messages.map((message) => ({
    Id: String(message.leg),
    MessageBody: bodyOf(message),
    MessageGroupId: message.lane,
    // A leg that is handed over to another account is another message, and becomes another order.
    MessageDeduplicationId: orderIdOf(message),
  }));
  const answer = await client.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: entries }));
  const [failed] = answer.Failed ?? [];
  if (failed !== undefined)
    throw new Error(`the queue refused leg ${failed.Id}: ${failed.Code} ${failed.Message ?? ''}`);
}

/** JSON without the two characters that it leaves as they are and that SQS takes in no message: U+FFFE and U+FFFF. */
const bodyOf = (message: SignalMessage): string =>
  JSON.stringify(message).replace(/[\ufffe\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16)}`);
