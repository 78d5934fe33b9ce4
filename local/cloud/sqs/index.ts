/** SQS of the embedded cloud: the AWS JSON protocol over HTTP, and the same queues in process. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type AwsService, jsonTarget, readBody, sendJson, sendJsonError, signedService } from '../http.ts';
import type { QueueDefinition } from './cloudformation.ts';
import { SqsError } from './errors.ts';
import { type Input, objectOf } from './input.ts';
import type { QueueDepth } from './messages.ts';
import { createOperations, type Operation } from './operations.ts';
import { QueueService, type ReceiveRequest, type SqsOptions } from './queue-service.ts';
import type { Queue } from './queues.ts';
import type { ReceivedMessage } from './receiving.ts';
import type { OutgoingMessage, SentMessage } from './sending.ts';

export type { QueueDefinition } from './cloudformation.ts';
export { SqsError } from './errors.ts';
export type { QueueDepth } from './messages.ts';
export type { ReceiveRequest, SqsOptions } from './queue-service.ts';
export type { Queue } from './queues.ts';
export type { ReceivedMessage } from './receiving.ts';
export type { OutgoingMessage, SentMessage } from './sending.ts';

/** The queues in process, for the parts of the embedded cloud that need no HTTP between them. */
export interface Sqs extends AwsService {
  /** Brings a queue to the definition of its `AWS::SQS::Queue` resource; running it again changes nothing. @throws SqsError, Error */
  createQueue(definition: QueueDefinition): Queue;
  queueByArn(arn: string): Queue | undefined;
  /** What `Ref` gives for the queue and what `QueueUrl` takes. */
  urlOf(queue: Queue): string;
  /** @throws SqsError like SendMessage */
  send(queue: Queue, message: OutgoingMessage): SentMessage;
  /** ReceiveMessage: long poll, woken at once by an arrival. Nothing in time is an empty list. @throws SqsError */
  receive(request: ReceiveRequest): Promise<ReceivedMessage[]>;
  /** Deletes in one transaction. @returns the refusal per receipt handle, undefined where deleted */
  deleteBatch(queue: Queue, receiptHandles: readonly string[]): (SqsError | undefined)[];
  /** Hides a received message for this many milliseconds from now; 0 gives it back at once. @throws SqsError */
  changeVisibility(queue: Queue, receiptHandle: string, visibilityMs: number): void;
  /**
   * Takes every message back that someone holds, as if it had not been received: for when whoever held them is known to be
   * gone, which is not the messages' fault and must not bring them nearer to the dead-letter queue.
   */
  handBack(queue: Queue): void;
  depth(queue: Queue): QueueDepth;
  close(): Promise<void>;
}

/** Opens the queues kept in `directory`, or none in memory, and serves them. */
export function createSqs(options: SqsOptions): Sqs {
  const service = new QueueService(options);
  const operations = createOperations(service);
  return {
    name: 'sqs',
    matches: (request) => jsonTarget(request)?.prefix === 'AmazonSQS' || signedService(request) === 'sqs',
    handle: (request, response) => answer(operations, request, response),
    createQueue: (definition) => service.createQueue(definition),
    queueByArn: (arn) => service.queues.byArn(arn),
    urlOf: (queue) => service.queues.urlOf(queue),
    send: (queue, message) => service.send(queue, message),
    receive: (request) => service.receive(request),
    deleteBatch: (queue, receiptHandles) => deleteBatch(service, queue, receiptHandles),
    changeVisibility: (queue, receiptHandle, visibilityMs) =>
      service.consume(queue, (held) => held.changeVisibility(queue, receiptHandle, visibilityMs / 1000)),
    handBack: (queue) => service.handBack(queue),
    depth: (queue) => service.depth(queue),
    close: async () => service.close(),
  };
}

function deleteBatch(service: QueueService, queue: Queue, receiptHandles: readonly string[]) {
  return service.consume(queue, (held) =>
    receiptHandles.map((handle) => {
      try {
        held.delete(queue, handle);
        return undefined;
      } catch (error) {
        if (error instanceof SqsError) return error;
        throw error;
      }
    }),
  );
}

async function readInput(request: IncomingMessage): Promise<Input> {
  const text = (await readBody(request)).toString();
  try {
    return objectOf(JSON.parse(text), 'request');
  } catch {
    throw new SqsError('SerializationException', 'The request body must be a JSON object.');
  }
}

async function answer(
  operations: ReadonlyMap<string, Operation>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  response.setHeader('x-amzn-requestid', randomUUID());
  const hangUp = new AbortController();
  response.on('close', () => hangUp.abort());
  const name = jsonTarget(request)?.operation ?? 'none';
  try {
    const operation = operations.get(name);
    if (operation === undefined) {
      console.error(`sqs: the operation ${name} is not supported`);
      throw new SqsError('UnknownOperationException', `The operation ${name} is not supported by the embedded SQS.`);
    }
    sendJson(response, { status: 200, body: await operation(await readInput(request), hangUp.signal) });
  } catch (error) {
    refuse(response, name, error);
  }
}

function refuse(response: ServerResponse, operation: string, error: unknown): void {
  if (error instanceof SqsError) {
    response.setHeader('x-amzn-query-error', `${error.queryCode};Sender`);
    sendJsonError(response, {
      status: error.status,
      type: `com.amazonaws.sqs#${error.type}`,
      message: error.message,
    });
    return;
  }
  console.error(`sqs: ${operation} failed`, error);
  response.setHeader('x-amzn-query-error', 'InternalFailure;Receiver');
  sendJsonError(response, {
    status: 500,
    type: 'com.amazonaws.sqs#InternalFailure',
    message: `The embedded SQS failed on ${operation}; see its log.`,
  });
}
