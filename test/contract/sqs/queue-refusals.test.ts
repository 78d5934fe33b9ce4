import {
  CancelMessageMoveTaskCommand,
  CreateQueueCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListMessageMoveTasksCommand,
  PurgeQueueCommand,
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

/** Wording recorded against the real service by a public conformance suite, unless the service documents it itself. */
const cases: [what: string, call: () => Promise<unknown>, code: string, message: string][] = [
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

describe('a call about queues is refused for', () => {
  it.each(cases)('%s', async (_what, call, code, message) => {
    const refused = await refusal(call());
    expect(refused).toMatchObject({ code });
    expect(refused.message).toContain(message);
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
});

describe('a refusal', () => {
  it('is an exception class of the SDK with its status', async () => {
    const missing = await refusal(server.client.send(new GetQueueUrlCommand({ QueueName: 'nowhere' })));
    expect(missing).toMatchObject({ name: 'QueueDoesNotExist', status: 400 });
    const handle = await refusal(
      server.client.send(new DeleteMessageCommand({ QueueUrl: standard, ReceiptHandle: 'x' })),
    );
    expect(handle).toMatchObject({ name: 'ReceiptHandleIsInvalid', status: 404 });
  });

  it('is also the answer to malformed JSON, fields of the wrong type and operations that are not supported', async () => {
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
