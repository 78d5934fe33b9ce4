import {
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type SqsServer, startSqsServer } from './sqs-server.ts';

let server: SqsServer;
beforeEach(async () => {
  server = await startSqsServer();
});
afterEach(() => server.close());

const mebibyte = 1_048_576;

const traceHeader = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1';

function send(QueueUrl: string, MessageBody: string, more: object = {}) {
  return server.client.send(new SendMessageCommand({ QueueUrl, MessageBody, ...more }));
}

async function receive(QueueUrl: string, more: object = {}) {
  const command = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, ...more });
  return (await server.client.send(command)).Messages ?? [];
}

async function counts(QueueUrl: string) {
  const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] });
  const { Attributes = {} } = await server.client.send(command);
  return [
    Attributes.ApproximateNumberOfMessages,
    Attributes.ApproximateNumberOfMessagesNotVisible,
    Attributes.ApproximateNumberOfMessagesDelayed,
  ].map(Number);
}

describe('a message on a standard queue', () => {
  it('arrives with its body, id and checksums as the SDK verifies them', async () => {
    const queue = await server.createQueue('plain');
    const sent = await send(queue, 'grüße 🚀');
    const [message] = await receive(queue);
    expect(message).toMatchObject({ MessageId: sent.MessageId, Body: 'grüße 🚀', MD5OfBody: sent.MD5OfMessageBody });
    expect(sent.SequenceNumber).toBeUndefined();
  });

  it('carries string, number and binary attributes with the checksum that AWS documents', async () => {
    const queue = await server.createQueue('attributes');
    const sent = await send(queue, 'message-1', {
      MessageAttributes: { MyAttribute: { DataType: 'String', StringValue: 'foobar' } },
      MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: traceHeader } },
    });
    // Both checksums were recorded against the real service.
    expect(sent.MD5OfMessageBody).toBe('3d6b824fd8c1520e9a047d21fee6fb1f');
    expect(sent.MD5OfMessageAttributes).toBe('adb59cd4678ea5a855436b949cd07ab6');
    await send(queue, 'more', {
      MessageAttributes: {
        'risk.limit': { DataType: 'Number', StringValue: '12.5' },
        'risk.blob': { DataType: 'Binary.gzip', BinaryValue: Buffer.from([0, 255, 7]) },
        other: { DataType: 'String', StringValue: 'x' },
      },
    });
    const [first, second] = await receive(queue, {
      MessageAttributeNames: ['risk.*', 'MyAttribute'],
      MessageSystemAttributeNames: ['AWSTraceHeader'],
    });
    expect(first?.Attributes).toEqual({ AWSTraceHeader: traceHeader });
    expect(first?.MD5OfMessageAttributes).toBe(sent.MD5OfMessageAttributes);
    expect(Object.keys(second?.MessageAttributes ?? {})).toEqual(['risk.limit', 'risk.blob']);
    expect(Buffer.from(second?.MessageAttributes?.['risk.blob']?.BinaryValue ?? []).toString('hex')).toBe('00ff07');
  });

  it('tells how often and when it was received', async () => {
    const queue = await server.createQueue('counted', { VisibilityTimeout: '5' });
    const sentMs = server.clock.nowMs();
    await send(queue, 'again');
    server.clock.advance(100);
    const [first] = await receive(queue, { MessageSystemAttributeNames: ['All'] });
    server.clock.advance(5000);
    const [second] = await receive(queue, { AttributeNames: ['All'] });
    expect(first?.Attributes).toMatchObject({ SentTimestamp: String(sentMs), ApproximateReceiveCount: '1' });
    expect(second?.Attributes).toMatchObject({
      ApproximateReceiveCount: '2',
      ApproximateFirstReceiveTimestamp: String(sentMs + 100),
    });
    expect(second?.ReceiptHandle).not.toBe(first?.ReceiptHandle);
  });

  it('has no attributes in the answer unless they are asked for', async () => {
    const queue = await server.createQueue('silent');
    await send(queue, 'x', { MessageAttributes: { a: { DataType: 'String', StringValue: 'b' } } });
    const [message] = await receive(queue);
    expect(Object.keys(message ?? {}).sort()).toEqual(['Body', 'MD5OfBody', 'MessageId', 'ReceiptHandle']);
  });

  it('is hidden for the visibility timeout of the receive, then of the queue', async () => {
    const queue = await server.createQueue('hidden', { VisibilityTimeout: '30' });
    await send(queue, 'x');
    await receive(queue, { VisibilityTimeout: 3 });
    server.clock.advance(2999);
    expect(await receive(queue)).toHaveLength(0);
    server.clock.advance(1);
    expect(await receive(queue)).toHaveLength(1);
    server.clock.advance(29_999);
    expect(await receive(queue)).toHaveLength(0);
    server.clock.advance(1);
    expect(await receive(queue)).toHaveLength(1);
  });

  it('is delayed by the queue unless it says otherwise itself', async () => {
    const queue = await server.createQueue('delayed', { DelaySeconds: '10' });
    await send(queue, 'queue delay');
    await send(queue, 'own delay', { DelaySeconds: 3 });
    await send(queue, 'no delay', { DelaySeconds: 0 });
    expect(await counts(queue)).toEqual([1, 0, 2]);
    expect((await receive(queue)).map(({ Body }) => Body)).toEqual(['no delay']);
    server.clock.advance(3000);
    expect((await receive(queue)).map(({ Body }) => Body)).toEqual(['own delay']);
    server.clock.advance(7000);
    expect((await receive(queue)).map(({ Body }) => Body)).toEqual(['queue delay']);
    expect(await counts(queue)).toEqual([0, 3, 0]);
  });

  it('disappears when its retention is over, even in flight', async () => {
    const queue = await server.createQueue('short-lived', { MessageRetentionPeriod: '60' });
    await send(queue, 'a');
    await send(queue, 'b');
    await receive(queue, { MaxNumberOfMessages: 1, VisibilityTimeout: 600 });
    server.clock.advance(59_999);
    expect(await counts(queue)).toEqual([1, 1, 0]);
    server.clock.advance(1);
    expect(await counts(queue)).toEqual([0, 0, 0]);
  });

  it('is deleted by its handle, even after the visibility timeout, and only once', async () => {
    const queue = await server.createQueue('deleted', { VisibilityTimeout: '1' });
    await send(queue, 'x');
    const [message] = await receive(queue);
    server.clock.advance(1000);
    for (let turn = 0; turn < 2; turn++) {
      await server.client.send(new DeleteMessageCommand({ QueueUrl: queue, ReceiptHandle: message?.ReceiptHandle }));
    }
    expect(await counts(queue)).toEqual([0, 0, 0]);
  });

  it('survives a delete with the handle of an earlier receive', async () => {
    const queue = await server.createQueue('stale', { VisibilityTimeout: '1' });
    await send(queue, 'x');
    const [first] = await receive(queue);
    server.clock.advance(1000);
    await receive(queue);
    await server.client.send(new DeleteMessageCommand({ QueueUrl: queue, ReceiptHandle: first?.ReceiptHandle }));
    expect(await counts(queue)).toEqual([0, 1, 0]);
  });

  it('can be given back, kept longer, and hidden again after its timeout', async () => {
    const queue = await server.createQueue('changed', { VisibilityTimeout: '5' });
    const change = (ReceiptHandle: string | undefined, VisibilityTimeout: number) =>
      server.client.send(new ChangeMessageVisibilityCommand({ QueueUrl: queue, ReceiptHandle, VisibilityTimeout }));
    await send(queue, 'x');
    const [first] = await receive(queue);
    await change(first?.ReceiptHandle, 0);
    const [second] = await receive(queue);
    await change(second?.ReceiptHandle, 100);
    server.clock.advance(99_999);
    expect(await receive(queue)).toHaveLength(0);
    server.clock.advance(1);
    await change(second?.ReceiptHandle, 2);
    expect(await counts(queue)).toEqual([0, 1, 0]);
  });
});

