import { DeleteQueueCommand } from '@aws-sdk/client-sqs';
import { createSqsClient, createSqsSignalQueue } from '@nightdesk/aws';
import type { SignalMessage } from '@nightdesk/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMovableClock } from '../../../local/cloud/clock.ts';
import { createSqs } from '../../../local/cloud/sqs/index.ts';
import { createManualClock } from '../../support/clocks.ts';
import { createMemorySignalQueue } from '../../support/memory-signal-queue.ts';
import { serve } from './desk-cloud.ts';
import { refuseSecondEntry } from './refused-entry.ts';
import { signalQueueContract } from './signal-queue-contract.ts';

/** More receives than any test needs. */
const receivesMax = 50;

/** The queue with the properties of the deployed one that senders notice. */
async function openSqs() {
  const clock = createMovableClock();
  let origin = '';
  const sqs = createSqs({ clock, origin: () => origin });
  const endpoint = await serve(sqs);
  origin = endpoint.url;
  const properties = {
    FifoQueue: true,
    DeduplicationScope: 'messageGroup',
    FifoThroughputLimit: 'perMessageGroupId',
  };
  const held = sqs.createQueue({ name: 'signals.fifo', properties });
  const client = createSqsClient();
  return {
    queue: createSqsSignalQueue(client, sqs.urlOf(held)),
    client,
    queueUrl: sqs.urlOf(held),
    async receiveAll() {
      const received: SignalMessage[] = [];
      for (let receive = 0; receive < receivesMax; receive += 1) {
        const messages = await sqs.receive({ queue: held, messagesMax: 10, waitMs: 0 });
        if (messages.length === 0) return received;
        for (const { body, systemAttributes } of messages) {
          const message: SignalMessage = JSON.parse(body);
          expect(systemAttributes.MessageGroupId).toBe(message.lane);
          received.push(message);
        }
        sqs.deleteBatch(
          held,
          messages.map(({ receiptHandle }) => receiptHandle),
        );
      }
      throw new Error(`the queue was not empty after ${receivesMax} receives`);
    },
    pass: (byMs: number) => clock.advance(byMs),
    async close() {
      client.destroy();
      await endpoint.close();
    },
  };
}

signalQueueContract('a queue in memory', async () => {
  const clock = createManualClock();
  const queue = createMemorySignalQueue(clock);
  return {
    queue,
    receiveAll: async () => queue.waiting.splice(0),
    pass: (byMs) => clock.advance(byMs),
    close: async () => {},
  };
});
signalQueueContract('SQS', openSqs);

describe('SQS besides', () => {
  let opened: Awaited<ReturnType<typeof openSqs>>;
  beforeEach(async () => {
    opened = await openSqs();
  });
  afterEach(() => opened.close());

  const leg = (index: number) =>
    ({
      signal: { signalId: 'sg0001' },
      account: `account${index}`,
      leg: index,
      lane: 'main',
    }) as unknown as SignalMessage;

  it('is not taken at its word when the queue is gone', async () => {
    await opened.client.send(new DeleteQueueCommand({ QueueUrl: opened.queueUrl }));
    await expect(opened.queue.send([leg(0)])).rejects.toMatchObject({ name: 'QueueDoesNotExist' });
  });

  it('may take a part of the legs: the one it did not is named, and is the only one that sending again adds', async () => {
    const takeAll = refuseSecondEntry(opened.client);
    const legs = [leg(0), leg(1), leg(2)];
    await expect(opened.queue.send(legs)).rejects.toThrow('refused leg 1: InternalError try again');
    takeAll();
    await opened.queue.send(legs);
    expect((await opened.receiveAll()).map((message) => message.leg)).toEqual([0, 2, 1]);
  });
});
