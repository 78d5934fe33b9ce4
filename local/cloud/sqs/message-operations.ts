/** The operations of SQS that send, receive, delete and hide messages. */
import { type BatchEntry, type BatchFailure, batchEntries, runEntries } from './batch.ts';
import { checkVisibilitySeconds } from './consuming.ts';
import { invalidParameter, invalidValue, missingParameter, SqsError } from './errors.ts';
import { type Input, objectOf, optionalInteger, optionalText, requiredText, textList } from './input.ts';
import {
  attributesMd5,
  filterAttributes,
  type MessageAttributes,
  parseMessageAttributes,
} from './message-attributes.ts';
import type { Operation } from './operations.ts';
import type { QueueService } from './queue-service.ts';
import type { Queue } from './queues.ts';
import type { ReceivedMessage } from './receiving.ts';
import { checkMessage, checkQueueKind, messageBytes, type OutgoingMessage, type SentMessage } from './sending.ts';

const batchBytesMax = 1_048_576;
const receiveCountMax = 10;
const waitSecondsMax = 20;

function readMessage(input: Input): OutgoingMessage {
  return {
    body: requiredText(input, 'MessageBody'),
    delaySeconds: optionalInteger(input, 'DelaySeconds'),
    groupId: optionalText(input, 'MessageGroupId'),
    deduplicationId: optionalText(input, 'MessageDeduplicationId'),
    attributes: parseMessageAttributes(input.MessageAttributes),
    traceHeader: readTraceHeader(input.MessageSystemAttributes),
  };
}

function readTraceHeader(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  const { AWSTraceHeader: trace, ...others } = objectOf(value, 'MessageSystemAttributes');
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) {
    throw invalidParameter(`Message system attribute '${unknown}' cannot be sent; only AWSTraceHeader can.`);
  }
  if (trace === undefined) return undefined;
  return requiredText(objectOf(trace, 'MessageSystemAttributes.AWSTraceHeader'), 'StringValue');
}

function sentFields(sent: SentMessage) {
  return {
    MessageId: sent.messageId,
    MD5OfMessageBody: sent.bodyMd5,
    MD5OfMessageAttributes: sent.attributesMd5,
    MD5OfMessageSystemAttributes: sent.systemAttributesMd5,
    SequenceNumber: sent.sequenceNumber,
  };
}

/** Some faults of one entry refuse the whole batch: those of the FIFO parameters. They are then invalid, not missing. */
function checkBatchKind(queue: Queue, message: OutgoingMessage): void {
  try {
    checkQueueKind(queue, message);
  } catch (error) {
    if (error instanceof SqsError && error.type === 'MissingRequiredParameterException') {
      throw invalidParameter(error.message);
    }
    throw error;
  }
}

function sendBatch(service: QueueService, queue: Queue, entries: readonly BatchEntry[]) {
  const read = runEntries(entries, ({ input }) => readMessage(input));
  const bytes = read.done.reduce((total, { result }) => total + messageBytes(result), 0);
  if (bytes > batchBytesMax) {
    const message = `Batch requests cannot be longer than ${batchBytesMax} bytes. You have sent ${bytes} bytes.`;
    throw new SqsError('BatchRequestTooLong', message);
  }
  for (const { result } of read.done) checkBatchKind(queue, result);
  const checked = runEntries(read.done, ({ result }) => {
    checkMessage(queue, result);
    return result;
  });
  const sent = service.sendChecked(
    queue,
    checked.done.map(({ result }) => result),
  );
  const Successful = sent.map((result, index) => ({ Id: checked.done[index]?.id, ...sentFields(result) }));
  return batchAnswer(Successful, [...read.failed, ...checked.failed]);
}

/** Either list is left out when it is empty. */
function batchAnswer(Successful: readonly object[], Failed: readonly BatchFailure[]) {
  return { ...(Successful.length > 0 ? { Successful } : {}), ...(Failed.length > 0 ? { Failed } : {}) };
}

/** An integer that must lie within bounds. @throws SqsError InvalidParameterValue with the service's wording */
function bounded(input: Input, field: string, { min, max, reason }: { min: number; max: number; reason: string }) {
  const value = optionalInteger(input, field);
  if (value !== undefined && (value < min || value > max)) throw invalidValue(value, field, reason);
  return value;
}

