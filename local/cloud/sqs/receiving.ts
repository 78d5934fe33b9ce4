/** Handing messages out: selection, redrive to the dead-letter queue, retries of a receive, and the in-flight limit. */
import { randomUUID } from 'node:crypto';
import type { CloudClock } from '../clock.ts';
import type { Database } from './database.ts';
import { SqsError } from './errors.ts';
import { type MessageAttributes, md5 } from './message-attributes.ts';
import type { MessageRow, MessageStore } from './messages.ts';
import type { Queue, QueueRegistry } from './queues.ts';
import { formatReceipt, parseReceipt } from './receipts.ts';
import { sequenceNumber } from './sending.ts';

export interface ReceivedMessage {
  messageId: string;
  receiptHandle: string;
  body: string;
  bodyMd5: string;
  /** Every system attribute that applies, as text: `SentTimestamp`, `ApproximateReceiveCount`, … */
  systemAttributes: Record<string, string>;
  attributes: MessageAttributes;
}

export interface ReceiveOnce {
  queue: Queue;
  messagesMax: number;
  /** How long the messages stay hidden; the queue's own timeout when undefined. */
  visibilityMs: number | undefined;
  /** `ReceiveRequestAttemptId` of a FIFO queue. */
  attemptId: string | undefined;
}

/** Messages received and not deleted, per queue: SQS quotas, without an increase. */
export const inFlightMax = 120_000;
const attemptMs = 5 * 60_000;
/** Each round moves at least one message to the dead-letter queue. */
const redriveRoundsMax = 1000;
const senderId = 'AIDALOCALNIGHTDESK000';

type Taken = Pick<ReceivedMessage, 'receiptHandle'> & { visibleMs: number };

function describe(queue: Queue, row: MessageRow, receiptHandle: string): ReceivedMessage {
  const systemAttributes: Record<string, string> = {
    SenderId: senderId,
    SentTimestamp: String(row.sentMs),
    ApproximateReceiveCount: String(row.receives),
    ApproximateFirstReceiveTimestamp: String(row.firstReceiveMs),
  };
  if (queue.fifo) systemAttributes.SequenceNumber = sequenceNumber(row.id);
  if (row.groupId !== null) systemAttributes.MessageGroupId = row.groupId;
  if (row.deduplicationId !== null) systemAttributes.MessageDeduplicationId = row.deduplicationId;
  if (row.traceHeader !== null) systemAttributes.AWSTraceHeader = row.traceHeader;
  if (row.sourceArn !== null) systemAttributes.DeadLetterQueueSourceArn = row.sourceArn;
  const attributes = row.attributes === null ? {} : (JSON.parse(row.attributes) as MessageAttributes);
  return {
    messageId: row.messageId,
    receiptHandle,
    body: row.body,
    bodyMd5: md5(row.body),
    systemAttributes,
    attributes,
  };
}

/** Remembers which messages a receive gave, so that the same receive asked for again gives them again. */
function createAttempts(database: Database, messages: MessageStore) {
  const find = database.statement<{ received: string }>(
    'SELECT received FROM receive_attempts WHERE queue_id = ? AND attempt_id = ?',
  );
  const save = database.statement(
    'INSERT OR REPLACE INTO receive_attempts (queue_id, attempt_id, expires_ms, received) VALUES (?, ?, ?, ?)',
  );
  const forgetExpired = database.statement('DELETE FROM receive_attempts WHERE expires_ms <= ?');

  return {
    save(queue: Queue, attemptId: string, { taken, nowMs }: { taken: Taken[]; nowMs: number }): void {
      save.run(queue.id, attemptId, nowMs + attemptMs, JSON.stringify(taken));
    },

    /** @returns undefined unless every message is still hidden under the same receipt and its visibility unchanged */
    repeat(queue: Queue, attemptId: string, { nowMs, visibleMs }: { nowMs: number; visibleMs: number }) {
      forgetExpired.run(nowMs);
      const attempt = find.get(queue.id, attemptId);
      if (attempt === undefined) return undefined;
      const taken = JSON.parse(attempt.received) as Taken[];
      const rows = taken.map((entry) => {
        const receipt = parseReceipt(entry.receiptHandle, queue.id);
        const row = messages.find(queue, receipt.rowId);
        const unchanged = row?.receipt === receipt.nonce && row.visibleMs === entry.visibleMs && row.visibleMs > nowMs;
        return unchanged ? { row, receiptHandle: entry.receiptHandle } : undefined;
      });
      const intact = rows.filter((entry) => entry !== undefined);
      if (intact.length < rows.length) return undefined;
      for (const { row } of intact) messages.setVisible(queue, row, visibleMs);
      save.run(queue.id, attemptId, nowMs + attemptMs, JSON.stringify(taken.map((entry) => ({ ...entry, visibleMs }))));
      return intact.map(({ row, receiptHandle }) => describe(queue, row, receiptHandle));
    },
  };
}

