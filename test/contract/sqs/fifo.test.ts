import { describe, expect, it } from 'vitest';
import { bodies, createFixture, handles } from './queues.ts';

const minuteMs = 60_000;

describe('a FIFO queue', () => {
  it('fills a receive from as few groups as possible, each in order', async () => {
    const { queue, send, receive } = createFixture();
    const orders = queue('orders.fifo');
    for (const [group, body] of [
      ['g1', 'g1-m1'],
      ['g2', 'g2-m1'],
      ['g1', 'g1-m2'],
      ['g1', 'g1-m3'],
    ] as const) {
      send(orders, group, body);
    }
    expect(bodies(await receive(orders))).toEqual(['g1-m1', 'g1-m2', 'g1-m3', 'g2-m1']);
  });

  it('gives nothing more of a group while its first message is in flight', async () => {
    const { sqs, queue, send, receive } = createFixture();
    const orders = queue('orders.fifo');
    for (const body of ['a', 'b', 'c']) send(orders, 'g', body);
    const taken = await receive(orders, 2);
    expect(bodies(await receive(orders))).toEqual([]);
    sqs.deleteBatch(orders, handles(taken.slice(0, 1)));
    expect(bodies(await receive(orders))).toEqual([]);
    sqs.deleteBatch(orders, handles(taken.slice(1)));
    expect(bodies(await receive(orders))).toEqual(['c']);
  });

  // The next four follow recordings made against the real service in November 2025.
  it('redelivers from the front of the group up to the first message still hidden', async () => {
    const extended = async (position: number) => {
      const { sqs, clock, queue, send, receive } = createFixture();
      const orders = queue('orders.fifo', { VisibilityTimeout: 1 });
      for (const body of ['foo', 'bar', 'baz']) send(orders, '1', body);
      const [handle = ''] = handles(await receive(orders)).slice(position);
      sqs.changeVisibility(orders, handle, 4000);
      clock.advance(2500);
      return bodies(await receive(orders));
    };
    expect([await extended(0), await extended(1), await extended(2)]).toEqual([[], ['foo'], ['foo', 'bar']]);
  });

  it('serves the group that has waited longest first', async () => {
    const { queue, send, receive, sqs, clock } = createFixture();
    const orders = queue('orders.fifo');
    for (const body of ['g1-m1', 'g1-m2', 'g2-m1']) send(orders, body.slice(0, 2), body);
    const [first = ''] = handles(await receive(orders, 2));
    clock.advance(1);
    sqs.changeVisibility(orders, first, 0);
    expect(bodies(await receive(orders, 3))).toEqual(['g2-m1', 'g1-m1']);
  });

  it('keeps the order through receives with no visibility timeout', async () => {
    const { queue, send, receive, clock } = createFixture();
    const orders = queue('orders.fifo');
    for (const body of ['g1-m1', 'g2-m1', 'g2-m2', 'g3-m1', 'g1-m2']) send(orders, body.slice(0, 2), body);
    clock.advance(1);
    expect(bodies(await receive(orders, 3, 0))).toEqual(['g1-m1', 'g1-m2', 'g2-m1']);
    expect(bodies(await receive(orders, 10, 0))).toEqual(['g3-m1', 'g1-m1', 'g1-m2', 'g2-m1', 'g2-m2']);
  });

  it('refuses a handle once its visibility timeout is over', async () => {
    const { sqs, clock, queue, send, receive } = createFixture();
    const orders = queue('orders.fifo', { VisibilityTimeout: 1 });
    send(orders, 'g', 'a');
    const [handle = ''] = handles(await receive(orders));
    clock.advance(1000);
    const [error] = sqs.deleteBatch(orders, [handle]);
    expect(error?.message).toBe(
      `Value ${handle} for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.`,
    );
    expect(() => sqs.changeVisibility(orders, handle, 5000)).toThrow('The receipt handle has expired.');
  });

  it('applies the delay of the queue, and a changed delay to what still waits', async () => {
    const { clock, queue, send, receive } = createFixture();
    const orders = queue('orders.fifo', { DelaySeconds: 60 });
    send(orders, 'g', 'a');
    clock.advance(10_000);
    expect(bodies(await receive(orders))).toEqual([]);
    queue('orders.fifo', { DelaySeconds: 20 });
    clock.advance(9_999);
    expect(bodies(await receive(orders))).toEqual([]);
    clock.advance(1);
    expect(bodies(await receive(orders))).toEqual(['a']);
  });
});

