import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateTopicCommand,
  GetTopicAttributesCommand,
  ListTopicsCommand,
  PublishBatchCommand,
  PublishCommand,
  type PublishCommandInput,
  SNSClient,
} from '@aws-sdk/client-sns';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createMovableClock } from '../../../local/cloud/clock.ts';
import { createAwsEndpoint } from '../../../local/cloud/endpoint.ts';
import { createSns, type PublishedMessage } from '../../../local/cloud/sns/index.ts';

const TopicArn = 'arn:aws:sns:us-east-1:000000000000:notices';

async function start(directory?: string) {
  const lines: string[] = [];
  const log = (line: string) => lines.push(line);
  const clock = createMovableClock();
  const sns = createSns({ clock, log, directory });
  sns.createTopic({ TopicName: 'notices', DisplayName: 'Desk & more', KmsMasterKeyId: 'key' });
  const endpoint = await createAwsEndpoint({ services: [sns], log });
  const client = new SNSClient({
    endpoint: endpoint.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
  const close = async () => {
    client.destroy();
    await endpoint.close();
  };
  const kept = async (): Promise<PublishedMessage[]> => {
    const response = await fetch(`${endpoint.url}/__local/sns/notices/messages`);
    return ((await response.json()) as { messages: PublishedMessage[] }).messages;
  };
  return { client, clock, close, kept, lines, sns, url: endpoint.url };
}

async function startForTest() {
  const world = await start();
  onTestFinished(world.close);
  return world;
}

describe('publishing', () => {
  it('keeps the message as it was sent, and logs that it came but not what it says', async () => {
    const { client, clock, kept, lines } = await startForTest();
    const Message = 'filled: 0.5 BTC <at> "64000" & so\non, key=hidden';
    const MessageAttributes = { event: { DataType: 'String', StringValue: 'order.filled' } };
    const { MessageId } = await client.send(
      new PublishCommand({ TopicArn, Message, Subject: 'Order filled', MessageAttributes }),
    );
    expect(await kept()).toEqual([
      {
        messageId: MessageId,
        publishedMs: clock.nowMs(),
        message: Message,
        subject: 'Order filled',
        attributes: { event: { dataType: 'String', value: 'order.filled' } },
      },
    ]);
    expect(lines).toEqual([
      expect.stringMatching(/^sns: notices took message [0-9a-f-]{36} "Order filled", \d+ bytes$/),
    ]);
  });

  it('takes a batch in order and says of each entry what became of it', async () => {
    const { client, kept } = await startForTest();
    const PublishBatchRequestEntries = [
      { Id: 'a', Message: 'one' },
      { Id: 'b', Message: 'two', Subject: 'no\nlines' },
      { Id: 'c', Message: 'three' },
    ];
    const answer = await client.send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries }));
    expect(answer.Successful?.map(({ Id }) => Id)).toEqual(['a', 'c']);
    expect(answer.Failed).toEqual([
      { Id: 'b', Code: 'InvalidParameter', Message: 'Invalid parameter: Subject', SenderFault: true },
    ]);
    const messages = await kept();
    expect(messages.map(({ message }) => message)).toEqual(['one', 'three']);
    expect(messages.map(({ messageId }) => messageId)).toEqual(answer.Successful?.map(({ MessageId }) => MessageId));
  });

  it.each<[name: string, problem: string, input: Partial<PublishCommandInput>]>([
    ['NotFoundException', 'Topic does not exist', { TopicArn: `${TopicArn}-other` }],
    ['InvalidParameterException', 'Invalid parameter: TopicArn', { TopicArn: 'notices' }],
    ['InvalidParameterException', 'Invalid parameter: Empty message', { Message: '' }],
    ['InvalidParameterException', 'Invalid parameter: Message too long', { Message: 'ü'.repeat(131_073) }],
    ['InvalidParameterException', 'Invalid parameter: Subject', { Subject: 'x'.repeat(101) }],
    ['InvalidParameterException', 'No default entry', { MessageStructure: 'json', Message: '{"sms":"x"}' }],
    [
      'InvalidParameterValueException',
      "'event'",
      { MessageAttributes: { event: { DataType: 'Text', StringValue: 'x' } } },
    ],
    ['InvalidParameterException', 'PhoneNumber is not emulated', { PhoneNumber: '+15550100' }],
  ])('refuses with %s: %s', async (name, problem, input) => {
    const { client, kept } = await startForTest();
    const message = expect.stringContaining(problem);
    await expect(client.send(new PublishCommand({ TopicArn, Message: 'x', ...input }))).rejects.toMatchObject({
      name,
      message,
    });
    expect(await kept()).toEqual([]);
  });

  it.each([
    ['EmptyBatchRequestException', []],
    ['TooManyEntriesInBatchRequestException', Array.from({ length: 11 }, (_, index) => `e${index}`)],
    ['BatchEntryIdsNotDistinctException', ['a', 'a']],
    ['InvalidBatchEntryIdException', ['a b']],
  ])('refuses a batch with %s', async (name, ids) => {
    const { client } = await startForTest();
    const PublishBatchRequestEntries = ids.map((Id) => ({ Id, Message: 'x' }));
    await expect(client.send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries }))).rejects.toMatchObject({
      name,
    });
  });

  it('refuses a batch that is too long as a whole', async () => {
    const { client, kept } = await startForTest();
    const PublishBatchRequestEntries = ['a', 'b'].map((Id) => ({ Id, Message: 'x'.repeat(200_000) }));
    await expect(client.send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries }))).rejects.toMatchObject({
      name: 'BatchRequestTooLongException',
    });
    expect(await kept()).toEqual([]);
  });
});

