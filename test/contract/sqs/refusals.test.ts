import {
  CancelMessageMoveTaskCommand,
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListMessageMoveTasksCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
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
  [
    'a queue that is not there',
    () => server.client.send(new GetQueueUrlCommand({ QueueName: 'nowhere' })),
    'AWS.SimpleQueueService.NonExistentQueue',
    'The specified queue does not exist.',
  ],
  [
    'a queue URL that is none',
    () => server.client.send(new PurgeQueueCommand({ QueueUrl: 'http://127.0.0.1:1/' })),
    'InvalidAddress',
    'is not valid for this endpoint.',
  ],
  [
    'a queue name with a dot',
    () => server.client.send(new CreateQueueCommand({ QueueName: 'a.b' })),
    'InvalidParameterValue',
    'Can only include alphanumeric characters',
  ],
  [
    'a FIFO queue without the suffix',
    () => server.client.send(new CreateQueueCommand({ QueueName: 'plain', Attributes: { FifoQueue: 'true' } })),
    'InvalidParameterValue',
    'must end with .fifo suffix',
  ],
  [
    'a standard queue with the suffix',
    () => server.client.send(new CreateQueueCommand({ QueueName: 'plain.fifo' })),
    'InvalidParameterValue',
    'needs the attribute FifoQueue=true',
  ],
  [
    'a FIFO attribute on a standard queue',
    () =>
      server.client.send(
        new CreateQueueCommand({ QueueName: 'plain', Attributes: { DeduplicationScope: 'messageGroup' } }),
      ),
    'InvalidAttributeName',
    'You can specify the DeduplicationScope only when FifoQueue is set to true.',
  ],
  [
    'a throughput limit per group without the scope',
    () =>
      server.client.send(
        new SetQueueAttributesCommand({ QueueUrl: fifo, Attributes: { FifoThroughputLimit: 'perMessageGroupId' } }),
      ),
    'InvalidAttributeValue',
    'allowed only when DeduplicationScope is messageGroup',
  ],
  [
    'an attribute out of range',
    () =>
      server.client.send(
        new SetQueueAttributesCommand({ QueueUrl: standard, Attributes: { VisibilityTimeout: '43201' } }),
      ),
    'InvalidAttributeValue',
    'Invalid value for the parameter VisibilityTimeout.',
  ],
  [
    'an attribute to read that is unknown',
    () =>
      server.client.send(new GetQueueAttributesCommand({ QueueUrl: standard, AttributeNames: ['Nonsense' as 'All'] })),
    'InvalidAttributeName',
    'Unknown Attribute Nonsense.',
  ],
  [
    'an existing name with another attribute',
    () => server.client.send(new CreateQueueCommand({ QueueName: 'standard', Attributes: { DelaySeconds: '2' } })),
    'QueueAlreadyExists',
    'A queue already exists with the same name and a different value for attribute DelaySeconds',
  ],
  [
    'a dead-letter queue that is not there',
    () =>
      server.client.send(
        new SetQueueAttributesCommand({
          QueueUrl: standard,
          Attributes: {
            RedrivePolicy: JSON.stringify({
              deadLetterTargetArn: 'arn:aws:sqs:us-east-1:000000000000:nowhere',
              maxReceiveCount: 1,
            }),
          },
        }),
      ),
    'InvalidParameterValue',
    'Dead letter target does not exist.',
  ],
  [
    'a redrive from a queue that is no dead-letter queue',
    async () => server.client.send(new StartMessageMoveTaskCommand({ SourceArn: await server.arnOf(standard) })),
    'InvalidParameterValue',
    'Source queue must be configured as a Dead Letter Queue.',
  ],
  [
    'tasks of a queue that is not there',
    () =>
      server.client.send(new ListMessageMoveTasksCommand({ SourceArn: 'arn:aws:sqs:us-east-1:000000000000:nowhere' })),
    'ResourceNotFoundException',
    "The resource that you specified for the SourceArn parameter doesn't exist.",
  ],
  [
    'a task handle that is none',
    () => server.client.send(new CancelMessageMoveTaskCommand({ TaskHandle: 'foobar' })),
    'InvalidParameterValue',
    'Value for parameter TaskHandle is invalid.',
  ],
];

describe('the service refuses', () => {
  it.each(cases)('%s', async (_what, call, code, message) => {
    const refused = await refusal(call());
    expect(refused).toMatchObject({ code });
    expect(refused.message).toContain(message);
  });

  it('with the exception classes of the SDK and their statuses', async () => {
    const missing = await refusal(server.client.send(new GetQueueUrlCommand({ QueueName: 'nowhere' })));
    expect(missing).toMatchObject({ name: 'QueueDoesNotExist', status: 400 });
    const handle = await refusal(
      server.client.send(new DeleteMessageCommand({ QueueUrl: standard, ReceiptHandle: 'x' })),
    );
    expect(handle).toMatchObject({ name: 'ReceiptHandleIsInvalid', status: 404 });
  });

  it('a second purge within a minute and a name used again within a minute of its deletion', async () => {
    const queue = await server.createQueue('purged');
    await server.client.send(new PurgeQueueCommand({ QueueUrl: queue }));
    const purge = await refusal(server.client.send(new PurgeQueueCommand({ QueueUrl: queue })));
    expect(purge).toMatchObject({ name: 'PurgeQueueInProgress', status: 403 });
    await server.client.send(new DeleteQueueCommand({ QueueUrl: queue }));
    const recreate = await refusal(server.createQueue('purged'));
    expect(recreate.name).toBe('QueueDeletedRecently');
    server.clock.advance(60_000);
    await expect(server.createQueue('purged')).resolves.toBe(queue);
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

  it('malformed JSON, fields of the wrong type and operations it does not have', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const post = async (operation: string, body: string) => {
      const headers = { 'x-amz-target': `AmazonSQS.${operation}`, 'content-type': 'application/x-amz-json-1.0' };
      const response = await fetch(server.endpoint, { method: 'POST', headers, body });
      const { __type, message } = (await response.json()) as { __type: string; message: string };
      return { status: response.status, query: response.headers.get('x-amzn-query-error'), __type, message };
    };
    expect(await post('SendMessage', '{"QueueUrl":')).toMatchObject({
      status: 400,
      __type: 'com.amazonaws.sqs#SerializationException',
    });
    expect((await post('SendMessage', JSON.stringify({ QueueUrl: standard, MessageBody: 7 }))).message).toBe(
      'The field MessageBody must be a string.',
    );
    expect(await post('AddPermission', '{}')).toMatchObject({
      status: 400,
      query: 'InvalidAction;Sender',
      __type: 'com.amazonaws.sqs#UnknownOperationException',
    });
    expect(log).toHaveBeenCalledTimes(1);
    log.mockRestore();
  });
});