function readReceive(queue: Queue, input: Input) {
  const messagesMax = bounded(input, 'MaxNumberOfMessages', {
    min: 1,
    max: receiveCountMax,
    reason: `Must be between 1 and ${receiveCountMax}, if provided.`,
  });
  const waitSeconds = bounded(input, 'WaitTimeSeconds', {
    min: 0,
    max: waitSecondsMax,
    reason: `Must be >= 0 and <= ${waitSecondsMax}, if provided.`,
  });
  const visibilitySeconds = optionalInteger(input, 'VisibilityTimeout');
  if (visibilitySeconds !== undefined) checkVisibilitySeconds(visibilitySeconds);
  const attemptId = optionalText(input, 'ReceiveRequestAttemptId');
  if (attemptId !== undefined && !queue.fifo) {
    const reason = 'The request include parameter that is not valid for this queue type.';
    throw invalidValue(attemptId, 'ReceiveRequestAttemptId', reason);
  }
  return {
    queue,
    messagesMax: messagesMax ?? 1,
    waitMs: waitSeconds === undefined ? queue.settings.waitMs : waitSeconds * 1000,
    visibilityMs: visibilitySeconds === undefined ? undefined : visibilitySeconds * 1000,
    attemptId,
  };
}

interface WantedAttributes {
  system: readonly string[];
  user: readonly string[];
}

function receivedFields(message: ReceivedMessage, wanted: WantedAttributes) {
  const all = wanted.system.includes('All');
  const system = Object.entries(message.systemAttributes).filter(([name]) => all || wanted.system.includes(name));
  const user: MessageAttributes = filterAttributes(message.attributes, wanted.user);
  const hasUser = Object.keys(user).length > 0;
  return {
    MessageId: message.messageId,
    ReceiptHandle: message.receiptHandle,
    MD5OfBody: message.bodyMd5,
    Body: message.body,
    ...(system.length > 0 ? { Attributes: Object.fromEntries(system) } : {}),
    ...(hasUser ? { MessageAttributes: user, MD5OfMessageAttributes: attributesMd5(user) } : {}),
  };
}

function requiredInteger(input: Input, field: string): number {
  const value = optionalInteger(input, field);
  if (value === undefined) throw missingParameter(field);
  return value;
}

export function createMessageOperations(service: QueueService): Record<string, Operation> {
  const queueOf = (input: Input): Queue => service.queues.byUrl(requiredText(input, 'QueueUrl'));

  /** Runs one consumer action per entry, all in one transaction. */
  function consumeBatch(input: Input, act: (queue: Queue, entry: Input) => void) {
    const queue = queueOf(input);
    const entries = batchEntries(input);
    const { done, failed } = service.consume(queue, () => runEntries(entries, (entry) => act(queue, entry.input)));
    return batchAnswer(
      done.map(({ id }) => ({ Id: id })),
      failed,
    );
  }

  const remove = (queue: Queue, input: Input): void =>
    service.consume(queue, (held) => held.delete(queue, requiredText(input, 'ReceiptHandle')));

  const hide = (queue: Queue, input: Input): void => {
    const seconds = requiredInteger(input, 'VisibilityTimeout');
    service.consume(queue, (held) => held.changeVisibility(queue, requiredText(input, 'ReceiptHandle'), seconds));
  };

  return {
    SendMessage(input) {
      const queue = queueOf(input);
      return sentFields(service.send(queue, readMessage(input)));
    },
    SendMessageBatch(input) {
      const queue = queueOf(input);
      return sendBatch(service, queue, batchEntries(input));
    },
    async ReceiveMessage(input, signal) {
      const received = await service.receive({ ...readReceive(queueOf(input), input), signal });
      const system = [...textList(input, 'AttributeNames'), ...textList(input, 'MessageSystemAttributeNames')];
      const wanted = { system, user: textList(input, 'MessageAttributeNames') };
      return received.length === 0 ? {} : { Messages: received.map((message) => receivedFields(message, wanted)) };
    },
    DeleteMessage: (input) => remove(queueOf(input), input),
    DeleteMessageBatch: (input) => consumeBatch(input, remove),
    ChangeMessageVisibility: (input) => hide(queueOf(input), input),
    ChangeMessageVisibilityBatch: (input) => consumeBatch(input, hide),
  };
}
