import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMovableClock } from '../../local/cloud/clock.ts';
import { createSqs, type Queue, type Sqs } from '../../local/cloud/sqs/index.ts';

const clock = createMovableClock();
let directory: string;
let sqs: Sqs;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'nightdesk-sqs-'));
  sqs = open();
});
afterEach(async () => {
  await sqs.close();
  rmSync(directory, { recursive: true, force: true });
});

const open = (): Sqs => createSqs({ directory, clock, origin: () => 'http://127.0.0.1:4566' });

/** Closes and opens again, and finds the queue that has the same ARN. */
async function restart(queue: Queue): Promise<Queue> {
  await sqs.close();
  sqs = open();
  const found = sqs.queueByArn(queue.arn);
  if (found === undefined) throw new Error(`${queue.arn} did not survive the restart`);
  return found;
}

const fifo = { FifoQueue: true, VisibilityTimeout: 30 };
const receive = (queue: Queue, attemptId?: string) => sqs.receive({ queue, messagesMax: 10, waitMs: 0, attemptId });

describe('after a restart', () => {
  it('queues keep their attributes and tags', async () => {
    const tags = { Tags: [{ Key: 'stage', Value: 'dev' }] };
    const before = sqs.createQueue({ name: 'orders.fifo', properties: { ...fifo, DelaySeconds: 7, ...tags } });
    const after = await restart(before);
    expect(after).toEqual(before);
    expect(after).not.toBe(before);
  });

  it('duplicates are still known and sequence numbers go on rising', async () => {
    let queue = sqs.createQueue({ name: 'orders.fifo', properties: fifo });
    const original = sqs.send(queue, { body: 'a', groupId: 'g', deduplicationId: 'd' });
    const [message] = await receive(queue);
    sqs.deleteBatch(queue, [message?.receiptHandle ?? '']);
    queue = await restart(queue);
    const duplicate = sqs.send(queue, { body: 'b', groupId: 'g', deduplicationId: 'd' });
    expect(duplicate).toMatchObject({ messageId: original.messageId, sequenceNumber: original.sequenceNumber });
    const next = sqs.send(queue, { body: 'c', groupId: 'g', deduplicationId: 'e' });
    expect(BigInt(next.sequenceNumber ?? 0)).toBeGreaterThan(BigInt(original.sequenceNumber ?? 0));
  });

  it('messages in flight stay hidden, their handles valid and their group locked', async () => {
    let queue = sqs.createQueue({ name: 'orders.fifo', properties: fifo });
    for (const body of ['a', 'b']) sqs.send(queue, { body, groupId: 'g', deduplicationId: body });
    const [message] = await sqs.receive({ queue, messagesMax: 1, waitMs: 0 });
    queue = await restart(queue);
    expect(await receive(queue)).toEqual([]);
    expect(sqs.deleteBatch(queue, [message?.receiptHandle ?? ''])).toEqual([undefined]);
    expect((await receive(queue)).map(({ body }) => body)).toEqual(['b']);
  });

  it('messages in flight can be handed back at once, in their order', async () => {
    let queue = sqs.createQueue({ name: 'orders.fifo', properties: fifo });
    for (const body of ['a', 'b', 'c']) sqs.send(queue, { body, groupId: 'g', deduplicationId: body });
    const [message] = await sqs.receive({ queue, messagesMax: 2, waitMs: 0 });
    queue = await restart(queue);
    sqs.handBack(queue);
    expect(sqs.depth(queue)).toEqual({ visible: 3, inFlight: 0, delayed: 0 });
    expect(sqs.deleteBatch(queue, [message?.receiptHandle ?? ''])[0]).toMatchObject({
      message: expect.stringContaining('expired'),
    });
    const again = await receive(queue);
    expect(again.map(({ body, systemAttributes }) => [body, systemAttributes.ApproximateReceiveCount])).toEqual([
      ['a', '1'],
      ['b', '1'],
      ['c', '1'],
    ]);
  });

  it('a receive that is asked for again gives the same messages', async () => {
    let queue = sqs.createQueue({ name: 'orders.fifo', properties: fifo });
    sqs.send(queue, { body: 'a', groupId: 'g', deduplicationId: 'a' });
    const first = await receive(queue, 'attempt-1');
    queue = await restart(queue);
    expect(await receive(queue, 'attempt-1')).toEqual(first);
  });

  it('a long poll that was cut off has taken nothing', async () => {
    let queue = sqs.createQueue({ name: 'jobs', properties: {} });
    const polled = sqs.receive({ queue, messagesMax: 1, waitMs: 20_000 });
    queue = await restart(queue);
    expect(await polled).toEqual([]);
    sqs.send(queue, { body: 'a' });
    expect(sqs.depth(queue)).toEqual({ visible: 1, inFlight: 0, delayed: 0 });
  });
});
