import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { DeleteQueueCommand } from '@aws-sdk/client-sqs';
import { createSentNotices, createSqsClient, createSqsNoticeQueue } from '@nightdesk/aws';
import { createTopicPublisher } from '@nightdesk/aws/notifications/notice-topic.ts';
import type { NoticeMessage } from '@nightdesk/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createMovableClock } from '../../../local/cloud/clock.ts';
import { createSns, type PublishedMessage } from '../../../local/cloud/sns/index.ts';
import { createSqs } from '../../../local/cloud/sqs/index.ts';
import { startCoordinationTable } from '../../support/coordination-table.ts';
import { filledNotice } from '../../support/notices.ts';
import { serve } from '../stores/desk-cloud.ts';

const notice = filledNotice();

describe('the queue of notices', () => {
  async function open() {
    let origin = '';
    const sqs = createSqs({ clock: createMovableClock(), origin: () => origin });
    const endpoint = await serve(sqs);
    origin = endpoint.url;
    const held = sqs.createQueue({ name: 'notices', properties: {} });
    const client = createSqsClient();
    onTestFinished(async () => {
      client.destroy();
      await endpoint.close();
    });
    const receive = async () =>
      (await sqs.receive({ queue: held, messagesMax: 10, waitMs: 0 })).map(
        ({ body }) => JSON.parse(body) as NoticeMessage,
      );
    return { queue: createSqsNoticeQueue(client, sqs.urlOf(held)), client, queueUrl: sqs.urlOf(held), receive };
  }

  it('takes messages of several channels, whatever is in them', async () => {
    const { queue, receive } = await open();
    const odd = { ...notice, reason: 'a \ufffe and \uffff and 😀' } as NoticeMessage['notice'];
    const messages = [
      { channel: 'phone', notice },
      { channel: 'hook', notice: odd },
    ];
    await queue.send(messages);
    const received = await receive();
    expect(received).toHaveLength(2);
    expect(received).toEqual(expect.arrayContaining(messages));
  });

  it('that does not take them says so', async () => {
    const { queue, client, queueUrl } = await open();
    await client.send(new DeleteQueueCommand({ QueueUrl: queueUrl }));
    await expect(queue.send([{ channel: 'phone', notice }])).rejects.toThrow();
  });

  it('that takes some of them only says so', async () => {
    const client = { send: async () => ({ Failed: [{ Id: '0', Code: 'InternalError', Message: 'later' }] }) };
    const queue = createSqsNoticeQueue(client as never, 'http://127.0.0.1/notices');
    const sending = queue.send([{ channel: 'phone', notice }]);
    await expect(sending).rejects.toThrow('the queue refused a notice: InternalError later');
  });
});

describe('notices that were sent', () => {
  it('are known per channel, however often they are marked, for longer than they can come again', async () => {
    const table = await startCoordinationTable();
    onTestFinished(table.close);
    const sent = createSentNotices(table.client, table.name);
    const nowMs = Date.UTC(2026, 10, 21);
    expect(await sent.has(notice.id, 'phone')).toBe(false);
    await sent.mark(notice.id, 'phone', nowMs);
    await sent.mark(notice.id, 'phone', nowMs + 60_000);
    expect(await sent.has(notice.id, 'phone')).toBe(true);
    expect(await sent.has(notice.id, 'hook')).toBe(false);
    const key = { key: { S: `notice#${notice.id}#phone` } };
    const { Item } = await table.client.send(new GetItemCommand({ TableName: table.name, Key: key }));
    // The queue keeps a message for 4 days and its dead letters for 14.
    expect(Number(Item?.expiresAt?.N) - nowMs / 1_000).toBe(20 * 86_400);
  });

  it('are not marked where the table does not take it, and that is told', async () => {
    const table = await startCoordinationTable();
    onTestFinished(table.close);
    const sent = createSentNotices(table.client, 'another');
    await expect(sent.mark(notice.id, 'phone', 0)).rejects.toThrow();
    await expect(sent.has(notice.id, 'phone')).rejects.toThrow();
  });
});

describe('the topic of notices', () => {
  it('gets subject, text and what subscriptions filter by', async () => {
    const sns = createSns({ clock: createMovableClock(), log: () => {} });
    sns.createTopic({ TopicName: 'notices' });
    const endpoint = await serve(sns);
    onTestFinished(endpoint.close);
    const publish = createTopicPublisher('arn:aws:sns:us-east-1:000000000000:notices');
    await publish({
      subject: 'Nightdesk: order.filled (info)',
      text: 'done <&>',
      attributes: { kind: 'order.filled' },
    });
    const response = await fetch(`${endpoint.url}/__local/sns/notices/messages`);
    const { messages } = (await response.json()) as { messages: PublishedMessage[] };
    expect(messages).toMatchObject([{ subject: 'Nightdesk: order.filled (info)', message: 'done <&>' }]);
    expect(JSON.stringify(messages)).toContain('order.filled');
    await expect(
      createTopicPublisher('arn:aws:sns:us-east-1:000000000000:none')({ subject: 'a', text: 'b', attributes: {} }),
    ).rejects.toThrow();
  });
});