describe('a batch', () => {
  it('answers every entry on its own', async () => {
    const queue = await server.createQueue('batch', { MaximumMessageSize: '1024' });
    const { Successful, Failed } = await server.client.send(
      new SendMessageBatchCommand({
        QueueUrl: queue,
        Entries: [
          { Id: 'good', MessageBody: 'fits' },
          { Id: 'long', MessageBody: 'x'.repeat(1025) },
          { Id: 'bad', MessageBody: 'bell \u0007' },
          { Id: 'late', MessageBody: 'x', DelaySeconds: 901 },
        ],
      }),
    );
    expect(Successful?.map(({ Id }) => Id)).toEqual(['good']);
    expect(Failed?.map(({ Id, Code, SenderFault }) => [Id, Code, SenderFault])).toEqual([
      ['long', 'InvalidParameterValue', true],
      ['bad', 'InvalidMessageContents', true],
      ['late', 'InvalidParameterValue', true],
    ]);
  });

  it('deletes and hides several messages at once and names the handles that are not valid', async () => {
    const queue = await server.createQueue('batch-consume');
    for (const body of ['a', 'b', 'c']) await send(queue, body);
    const [a, b, c] = await receive(queue);
    const deleted = await server.client.send(
      new DeleteMessageBatchCommand({
        QueueUrl: queue,
        Entries: [
          { Id: 'a', ReceiptHandle: a?.ReceiptHandle },
          { Id: 'none', ReceiptHandle: 'garbage' },
        ],
      }),
    );
    expect(deleted.Successful).toEqual([{ Id: 'a' }]);
    expect(deleted.Failed).toMatchObject([{ Id: 'none', Code: 'ReceiptHandleIsInvalid', SenderFault: true }]);
    const hidden = await server.client.send(
      new ChangeMessageVisibilityBatchCommand({
        QueueUrl: queue,
        Entries: [
          { Id: 'b', ReceiptHandle: b?.ReceiptHandle, VisibilityTimeout: 0 },
          { Id: 'c', ReceiptHandle: c?.ReceiptHandle, VisibilityTimeout: 50_000 },
        ],
      }),
    );
    expect(hidden.Successful).toEqual([{ Id: 'b' }]);
    expect(hidden.Failed).toMatchObject([{ Id: 'c', Code: 'InvalidParameterValue' }]);
    expect(await counts(queue)).toEqual([1, 1, 0]);
  });

  it('takes messages of 1 MiB, attributes included', async () => {
    const queue = await server.createQueue('large');
    const attribute = { k: { DataType: 'String', StringValue: 'v' } };
    await send(queue, 'x'.repeat(mebibyte));
    await send(queue, 'x'.repeat(mebibyte - 'kStringv'.length), { MessageAttributes: attribute });
    expect(await receive(queue)).toHaveLength(2);
  });
});
