import { describe, expect, it } from 'vitest';
import { createMovableClock } from '../../../local/cloud/clock.ts';
import { createSqs } from '../../../local/cloud/sqs/index.ts';
import { bodies, createFixture, handles, redriveTo } from './queues.ts';

const longMs = 20_000;

describe('a long poll', () => {
  it('is answered by the arrival of a message', async () => {
    const { sqs, queue, send } = createFixture();
    const orders = queue('orders.fifo');
    const polled = sqs.receive({ queue: orders, messagesMax: 10, waitMs: longMs });
    send(orders, 'g', 'a');
    expect(bodies(await polled)).toEqual(['a']);
  });

  it('ends empty when its time is up, or when the caller goes', async () => {
    const { sqs, clock, queue, send } = createFixture();
    const orders = queue('orders.fifo');
    const hangUp = new AbortController();
    const timed = sqs.receive({ queue: orders, messagesMax: 1, waitMs: longMs });
    const aborted = sqs.receive({ queue: orders, messagesMax: 1, waitMs: longMs, signal: hangUp.signal });
    hangUp.abort();
    expect(await aborted).toEqual([]);
    clock.advance(longMs);
    expect(await timed).toEqual([]);
    send(orders, 'g', 'a');
    expect(sqs.depth(orders)).toEqual({ visible: 1, inFlight: 0, delayed: 0 });
  });

  it.each(['jobs', 'jobs.fifo'])('on %s is answered when a visibility timeout or a delay ends', async (name) => {
    const { sqs, clock, queue, receive } = createFixture();
    const jobs = queue(name, { VisibilityTimeout: 5, DelaySeconds: 2 });
    sqs.send(jobs, { body: 'a', ...(jobs.fifo ? { groupId: 'g', deduplicationId: 'a' } : {}) });
    const delayed = sqs.receive({ queue: jobs, messagesMax: 1, waitMs: longMs });
    clock.advance(2000);
    expect(bodies(await delayed)).toEqual(['a']);
    const hidden = sqs.receive({ queue: jobs, messagesMax: 1, waitMs: longMs });
    clock.advance(4999);
    expect(await receive(jobs)).toEqual([]);
    clock.advance(1);
    expect(bodies(await hidden)).toEqual(['a']);
  });

  it.each(['jobs', 'jobs.fifo'].flatMap((name) => [0, 1, 2, 3, 4].map((looks) => ({ name, looks }))))(
    'on $name sees a message that becomes visible after $looks looks at the clock',
    async ({ name, looks }) => {
      const standing = createMovableClock();
      let looksLeft = Number.POSITIVE_INFINITY;
      const nowMs = () => standing.nowMs() + (looksLeft-- > 0 ? 0 : 1);
      const sqs = createSqs({ clock: { ...standing, nowMs }, origin: () => '' });
      const jobs = sqs.createQueue({ name, properties: name.endsWith('.fifo') ? { FifoQueue: true } : {} });
      sqs.send(jobs, { body: 'a', ...(jobs.fifo ? { groupId: 'g', deduplicationId: 'a' } : {}) });
      const [held = ''] = handles(await sqs.receive({ queue: jobs, messagesMax: 1, waitMs: 0 }));
      sqs.changeVisibility(jobs, held, 1);
      looksLeft = looks;
      const polled = sqs.receive({ queue: jobs, messagesMax: 1, waitMs: longMs });
      standing.advance(2);
      await sqs.close();
      expect(bodies(await polled)).toEqual(['a']);
    },
  );

  it('is answered when a delete or a visibility change frees the group', async () => {
    const { sqs, queue, send, receive } = createFixture();
    const orders = queue('orders.fifo');
    for (const body of ['a', 'b']) send(orders, 'g', body);
    const [first = ''] = handles(await receive(orders, 1));
    const afterDelete = sqs.receive({ queue: orders, messagesMax: 1, waitMs: longMs });
    sqs.deleteBatch(orders, [first]);
    const [second] = await afterDelete;
    expect(second?.body).toBe('b');
    const afterChange = sqs.receive({ queue: orders, messagesMax: 1, waitMs: longMs });
    sqs.changeVisibility(orders, second?.receiptHandle ?? '', 0);
    expect(bodies(await afterChange)).toEqual(['b']);
  });

  it('serves those who wait in the order they came', async () => {
    const { sqs, queue } = createFixture();
    const jobs = queue('jobs');
    const polls = [1, 2, 3].map(() => sqs.receive({ queue: jobs, messagesMax: 1, waitMs: longMs }));
    for (const body of ['a', 'b', 'c']) sqs.send(jobs, { body });
    expect((await Promise.all(polls)).map(bodies)).toEqual([['a'], ['b'], ['c']]);
  });

  it('on a dead-letter queue is answered by the receive that gives the message up', async () => {
    const { sqs, clock, queue, receive } = createFixture();
    const dead = queue('dead');
    const jobs = queue('jobs', { VisibilityTimeout: 1, ...redriveTo(dead, 1) });
    sqs.send(jobs, { body: 'poison' });
    await receive(jobs);
    const onDead = sqs.receive({ queue: dead, messagesMax: 1, waitMs: longMs });
    const onJobs = sqs.receive({ queue: jobs, messagesMax: 1, waitMs: longMs });
    clock.advance(1000);
    expect(bodies(await onDead)).toEqual(['poison']);
    clock.advance(longMs);
    expect(await onJobs).toEqual([]);
  });

  it('ends empty when the service closes', async () => {
    const { sqs, queue } = createFixture();
    const jobs = queue('jobs');
    const polled = sqs.receive({ queue: jobs, messagesMax: 1, waitMs: longMs });
    await sqs.close();
    expect(await polled).toEqual([]);
  });
});
