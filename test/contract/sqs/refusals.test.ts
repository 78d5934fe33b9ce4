import {
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { refusal, type SqsServer, startSqsServer } from './sqs-server.ts';

let server: SqsServer;
let standard: string;
let fifo: string;

beforeAll(async () => {
  server = await startSqsServer();
  standard = await server.createQueue('standard');
  fifo = await server.createQueue('ordered.fifo');
});
afterAll(() => server.close());

const mebibyte = 1_048_576;
const entry = (Id: string, more: object = {}) => ({ Id, MessageBody: 'x', ...more });

/** Wording recorded against the real service by a public conformance suite, unless the service documents it itself. */
const cases: [what: string, call: () => Promise<unknown>, code: string, message: string][] = [
  [
    'an empty body',
    () => server.client.send(new SendMessageCommand({ QueueUrl: standard, MessageBody: '' })),
    'MissingParameter',
    'The request must contain the parameter MessageBody.',
  ],
  [
    'a body over the limit',
    () => server.client.send(new SendMessageCommand({ QueueUrl: standard, MessageBody: 'x'.repeat(mebibyte + 1) })),
    'InvalidParameterValue',
    'One or more parameters are invalid. Reason: Message must be shorter than 1048576 bytes.',
  ],
  [
    'a batch over the limit',
    () =>
      server.client.send(
        new SendMessageBatchCommand({
          QueueUrl: standard,
          Entries: [entry('a', { MessageBody: 'x'.repeat(mebibyte) }), entry('b')],
        }),
      ),
    'AWS.SimpleQueueService.BatchRequestTooLong',
    'Batch requests cannot be longer than 1048576 bytes. You have sent 1048577 bytes.',
  ],
  [
    'a character that XML does not know',
    () => server.client.send(new SendMessageCommand({ QueueUrl: standard, MessageBody: '\u0000' })),
    'InvalidMessageContents',
    'Invalid characters found.',
  ],
  [
    'an empty string attribute',
    () =>
      server.client.send(
        new SendMessageCommand({
          QueueUrl: standard,
          MessageBody: 'x',
          MessageAttributes: { ErrorDetails: { DataType: 'String', StringValue: '' } },
        }),
      ),
    'InvalidParameterValue',
    "Message (user) attribute 'ErrorDetails' must contain a non-empty value of type 'String'.",
  ],
  [
    'a deduplication id on a standard queue',
    () =>
      server.client.send(new SendMessageCommand({ QueueUrl: standard, MessageBody: 'x', MessageDeduplicationId: 'd' })),
    'InvalidParameterValue',
    'Value d for parameter MessageDeduplicationId is invalid.',
  ],
  [
    'a group id with a space',
    () =>
      server.client.send(new SendMessageCommand({ QueueUrl: standard, MessageBody: 'x', MessageGroupId: 'group 123' })),
    'InvalidParameterValue',
    'Value group 123 for parameter MessageGroupId is invalid. Reason: MessageGroupId can only include alphanumeric and punctuation characters. 1 to 128 in length.',
  ],
  [
    'a FIFO message without a group',
    () => server.client.send(new SendMessageCommand({ QueueUrl: fifo, MessageBody: 'x', MessageDeduplicationId: 'd' })),
    'MissingParameter',
    'The request must contain the parameter MessageGroupId.',
  ],
  [
    'a FIFO message without anything to deduplicate by',
    () => server.client.send(new SendMessageCommand({ QueueUrl: fifo, MessageBody: 'x', MessageGroupId: 'g' })),
    'InvalidParameterValue',
    'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
  ],
  [
    'a FIFO batch with one entry that lacks its group',
    () =>
      server.client.send(
        new SendMessageBatchCommand({ QueueUrl: fifo, Entries: [entry('a', { MessageDeduplicationId: 'd' })] }),
      ),
    'InvalidParameterValue',
    'The request must contain the parameter MessageGroupId.',
  ],
  [
    'a delay on a FIFO message',
    () =>
      server.client.send(
        new SendMessageCommand({
          QueueUrl: fifo,
          MessageBody: 'x',
          MessageGroupId: 'g',
          MessageDeduplicationId: 'd',
          DelaySeconds: 2,
        }),
      ),
    'InvalidParameterValue',
    'Value 2 for parameter DelaySeconds is invalid. Reason: The request include parameter that is not valid for this queue type.',
  ],
  [
    'an empty batch',
    () => server.client.send(new SendMessageBatchCommand({ QueueUrl: standard, Entries: [] })),
    'AWS.SimpleQueueService.EmptyBatchRequest',
    'There should be at least one',
  ],
  [
    'eleven entries',
    () =>
      server.client.send(
        new SendMessageBatchCommand({
          QueueUrl: standard,
          Entries: Array.from({ length: 11 }, (_, index) => entry(`m${index}`)),
        }),
      ),
    'AWS.SimpleQueueService.TooManyEntriesInBatchRequest',
    'Maximum number of entries per request are 10. You have sent 11.',
  ],
  [
    'an entry id with a space',
    () => server.client.send(new SendMessageBatchCommand({ QueueUrl: standard, Entries: [entry('a b')] })),
    'AWS.SimpleQueueService.InvalidBatchEntryId',
    'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.',
  ],
  [
    'an entry id twice',
    () =>
      server.client.send(
        new DeleteMessageBatchCommand({
          QueueUrl: standard,
          Entries: [
            { Id: 'a', ReceiptHandle: 'x' },
            { Id: 'a', ReceiptHandle: 'y' },
          ],
        }),
      ),
    'AWS.SimpleQueueService.BatchEntryIdsNotDistinct',
    'Id a repeated.',
  ],
  [
    'a receive of eleven messages',
    () => server.client.send(new ReceiveMessageCommand({ QueueUrl: standard, MaxNumberOfMessages: 11 })),
    'InvalidParameterValue',
    'Value 11 for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided.',
  ],
  [
    'a wait of 21 seconds',
    () => server.client.send(new ReceiveMessageCommand({ QueueUrl: standard, WaitTimeSeconds: 21 })),
    'InvalidParameterValue',
    'Value 21 for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= 20, if provided.',
  ],
  [
    'a receipt handle that is none',
    () => server.client.send(new DeleteMessageCommand({ QueueUrl: standard, ReceiptHandle: 'garbage' })),
    'ReceiptHandleIsInvalid',
    'The input receipt handle "garbage" is not a valid receipt handle.',
  ],
];

describe('a call about messages is refused for', () => {
  it.each(cases)('%s', async (_what, call, code, message) => {
    const refused = await refusal(call());
    expect(refused).toMatchObject({ code });
    expect(refused.message).toContain(message);
  });

  it('a visibility change of a deleted message, and one beyond twelve hours in all', async () => {
    const queue = await server.createQueue('twelve-hours');
    await server.client.send(new SendMessageCommand({ QueueUrl: queue, MessageBody: 'x' }));
    const { Messages } = await server.client.send(new ReceiveMessageCommand({ QueueUrl: queue }));
    const ReceiptHandle = Messages?.[0]?.ReceiptHandle;
    const change = (VisibilityTimeout: number) =>
      server.client.send(new ChangeMessageVisibilityCommand({ QueueUrl: queue, ReceiptHandle, VisibilityTimeout }));
    server.clock.advance(1000);
    expect((await refusal(change(43_200))).message).toContain('beyond the limit [43200 seconds]');
    await change(43_199);
    await server.client.send(new DeleteMessageCommand({ QueueUrl: queue, ReceiptHandle }));
    expect((await refusal(change(1))).message).toBe(
      `Value ${ReceiptHandle} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.`,
    );
  });
});
