import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { NoticeMessage } from '@nightdesk/core';

/** SQS's own bound on a batch. */
export const noticeBatchSize = 10;

export interface NoticeQueue {
  /**
   * Sends at most `noticeBatchSize` messages.
   *
   * @throws Error when any was not taken
   */
  send(messages: readonly NoticeMessage[]): Promise<void>;
}

/** The queue of notices: one message per notice and channel, so that a channel that fails is tried again alone. */
export function createSqsNoticeQueue(client: SQSClient, queueUrl: string): NoticeQueue {
  return {
    async send(messages) {
      const entries = messages.map((message, index) => ({ Id: String(index), MessageBody: bodyOf(message) }));
      const answer = await client.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: entries }));
      const [failed] = answer.Failed ?? [];
      if (failed !== undefined) throw new Error(`the queue refused a notice: ${failed.Code} ${failed.Message ?? ''}`);
    },
  };
}

/** JSON without the two characters that it leaves as they are and that SQS takes in no message: U+FFFE and U+FFFF. */
export const bodyOf = (message: unknown): string =>
  JSON.stringify(message).replace(/[\ufffe\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16)}`);
