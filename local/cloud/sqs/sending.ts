/** Accepting messages: the rules of each kind of queue, deduplication, and one transaction per batch. */
import { createHash, randomUUID } from 'node:crypto';
import type { CloudClock } from '../clock.ts';
import type { Database } from './database.ts';
import { invalidParameter, invalidValue, missingParameter, SqsError } from './errors.ts';
import {
  attributesBytes,
  attributesMd5,
  hasUnsendableCharacter,
  type MessageAttributes,
  md5,
} from './message-attributes.ts';
import type { MessageStore } from './messages.ts';
import type { Queue } from './queues.ts';

export interface OutgoingMessage {
  body: string;
  /** Standard queues only; FIFO queues take their delay from the queue. */
  delaySeconds?: number | undefined;
  groupId?: string | undefined;
  deduplicationId?: string | undefined;
  attributes?: MessageAttributes | undefined;
  /** The system attribute `AWSTraceHeader`. */
  traceHeader?: string | undefined;
}

export interface SentMessage {
  messageId: string;
  sequenceNumber: string | undefined;
  bodyMd5: string;
  attributesMd5: string | undefined;
  systemAttributesMd5: string | undefined;
}

const deduplicationMs = 5 * 60_000;
const delaySecondsMax = 900;
const sequenceBase = 18_870_000_000_000_000_000n;
const sequenceStep = 256n;

/** A 20-digit number that grows with every message, with gaps, as the service's do. */
export function sequenceNumber(arrival: number): string {
  return String(sequenceBase + BigInt(arrival) * sequenceStep);
}

export function messageBytes(message: OutgoingMessage): number {
  return Buffer.byteLength(message.body) + attributesBytes(message.attributes);
}

function checkId(value: string | undefined, parameter: string): void {
  if (value === undefined || /^[\x21-\x7e]{1,128}$/.test(value)) return;
  const reason = `${parameter} can only include alphanumeric and punctuation characters. 1 to 128 in length.`;
  throw invalidValue(value, parameter, reason);
}

/** The rules that depend on the kind of queue. @throws SqsError naming the parameter that does not fit */
export function checkQueueKind(queue: Queue, message: OutgoingMessage): void {
  const { delaySeconds, groupId, deduplicationId } = message;
  checkId(groupId, 'MessageGroupId');
  checkId(deduplicationId, 'MessageDeduplicationId');
  const unfit = 'The request include parameter that is not valid for this queue type.';
  if (!queue.fifo) {
    if (deduplicationId !== undefined) throw invalidValue(deduplicationId, 'MessageDeduplicationId', unfit);
    return;
  }
  if (delaySeconds !== undefined && delaySeconds !== 0) throw invalidValue(delaySeconds, 'DelaySeconds', unfit);
  if (groupId === undefined) throw missingParameter('MessageGroupId');
  if (deduplicationId === undefined && !queue.settings.contentDeduplication) {
    throw invalidParameter(
      'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
    );
  }
}

/** The rules for any message on its own. @throws SqsError naming the parameter that does not fit */
export function checkMessage(queue: Queue, message: OutgoingMessage): void {
  const { body, delaySeconds } = message;
  if (body === '') throw missingParameter('MessageBody');
  if (hasUnsendableCharacter(body)) {
    const message =
      'Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF.';
    throw new SqsError('InvalidMessageContents', message);
  }
  if (delaySeconds !== undefined && (delaySeconds < 0 || delaySeconds > delaySecondsMax)) {
    throw invalidValue(delaySeconds, 'DelaySeconds', `DelaySeconds must be >= 0 and <= ${delaySecondsMax}.`);
  }
  if (messageBytes(message) > queue.settings.messageBytesMax) {
    throw invalidParameter(
      `One or more parameters are invalid. Reason: Message must be shorter than ${queue.settings.messageBytesMax} bytes.`,
    );
  }
}

function answer(queue: Queue, message: OutgoingMessage, stored: { messageId: string; arrival: number }): SentMessage {
  const { traceHeader } = message;
  const system =
    traceHeader === undefined ? undefined : { AWSTraceHeader: { DataType: 'String', StringValue: traceHeader } };
  return {
    messageId: stored.messageId,
    sequenceNumber: queue.fifo ? sequenceNumber(stored.arrival) : undefined,
    bodyMd5: md5(message.body),
    attributesMd5: attributesMd5(message.attributes),
    systemAttributesMd5: attributesMd5(system),
  };
}

export type Sender = ReturnType<typeof createSender>;

export function createSender(options: { database: Database; messages: MessageStore; clock: CloudClock }) {
  const { database, messages, clock } = options;
  const findDuplicate = database.statement<{ messageId: string; arrival: number }>(
    'SELECT message_id AS messageId, arrival FROM deduplications WHERE queue_id = ? AND scope = ?',
  );
  const remember = database.statement(
    'INSERT INTO deduplications (queue_id, scope, message_id, arrival, expires_ms) VALUES (?, ?, ?, ?, ?)',
  );
  const forgetExpired = database.statement('DELETE FROM deduplications WHERE expires_ms <= ?');
  const forgetQueue = database.statement('DELETE FROM deduplications WHERE queue_id = ?');

  function store(queue: Queue, message: OutgoingMessage, nowMs: number): { messageId: string; arrival: number } {
    const { body, groupId, attributes, traceHeader } = message;
    const { settings } = queue;
    const deduplicationId = queue.fifo
      ? (message.deduplicationId ?? createHash('sha256').update(body).digest('hex'))
      : undefined;
    const scope =
      settings.deduplicationScope === 'messageGroup'
        ? `group ${groupId} ${deduplicationId}`
        : `queue ${deduplicationId}`;
    const original = queue.fifo ? findDuplicate.get(queue.id, scope) : undefined;
    if (original !== undefined) return original;
    const ownDelayMs = queue.fifo || message.delaySeconds === undefined ? undefined : message.delaySeconds * 1000;
    const messageId = randomUUID();
    const arrival = messages.insert(queue, {
      messageId,
      groupId: groupId ?? null,
      deduplicationId: deduplicationId ?? null,
      body,
      attributes: attributes === undefined ? null : JSON.stringify(attributes),
      traceHeader: traceHeader ?? null,
      sentMs: nowMs,
      visibleMs: nowMs + (ownDelayMs ?? settings.delayMs),
    });
    if (queue.fifo) remember.run(queue.id, scope, messageId, arrival, nowMs + deduplicationMs);
    return { messageId, arrival };
  }

  return {
    /**
     * Stores a message that passed the checks above. A duplicate within five minutes is answered with the id and
     * sequence number of the original and stored no second time.
     */
    send(queue: Queue, message: OutgoingMessage): SentMessage {
      const nowMs = clock.nowMs();
      const stored = database.transaction(() => {
        if (queue.fifo) forgetExpired.run(nowMs);
        return store(queue, message, nowMs);
      });
      return answer(queue, message, stored);
    },

    /** A purged queue takes again what it deduplicated before. */
    forgetDuplicates: (queue: Queue): void => void forgetQueue.run(queue.id),
  };
}
