/** News of orders as messages of a FIFO queue. */
import {
  type SendMessageBatchRequestEntry as Entry,
  SendMessageBatchCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { canonicalJson, type OrderNews, type OrderNewsQueue } from '@nightdesk/core';
import { bodyOf } from '../notifications/notice-queue.ts';
import { nodeSha256Hex } from '../sha256.ts';

/** SQS's own bound on a batch. */
const batchSize = 10;
/** Well below what SQS takes in all messages of a batch (1 MiB), so that any ten of them fit into one. */
const bodyLengthMax = 64 * 1024;
/** What SQS takes as a group (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html). */
const groupPattern = /^[!-~]{1,128}$/;

/**
 * One message for each state of an order, known again for five minutes by what it says: what two tasks are told of one account is
 * delivered once. Each order is a message group of its own: its states are applied in the order in which they came, and while one waits to
 * be delivered again, which holds up all behind it in its group, those of other orders come.
 */
export function createSqsOrderNews(client: SQSClient, queueUrl: string): OrderNewsQueue {
  return {
    async send(news) {
      for (let start = 0; start < news.length; start += batchSize) {
        const entries = news.slice(start, start + batchSize).map(entryOf);
        const answer = await client.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: entries }));
        const [failed] = answer.Failed ?? [];
        if (failed === undefined) continue;
        const { account, order } = news[start + Number(failed.Id)] ?? {};
        const name = `${order?.venueOrderId} of the account ${account}`;
        throw new Error(`the queue refused news of the order ${name}: ${failed.Code} ${failed.Message ?? ''}`);
      }
    },
  };
}

function entryOf(news: OrderNews, index: number): Entry {
  return {
    Id: String(index),
    MessageBody: fittingBody(news),
    MessageGroupId: newsGroupOf(news),
    MessageDeduplicationId: newsIdOf(news),
  };
}

/** An order may have thousands of executions. Those that came along may be none of those behind what is filled: they are asked for then. */
function fittingBody(news: OrderNews): string {
  const body = bodyOf(news);
  return body.length <= bodyLengthMax ? body : bodyOf({ ...news, order: { ...news.order, fills: [] } });
}

/** Account, market and the venue's id of the order as they are, and a hash of those that SQS takes in no group's name. */
export function newsGroupOf({ account, symbol, order }: OrderNews): string {
  const group = `${account}#${symbol}#${order.venueOrderId}`;
  return groupPattern.test(group) ? group : nodeSha256Hex(group);
}

/** Of all that is said of the order, and not of when it was heard. */
export function newsIdOf({ account, venue, symbol, order }: OrderNews): string {
  return nodeSha256Hex(canonicalJson({ account, venue, symbol, order }));
}
