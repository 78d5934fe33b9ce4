import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  ListQueueTagsCommand,
  PurgeQueueCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  TagQueueCommand,
  UntagQueueCommand,
} from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { refusal, type SqsServer, startSqsServer } from './sqs-server.ts';

let server: SqsServer;
beforeEach(async () => {
  server = await startSqsServer();
});
afterEach(() => server.close());

async function attributes(QueueUrl: string, AttributeNames: 'All'[] = ['All']) {
  return (await server.client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames }))).Attributes;
}

describe('a queue', () => {
  it('has the defaults that AWS gives it', async () => {
    const url = await server.createQueue('orders.fifo');
    const seconds = String(server.clock.nowMs() / 1000);
    expect(await attributes(url)).toEqual({
      ApproximateNumberOfMessages: '0',
      ApproximateNumberOfMessagesDelayed: '0',
      ApproximateNumberOfMessagesNotVisible: '0',
      ContentBasedDeduplication: 'false',
      CreatedTimestamp: seconds,
      DeduplicationScope: 'queue',
      DelaySeconds: '0',
      FifoQueue: 'true',
      FifoThroughputLimit: 'perQueue',
      LastModifiedTimestamp: seconds,
      MaximumMessageSize: '1048576',
      MessageRetentionPeriod: '345600',
      QueueArn: 'arn:aws:sqs:us-east-1:000000000000:orders.fifo',
      ReceiveMessageWaitTimeSeconds: '0',
      SqsManagedSseEnabled: 'true',
      VisibilityTimeout: '30',
    });
  });

  it('has its address at the local origin and is found by name, also from another port', async () => {
    const url = await server.createQueue('jobs');
    expect(url).toBe(`${server.endpoint}/000000000000/jobs`);
    expect((await server.client.send(new GetQueueUrlCommand({ QueueName: 'jobs' }))).QueueUrl).toBe(url);
    const moved = url.replace(/:\d+\//, ':1/');
    expect((await attributes(moved))?.QueueArn).toContain(':jobs');
  });

  it('is created once however often the same is asked for', async () => {
    const first = await server.createQueue('jobs', { DelaySeconds: '5' });
    expect(await server.createQueue('jobs', { DelaySeconds: '5' })).toBe(first);
    expect(await server.createQueue('jobs')).toBe(first);
  });

  it('takes new attributes and drops a policy set to nothing', async () => {
    const url = await server.createQueue('jobs');
    const dead = await server.arnOf(await server.createQueue('dead'));
    const set = (Attributes: Record<string, string>) =>
      server.client.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes }));
    server.clock.advance(5000);
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: dead, maxReceiveCount: '3' });
    await set({ VisibilityTimeout: '7', RedrivePolicy });
    expect(await attributes(url)).toMatchObject({
      VisibilityTimeout: '7',
      RedrivePolicy,
      LastModifiedTimestamp: String(server.clock.nowMs() / 1000),
    });
    await set({ RedrivePolicy: '' });
    expect(await attributes(url)).not.toHaveProperty('RedrivePolicy');
  });

  it('is listed by prefix and page by page', async () => {
    for (const name of ['a-1', 'a-2', 'a-3', 'b-1']) await server.createQueue(name);
    const list = (more: object) => server.client.send(new ListQueuesCommand({ QueueNamePrefix: 'a-', ...more }));
    expect((await list({})).QueueUrls).toHaveLength(3);
    const first = await list({ MaxResults: 2 });
    expect(first.QueueUrls?.map((url) => url.slice(-3))).toEqual(['a-1', 'a-2']);
    const second = await list({ MaxResults: 2, NextToken: first.NextToken });
    expect(second.QueueUrls?.map((url) => url.slice(-3))).toEqual(['a-3']);
    expect(second.NextToken).toBeUndefined();
  });

  it('carries tags', async () => {
    const { QueueUrl } = await server.client.send(
      new CreateQueueCommand({ QueueName: 'jobs', tags: { stage: 'dev' } }),
    );
    await server.client.send(new TagQueueCommand({ QueueUrl, Tags: { owner: 'desk', team: 'x' } }));
    await server.client.send(new UntagQueueCommand({ QueueUrl, TagKeys: ['team'] }));
    const { Tags } = await server.client.send(new ListQueueTagsCommand({ QueueUrl }));
    expect(Tags).toEqual({ stage: 'dev', owner: 'desk' });
  });

  it('is empty after a purge and takes again what it deduplicated before', async () => {
    const QueueUrl = await server.createQueue('orders.fifo');
    const send = () =>
      server.client.send(
        new SendMessageCommand({ QueueUrl, MessageBody: 'x', MessageGroupId: 'g', MessageDeduplicationId: 'd' }),
      );
    await send();
    await server.client.send(new PurgeQueueCommand({ QueueUrl }));
    expect(await attributes(QueueUrl)).toMatchObject({ ApproximateNumberOfMessages: '0' });
    await send();
    expect(await attributes(QueueUrl)).toMatchObject({ ApproximateNumberOfMessages: '1' });
  });

  it('is gone with its messages after its deletion, and so is who waits for one', async () => {
    const QueueUrl = await server.createQueue('jobs');
    await server.client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }));
    const empty = server.sqs.createQueue({ name: 'empty', properties: {} });
    const polled = refusal(server.sqs.receive({ queue: empty, messagesMax: 1, waitMs: 20_000 }));
    await server.client.send(new DeleteQueueCommand({ QueueUrl: server.sqs.urlOf(empty) }));
    expect((await polled).message).toBe('The specified queue does not exist.');
    await server.client.send(new DeleteQueueCommand({ QueueUrl }));
    expect((await refusal(attributes(QueueUrl))).name).toBe('QueueDoesNotExist');
    server.clock.advance(60_000);
    expect(await attributes(await server.createQueue('jobs'))).toMatchObject({ ApproximateNumberOfMessages: '0' });
  });
});

describe('a CloudFormation definition', () => {
  it('is applied the same way again and again, and its changes keep the messages', () => {
    const { sqs } = server;
    const dead = sqs.createQueue({ name: 'dead.fifo', properties: { FifoQueue: true } });
    const properties = {
      QueueName: 'signals.fifo',
      FifoQueue: true,
      DeduplicationScope: 'messageGroup',
      FifoThroughputLimit: 'perMessageGroupId',
      VisibilityTimeout: 180,
      RedrivePolicy: { deadLetterTargetArn: dead.arn, maxReceiveCount: 3 },
      Tags: [{ Key: 'stage', Value: 'dev' }],
    };
    const queue = sqs.createQueue({ name: 'signals.fifo', properties });
    sqs.send(queue, { body: 'x', groupId: 'g', deduplicationId: 'd' });
    expect(sqs.createQueue({ name: 'signals.fifo', properties })).toBe(queue);
    const { VisibilityTimeout: _dropped, ...fewer } = properties;
    sqs.createQueue({ name: 'signals.fifo', properties: fewer });
    expect(queue.settings).toMatchObject({ visibilityMs: 30_000, redrive: { targetArn: dead.arn, receivesMax: 3 } });
    expect(queue.tags).toEqual({ stage: 'dev' });
    expect(sqs.depth(queue).visible).toBe(1);
    expect(sqs.queueByArn(queue.arn)).toBe(queue);
  });

  it('with a property that queues do not have is refused by name', () => {
    const create = () => server.sqs.createQueue({ name: 'jobs', properties: { VisibilityTimeOut: 3 } });
    expect(create).toThrow('AWS::SQS::Queue jobs: the property VisibilityTimeOut is not supported');
  });
});
