/** The operations of SQS that act on queues; those on messages are in `message-operations.ts`. */
import { invalidValue, queueDoesNotExist, SqsError } from './errors.ts';
import { type Input, optionalInteger, optionalText, requiredText, textList, textMap } from './input.ts';
import { createMessageOperations } from './message-operations.ts';
import type { QueueService } from './queue-service.ts';
import type { Queue } from './queues.ts';

/** Answers one operation; `signal` aborts when the caller hangs up. */
export type Operation = (input: Input, signal: AbortSignal) => unknown;

const listResultsMax = 1000;
const tagsMax = 50;

/** Attributes that are valid to ask for though a queue may not have them. */
const optionalAttributes = new Set([
  'All',
  'ContentBasedDeduplication',
  'DeduplicationScope',
  'FifoQueue',
  'FifoThroughputLimit',
  'KmsDataKeyReusePeriodSeconds',
  'KmsMasterKeyId',
  'Policy',
  'RedriveAllowPolicy',
  'RedrivePolicy',
]);

function readAttributes(service: QueueService, queue: Queue): Record<string, string> {
  const depth = service.depth(queue);
  return {
    ...queue.attributes,
    ApproximateNumberOfMessages: String(depth.visible),
    ApproximateNumberOfMessagesDelayed: String(depth.delayed),
    ApproximateNumberOfMessagesNotVisible: String(depth.inFlight),
    CreatedTimestamp: String(Math.floor(queue.createdMs / 1000)),
    LastModifiedTimestamp: String(Math.floor(queue.modifiedMs / 1000)),
    QueueArn: queue.arn,
  };
}

/** One page of a list and the token of the next; pages exist only when `MaxResults` is given. */
function page(input: Input, items: readonly string[]): { items: string[]; NextToken?: string } {
  const countMax = optionalInteger(input, 'MaxResults');
  if (countMax !== undefined && (countMax < 1 || countMax > listResultsMax)) {
    throw invalidValue(countMax, 'MaxResults', `Must be between 1 and ${listResultsMax}, if provided.`);
  }
  const token = optionalText(input, 'NextToken');
  const after = token === undefined ? '' : Buffer.from(token, 'base64').toString();
  const rest = items.filter((item) => item > after);
  const shown = rest.slice(0, countMax ?? listResultsMax);
  const more = countMax !== undefined && rest.length > shown.length;
  return { items: shown, ...(more ? { NextToken: Buffer.from(shown.at(-1) ?? '').toString('base64') } : {}) };
}

function queueOperations(service: QueueService): Record<string, Operation> {
  const { queues } = service;
  const queueOf = (input: Input): Queue => queues.byUrl(requiredText(input, 'QueueUrl'));

  return {
    CreateQueue(input) {
      const name = requiredText(input, 'QueueName');
      const queue = queues.createOrMatch({
        name,
        attributes: textMap(input, 'Attributes'),
        tags: textMap(input, 'tags'),
      });
      return { QueueUrl: queues.urlOf(queue) };
    },
    DeleteQueue: (input) => service.deleteQueue(queueOf(input)),
    PurgeQueue: (input) => service.purge(queueOf(input)),
    GetQueueUrl(input) {
      const queue = queues.byName(requiredText(input, 'QueueName'));
      const owner = optionalText(input, 'QueueOwnerAWSAccountId');
      if (queue === undefined || (owner !== undefined && !queue.arn.includes(`:${owner}:`))) throw queueDoesNotExist();
      return { QueueUrl: queues.urlOf(queue) };
    },
    ListQueues(input) {
      const prefix = optionalText(input, 'QueueNamePrefix') ?? '';
      const named = queues.all().filter((queue) => queue.name.startsWith(prefix));
      const { items: QueueUrls, ...next } = page(
        input,
        named.map((queue) => queues.urlOf(queue)),
      );
      return QueueUrls.length === 0 ? {} : { QueueUrls, ...next };
    },
    ListDeadLetterSourceQueues(input) {
      const { items: queueUrls, ...next } = page(
        input,
        queues.sourcesOf(queueOf(input)).map((queue) => queues.urlOf(queue)),
      );
      return { queueUrls, ...next };
    },
    GetQueueAttributes(input) {
      const queue = queueOf(input);
      const wanted = textList(input, 'AttributeNames');
      const all = readAttributes(service, queue);
      const known = (name: string): boolean => name in all || optionalAttributes.has(name);
      const unknown = wanted.find((name) => !known(name));
      if (unknown !== undefined) throw new SqsError('InvalidAttributeName', `Unknown Attribute ${unknown}.`);
      const shown = Object.entries(all).filter(([name]) => wanted.includes('All') || wanted.includes(name));
      return shown.length === 0 ? {} : { Attributes: Object.fromEntries(shown) };
    },
    SetQueueAttributes(input) {
      const queue = queueOf(input);
      const attributes = textMap(input, 'Attributes');
      if (attributes.FifoQueue !== undefined && queue.fifo) {
        const message = 'Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported.';
        throw new SqsError('InvalidAttributeValue', message);
      }
      service.setAttributes(queue, attributes);
    },
  };
}

function tagOperations({ queues }: QueueService): Record<string, Operation> {
  const queueOf = (input: Input): Queue => queues.byUrl(requiredText(input, 'QueueUrl'));

  return {
    TagQueue(input) {
      const queue = queueOf(input);
      const tags = { ...queue.tags, ...textMap(input, 'Tags') };
      if (Object.keys(tags).length > tagsMax) {
        throw invalidValue(Object.keys(tags).length, 'Tags', `A queue can have at most ${tagsMax} tags.`);
      }
      queues.setTags(queue, tags);
    },
    UntagQueue(input) {
      const queue = queueOf(input);
      const removed = textList(input, 'TagKeys');
      const kept = Object.entries(queue.tags).filter(([key]) => !removed.includes(key));
      queues.setTags(queue, Object.fromEntries(kept));
    },
    ListQueueTags(input) {
      const { tags } = queueOf(input);
      return Object.keys(tags).length === 0 ? {} : { Tags: tags };
    },
  };
}

function moveOperations({ moveTasks }: QueueService): Record<string, Operation> {
  return {
    StartMessageMoveTask: (input) => ({
      TaskHandle: moveTasks.start({
        sourceArn: requiredText(input, 'SourceArn'),
        destinationArn: optionalText(input, 'DestinationArn'),
        perSecondMax: optionalInteger(input, 'MaxNumberOfMessagesPerSecond'),
      }),
    }),
    ListMessageMoveTasks: (input) => ({
      Results: moveTasks.list(requiredText(input, 'SourceArn'), optionalInteger(input, 'MaxResults') ?? 1),
    }),
    CancelMessageMoveTask: (input) => ({
      ApproximateNumberOfMessagesMoved: moveTasks.cancel(requiredText(input, 'TaskHandle')),
    }),
  };
}

/** Every supported operation by its name. */
export function createOperations(service: QueueService): ReadonlyMap<string, Operation> {
  const groups = [queueOperations, tagOperations, moveOperations, createMessageOperations];
  return new Map(groups.flatMap((create) => Object.entries(create(service))));
}
