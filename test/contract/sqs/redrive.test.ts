import {
  CancelMessageMoveTaskCommand,
  ListDeadLetterSourceQueuesCommand,
  ListMessageMoveTasksCommand,
  type ListMessageMoveTasksResultEntry,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Queue, ReceivedMessage } from '../../../local/cloud/sqs/index.ts';
import { bodies, redriveTo } from './queues.ts';
import { refusal, type SqsServer, startSqsServer } from './sqs-server.ts';

let server: SqsServer;
let source: Queue;
let dead: Queue;

beforeEach(async () => {
  server = await startSqsServer();
  const { sqs } = server;
  dead = sqs.createQueue({ name: 'dead.fifo', properties: { FifoQueue: true } });
  const properties = { FifoQueue: true, VisibilityTimeout: 1, ...redriveTo(dead, 1) };
  source = sqs.createQueue({ name: 'source.fifo', properties });
});
afterEach(() => server.close());

const receive = (queue: Queue): Promise<ReceivedMessage[]> =>
  server.sqs.receive({ queue, messagesMax: 10, waitMs: 0, visibilityMs: 60_000 });

/** Sends these to one group each by their first letter and lets every one of them end in the dead-letter queue. */
async function bury(...texts: string[]): Promise<void> {
  for (const body of texts) server.sqs.send(source, { body, groupId: body.slice(0, 1), deduplicationId: body });
  await server.sqs.receive({ queue: source, messagesMax: 10, waitMs: 0 });
  server.clock.advance(1000);
  await receive(source);
}

async function start(more: object = {}): Promise<string> {
  const { TaskHandle } = await server.client.send(new StartMessageMoveTaskCommand({ SourceArn: dead.arn, ...more }));
  return TaskHandle ?? '';
}

async function latest(): Promise<ListMessageMoveTasksResultEntry | undefined> {
  const { Results } = await server.client.send(new ListMessageMoveTasksCommand({ SourceArn: dead.arn }));
  return Results?.[0];
}

describe('a move task', () => {
  it('takes messages back to where they came from, in order, as new messages', async () => {
    await bury('a1', 'b1', 'a2');
    await start();
    expect(await latest()).toMatchObject({ Status: 'RUNNING', ApproximateNumberOfMessagesToMove: 3 });
    server.clock.advance(1);
    expect(await latest()).toMatchObject({ Status: 'COMPLETED', ApproximateNumberOfMessagesMoved: 3 });
    expect((await latest())?.TaskHandle).toBeUndefined();
    const moved = await receive(source);
    expect(bodies(moved)).toEqual(['a1', 'a2', 'b1']);
    expect(moved[0]?.systemAttributes).toMatchObject({ ApproximateReceiveCount: '1', MessageGroupId: 'a' });
    expect(moved[0]?.systemAttributes.DeadLetterQueueSourceArn).toBeUndefined();
    expect(server.sqs.depth(dead)).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  });

  it('moves at the rate it was given to the queue it was given, and stops when cancelled', async () => {
    await bury('a1', 'a2', 'a3');
    const elsewhere = server.sqs.createQueue({ name: 'elsewhere.fifo', properties: { FifoQueue: true } });
    const TaskHandle = await start({ DestinationArn: elsewhere.arn, MaxNumberOfMessagesPerSecond: 1 });
    server.clock.advance(1500);
    expect(server.sqs.depth(elsewhere).visible).toBe(2);
    const cancel = new CancelMessageMoveTaskCommand({ TaskHandle });
    expect((await server.client.send(cancel)).ApproximateNumberOfMessagesMoved).toBe(2);
    server.clock.advance(60_000);
    expect([server.sqs.depth(elsewhere).visible, server.sqs.depth(dead).visible]).toEqual([2, 1]);
    expect((await latest())?.Status).toBe('CANCELLED');
    expect((await refusal(server.client.send(cancel))).name).toBe('UnsupportedOperation');
  });

  it('is the only one of its source while it runs', async () => {
    await bury('a1');
    await start({ MaxNumberOfMessagesPerSecond: 1 });
    expect((await refusal(start())).message).toContain('Only one active task is allowed');
  });

  it('fails when a message does not know where it came from', async () => {
    server.sqs.send(dead, { body: 'sent by hand', groupId: 'g', deduplicationId: 'd' });
    await start();
    server.clock.advance(1);
    expect(await latest()).toMatchObject({ Status: 'FAILED', FailureReason: 'CouldNotDetermineMessageSource' });
    expect(server.sqs.depth(dead).visible).toBe(1);
  });

  it('wakes a receive that waits at the destination', async () => {
    await bury('a1');
    const polled = server.sqs.receive({ queue: source, messagesMax: 1, waitMs: 20_000 });
    await start();
    server.clock.advance(1);
    expect(bodies(await polled)).toEqual(['a1']);
  });

  it('needs a destination that exists and is of the same kind', async () => {
    const plain = server.sqs.createQueue({ name: 'plain', properties: {} });
    expect((await refusal(start({ DestinationArn: `${plain.arn}-not` }))).name).toBe('ResourceNotFoundException');
    expect((await refusal(start({ DestinationArn: plain.arn }))).message).toContain('same type');
  });
});

it('a dead-letter queue lists the queues that use it', async () => {
  const QueueUrl = server.sqs.urlOf(dead);
  const { queueUrls } = await server.client.send(new ListDeadLetterSourceQueuesCommand({ QueueUrl }));
  expect(queueUrls).toEqual([server.sqs.urlOf(source)]);
});