describe('deduplication', () => {
  it('answers a duplicate within five minutes with the original, even after its deletion', async () => {
    const { sqs, clock, queue, receive } = createFixture();
    const orders = queue('orders.fifo');
    const send = (body: string) => sqs.send(orders, { body, groupId: 'g', deduplicationId: 'same' });
    const original = send('first');
    sqs.deleteBatch(orders, handles(await receive(orders)));
    clock.advance(5 * minuteMs - 1);
    const duplicate = send('second');
    expect([duplicate.messageId, duplicate.sequenceNumber]).toEqual([original.messageId, original.sequenceNumber]);
    expect(bodies(await receive(orders))).toEqual([]);
    clock.advance(1);
    const fresh = send('third');
    expect(fresh.messageId).not.toBe(original.messageId);
    expect(BigInt(fresh.sequenceNumber ?? 0)).toBeGreaterThan(BigInt(original.sequenceNumber ?? 0));
    expect(bodies(await receive(orders))).toEqual(['third']);
  });

  it('goes by content when the queue says so, and by the id when one is given', async () => {
    const { sqs, queue } = createFixture();
    const orders = queue('orders.fifo', { ContentBasedDeduplication: true });
    const send = (body: string, deduplicationId?: string) => sqs.send(orders, { body, groupId: 'g', deduplicationId });
    const { messageId } = send('same');
    expect(send('same').messageId).toBe(messageId);
    expect(send('same', 'own-id').messageId).not.toBe(messageId);
    expect(send('other').messageId).not.toBe(messageId);
  });

  it.each([
    ['queue', 1],
    ['messageGroup', 2],
  ])('of scope %s leaves %d of two equal ids in two groups', (DeduplicationScope, count) => {
    const { sqs, queue, send } = createFixture();
    const orders = queue('orders.fifo', { DeduplicationScope });
    send(orders, 'g1', 'a', 'same');
    send(orders, 'g2', 'b', 'same');
    expect(sqs.depth(orders).visible).toBe(count);
  });
});

describe('a receive attempt id', () => {
  const receiveAs = (fixture: ReturnType<typeof createFixture>, name: string) =>
    fixture.sqs.receive({ queue: fixture.queue(name), messagesMax: 10, waitMs: 0, attemptId: 'attempt-1' });

  it('gives the same messages and handles again and starts their timeout anew', async () => {
    const fixture = createFixture();
    const { clock, queue, send, receive } = fixture;
    const orders = queue('orders.fifo');
    for (const body of ['a', 'b']) send(orders, 'g', body);
    const first = await receiveAs(fixture, 'orders.fifo');
    clock.advance(20_000);
    expect(await receiveAs(fixture, 'orders.fifo')).toEqual(first);
    clock.advance(29_999);
    expect(await receive(orders)).toEqual([]);
    clock.advance(1);
    expect(bodies(await receive(orders))).toEqual(['a', 'b']);
  });

  it('is a new receive once one of the messages was deleted', async () => {
    const fixture = createFixture();
    const { sqs, queue, send } = fixture;
    const orders = queue('orders.fifo');
    send(orders, 'g1', 'a');
    const first = await receiveAs(fixture, 'orders.fifo');
    send(orders, 'g2', 'b');
    sqs.deleteBatch(orders, handles(first));
    expect(bodies(await receiveAs(fixture, 'orders.fifo'))).toEqual(['b']);
  });
});
