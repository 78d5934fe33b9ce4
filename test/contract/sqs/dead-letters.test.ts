import { describe, expect, it } from 'vitest';
import { bodies, createFixture, redriveTo } from './queues.ts';

describe('a dead-letter queue', () => {
  it('gets a message instead of one receive too many, with its source and its counts', async () => {
    const { sqs, clock, queue, receive } = createFixture();
    const dead = queue('dead');
    const jobs = queue('jobs', { VisibilityTimeout: 1, ...redriveTo(dead, 2) });
    const { messageId } = sqs.send(jobs, { body: 'poison' });
    const sentMs = clock.nowMs();
    for (let turn = 0; turn < 2; turn++) {
      expect(bodies(await receive(jobs))).toEqual(['poison']);
      clock.advance(1000);
    }
    expect(await receive(jobs)).toEqual([]);
    const [message] = await receive(dead);
    expect(message).toMatchObject({
      messageId,
      systemAttributes: {
        ApproximateReceiveCount: '3',
        DeadLetterQueueSourceArn: jobs.arn,
        SentTimestamp: String(sentMs),
      },
    });
  });

  it('of a FIFO queue keeps groups and order, and the group goes on behind what was given up', async () => {
    const { clock, queue, send, receive } = createFixture();
    const dead = queue('dead.fifo');
    const orders = queue('orders.fifo', { VisibilityTimeout: 1, ...redriveTo(dead, 1) });
    for (const body of ['a1', 'b1', 'a2', 'a3', 'b2']) send(orders, body.slice(0, 1), body);
    expect(bodies(await receive(orders, 2))).toEqual(['a1', 'a2']);
    clock.advance(1000);
    expect(bodies(await receive(orders))).toEqual(['b1', 'b2', 'a3']);
    const buried = await receive(dead);
    expect(buried.map(({ body, systemAttributes: { MessageGroupId } }) => [body, MessageGroupId])).toEqual([
      ['a1', 'a'],
      ['a2', 'a'],
    ]);
  });

  it('must exist, be of the same kind and allow the source', () => {
    const { queue } = createFixture();
    const dead = queue('dead');
    expect(() => queue('orders.fifo', redriveTo(dead, 1))).toThrow('same type of queue as the source');
    const picky = queue('picky', {
      RedriveAllowPolicy: { redrivePermission: 'byQueue', sourceQueueArns: [dead.arn.replace(/dead$/, 'friend')] },
    });
    expect(() => queue('stranger', redriveTo(picky, 1))).toThrow('does not permit');
    expect(queue('friend', redriveTo(picky, 1)).settings.redrive).toEqual({ targetArn: picky.arn, receivesMax: 1 });
  });
});

describe('in flight', () => {
  it('are at most 120,000 messages', async () => {
    const { sqs, queue, receive } = createFixture();
    const jobs = queue('jobs');
    const inFlightMax = 120_000;
    for (let sent = 0; sent <= inFlightMax; sent++) sqs.send(jobs, { body: 'x' });
    for (let received = 0; received < inFlightMax; received += 10) {
      await receive(jobs);
    }
    await expect(receive(jobs)).rejects.toMatchObject({ type: 'OverLimit', status: 403 });
    expect(sqs.depth(jobs)).toEqual({ visible: 1, inFlight: inFlightMax, delayed: 0 });
  });
});