describe('topics', () => {
  it('are listed and described', async () => {
    const { client } = await startForTest();
    expect((await client.send(new ListTopicsCommand({}))).Topics).toEqual([{ TopicArn }]);
    const { Attributes } = await client.send(new GetTopicAttributesCommand({ TopicArn }));
    expect(Attributes).toMatchObject({ TopicArn, DisplayName: 'Desk & more', Owner: '000000000000' });
  });

  it('have their messages read by name only', async () => {
    const { url } = await startForTest();
    expect((await fetch(`${url}/__local/sns/others/messages`)).status).toBe(404);
  });

  it('refuse an operation that is not emulated by name', async () => {
    const { client, lines } = await startForTest();
    await expect(client.send(new CreateTopicCommand({ Name: 'x' }))).rejects.toThrow('sns CreateTopic');
    expect(lines).toEqual(['aws: NOT EMULATED: sns CreateTopic']);
  });

  it.each([
    ['FIFO topics are not emulated', { FifoTopic: true }],
    ['ArchivePolicy is not emulated', { ArchivePolicy: {} }],
    ['the protocol sqs is not emulated', { Subscription: [{ Protocol: 'sqs', Endpoint: 'arn' }] }],
  ])('refuse a definition: %s', async (problem, properties) => {
    const { sns } = await startForTest();
    expect(() => sns.createTopic({ TopicName: 'other', ...properties })).toThrow(problem);
  });

  it('may be subscribed from outside this machine, where nothing arrives, but not from within', async () => {
    const { sns } = await startForTest();
    expect(() => sns.subscribe('Mail', { Protocol: 'email', Endpoint: 'a@example.com' })).not.toThrow();
    expect(() => sns.subscribe('Queue', { Protocol: 'sqs' })).toThrow('Subscription of Queue: the protocol sqs');
  });
});

describe('what is kept', () => {
  it('is there after a restart, the last thousand of each topic', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'nightdesk-sns-'));
    onTestFinished(() => rm(directory, { recursive: true, force: true }));
    const first = await start(directory);
    const batches = Array.from({ length: 101 }, (_, batch) =>
      Array.from({ length: 10 }, (_entry, index) => ({ Id: `e${index}`, Message: String(10 * batch + index) })),
    );
    for (const PublishBatchRequestEntries of batches) {
      await first.client.send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries }));
    }
    await first.close();
    const second = await start(directory);
    onTestFinished(second.close);
    const messages = await second.kept();
    expect(messages).toHaveLength(1_000);
    expect([messages[0]?.message, messages.at(-1)?.message]).toEqual(['10', '1009']);
  });
});
