import { ChangeMessageVisibilityBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';

export interface ReceivedMessage {
  receiptHandle: string;
}

/** Makes received messages visible again after `delaySeconds`, at most ten of them: SQS's own bound on a batch. */
export function createMessageRelease(client: SQSClient, queueUrl: string) {
  return async (messages: readonly ReceivedMessage[], delaySeconds: number): Promise<void> => {
    const entries = messages.map(({ receiptHandle }, index) => ({
      Id: String(index),
      ReceiptHandle: receiptHandle,
      VisibilityTimeout: delaySeconds,
    }));
    await client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: queueUrl, Entries: entries }));
  };
}
