import { DeleteQueueCommand } from '@aws-sdk/client-sqs';
import { createSqsClient, createSqsOrderNews } from '@nightdesk/aws';
import { newsGroupOf } from '@nightdesk/aws/streams/order-news-queue.ts';
import type { OrderNews, VenueOrderId } from '@nightdesk/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMovableClock } from '../../../local/cloud/clock.ts';
import { createSqs } from '../../../local/cloud/sqs/index.ts';
import { createManualClock } from '../../support/clocks.ts';
import { fillOf, newsOf, shownOrder } from '../../support/live-news.ts';
import { startMs } from '../../support/live-quotes.ts';
import { createMemoryOrderNews } from '../../support/memory-streams.ts';
import { serve } from './desk-cloud.ts';
import { type OrderNewsHarness, orderNewsContract } from './order-news-contract.ts';
import { refuseSecondEntry } from './refused-entry.ts';

/** More receives than any test needs. */
const receivesMax = 20;

/** The queue with the properties of the deployed one that senders notice. */
async function openSqs() {
  const clock = createMovableClock(startMs);
  let origin = '';
  const sqs = createSqs({ clock, origin: () => origin });
  const endpoint = await serve(sqs);
  origin = endpoint.url;
  const properties = { FifoQueue: true, DeduplicationScope: 'messageGroup', FifoThroughputLimit: 'perMessageGroupId' };
  const queue = sqs.createQueue({ name: 'order-news.fifo', properties });
  const client = createSqsClient();
  const harness: OrderNewsHarness = {
    news: createSqsOrderNews(client, sqs.urlOf(queue)),
    async receiveAll() {
      const received: OrderNews[] = [];
      for (let receive = 0; receive < receivesMax; receive += 1) {
        const messages = await sqs.receive({ queue, messagesMax: 10, waitMs: 0 });
        if (messages.length === 0) return received;
        for (const { body, systemAttributes } of messages) {
          const news: OrderNews = JSON.parse(body);
          expect(systemAttributes.MessageGroupId).toBe(newsGroupOf(news));
          received.push(news);
        }
        sqs.deleteBatch(
          queue,
          messages.map(({ receiptHandle }) => receiptHandle),
        );
      }
      throw new Error(`the queue was not empty after ${receivesMax} receives`);
    },
    pass: (byMs) => clock.advance(byMs),
    async close() {
      client.destroy();
      await endpoint.close();
    },
  };
  /** As a consumer that hands back what it receives, to have it again after so long. */
  const receiveWaiting = async (againMs: number) => {
    const messages = await sqs.receive({ queue, messagesMax: 10, waitMs: 0 });
    for (const { receiptHandle } of messages) sqs.changeVisibility(queue, receiptHandle, againMs);
    return messages.map(({ body }): OrderNews => JSON.parse(body));
  };
  return { ...harness, receiveWaiting, client, url: sqs.urlOf(queue) };
}

orderNewsContract('in memory', async () => {
  const clock = createManualClock(startMs);
  const news = createMemoryOrderNews(clock);
  return {
    news,
    receiveAll: async () => news.waiting.splice(0),
    pass: (byMs) => clock.advance(byMs),
    close: async () => {},
  };
});
orderNewsContract('SQS', openSqs);

describe('SQS besides', () => {
  let opened: Awaited<ReturnType<typeof openSqs>>;
  beforeEach(async () => {
    opened = await openSqs();
  });
  afterEach(() => opened.close());

  it.each<[string, Partial<OrderNews>, string | RegExp]>([
    ['each order as it is called', {}, 'main#BTC/USDT#v-1'],
    ['what SQS takes in no name by a hash', { symbol: '币安人生/USDT' }, /^[0-9a-f]{64}$/],
    ['what is too long for a name by a hash', { symbol: 'L'.repeat(200) }, /^[0-9a-f]{64}$/],
  ])('groups %s', (_what, fields, group) => {
    expect(newsGroupOf(newsOf(0, fields))).toEqual(group instanceof RegExp ? expect.stringMatching(group) : group);
  });

  it('delivers news of an order at once while those of another one in its market wait', async () => {
    const [unknown, own] = [newsOf(1, { order: shownOrder(1, { venueOrderId: 'v-9' as VenueOrderId }) }), newsOf(2)];
    await opened.news.send([unknown]);
    expect(await opened.receiveWaiting(4_000)).toEqual([unknown]);
    // More of an order that waits comes after it.
    const later = newsOf(3, { order: shownOrder(3, { venueOrderId: 'v-9' as VenueOrderId }) });
    await opened.news.send([later, own]);
    expect(await opened.receiveAll()).toEqual([own]);
    opened.pass(4_001);
    expect(await opened.receiveAll()).toEqual([unknown, later]);
  });

  it('leaves out executions that are too many for a message, which are asked for then', async () => {
    const fills = Array.from({ length: 2_000 }, (_, number) => fillOf(number));
    const large = Array.from({ length: 10 }, (_, number) => newsOf(number, { order: shownOrder(number, { fills }) }));
    await opened.news.send(large);
    const received = await opened.receiveAll();
    expect(received.map(({ order }) => order.filled)).toEqual(large.map(({ order }) => order.filled));
    expect(received.flatMap(({ order }) => order.fills)).toEqual([]);
  });

  it('fails when the queue is gone', async () => {
    await opened.client.send(new DeleteQueueCommand({ QueueUrl: opened.url }));
    await expect(opened.news.send([newsOf(0)])).rejects.toMatchObject({ name: 'QueueDoesNotExist' });
  });

  it('names the first order of which news was not taken, and sending again adds that only', async () => {
    const takeAll = refuseSecondEntry(opened.client);
    const states = [newsOf(0), newsOf(1), newsOf(2)];
    await expect(opened.news.send(states)).rejects.toThrow(
      'the queue refused news of the order v-1 of the account main: InternalError try again',
    );
    takeAll();
    await opened.news.send(states);
    expect((await opened.receiveAll()).map(({ order }) => order.fills.length)).toEqual([0, 2, 1]);
  });
});