export type Receiver = ReturnType<typeof createReceiver>;

export interface ReceiverOptions {
  database: Database;
  messages: MessageStore;
  queues: QueueRegistry;
  clock: CloudClock;
  /** Told which queues got messages because others gave them up. */
  onMoved: (queueIds: Iterable<number>) => void;
}

export function createReceiver({ database, messages, queues, clock, onMoved }: ReceiverOptions) {
  const attempts = createAttempts(database, messages);
  /** Per queue, at least as many as are in flight: counting them on every receive would cost more than the receive. */
  const inFlightAtMost = new Map<number, number>();

  /** How many more messages may be in flight; counts them only when the bound says it could matter. */
  function room(queue: Queue, nowMs: number, messagesMax: number): number {
    const bound = inFlightAtMost.get(queue.id);
    if (bound !== undefined && inFlightMax - bound >= messagesMax) return messagesMax;
    const inFlight = messages.inFlight(queue, nowMs);
    inFlightAtMost.set(queue.id, inFlight);
    return Math.min(messagesMax, inFlightMax - inFlight);
  }

  /** Picks what to deliver; whatever was received too often already goes to the dead-letter queue instead. */
  function pick(queue: Queue, nowMs: number, messagesMax: number): { rows: MessageRow[]; buriedIn: Queue | undefined } {
    const { redrive } = queue.settings;
    const target = redrive && queues.byArn(redrive.targetArn);
    let buriedIn: Queue | undefined;
    let rows = messages.ready(queue, nowMs, messagesMax);
    if (redrive === undefined || target === undefined) return { rows, buriedIn };
    const exhausted = (row: MessageRow): boolean => row.receivesHere >= redrive.receivesMax;
    for (let round = 0; round < redriveRoundsMax && rows.some(exhausted); round++) {
      for (const row of rows.filter(exhausted)) messages.bury(queue, row, { target, nowMs });
      buriedIn = target;
      rows = messages.ready(queue, nowMs, messagesMax);
    }
    return { rows: rows.some(exhausted) ? [] : rows, buriedIn };
  }

  function take(
    queue: Queue,
    row: MessageRow,
    { nowMs, visibleMs }: { nowMs: number; visibleMs: number },
  ): ReceivedMessage {
    const receipt = randomUUID();
    messages.take(queue, row, { receipt, nowMs, visibleMs });
    const received = { ...row, receives: row.receives + 1, firstReceiveMs: row.firstReceiveMs ?? nowMs };
    return describe(queue, received, formatReceipt({ queueId: queue.id, rowId: row.id, nonce: receipt }));
  }

  function receive({ queue, messagesMax, visibilityMs, attemptId }: ReceiveOnce) {
    const nowMs = clock.nowMs();
    const hidden = { nowMs, visibleMs: nowMs + (visibilityMs ?? queue.settings.visibilityMs) };
    messages.dropExpired(queue, nowMs);
    const repeated = attemptId === undefined ? undefined : attempts.repeat(queue, attemptId, hidden);
    if (repeated !== undefined) return { received: repeated, buriedIn: undefined };
    const free = room(queue, nowMs, messagesMax);
    if (free <= 0) return { received: [], buriedIn: undefined, full: true };
    const { rows, buriedIn } = pick(queue, nowMs, free);
    const received = rows.map((row) => take(queue, row, hidden));
    inFlightAtMost.set(queue.id, (inFlightAtMost.get(queue.id) ?? 0) + received.length);
    if (attemptId !== undefined && received.length > 0) {
      const taken = received.map(({ receiptHandle }) => ({ receiptHandle, visibleMs: hidden.visibleMs }));
      attempts.save(queue, attemptId, { taken, nowMs });
    }
    return { received, buriedIn };
  }

  return {
    /** One receive without waiting, in one transaction. `full` says that the in-flight limit is reached. */
    receiveOnce(request: ReceiveOnce): { received: ReceivedMessage[]; full: boolean } {
      const { received, buriedIn, full = false } = database.transaction(() => receive(request));
      if (buriedIn !== undefined) onMoved([buriedIn.id]);
      return { received, full };
    },
  };
}

/** The answer of a standard queue to a short poll when too much is in flight; FIFO queues just answer with nothing. */
export function overLimit(): SqsError {
  return new SqsError(
    'OverLimit',
    `The maximum number of in flight messages (${inFlightMax}) is reached. Delete received messages to receive more.`,
  );
}
