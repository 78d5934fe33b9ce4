/** The queues as one in-process service: what the wire operations and the event-source mapping both call. */
import type { CloudClock } from '../clock.ts';
import { type QueueDefinition, queueFromProperties } from './cloudformation.ts';
import { createConsumer } from './consuming.ts';
import { openDatabase } from './database.ts';
import { createLongPoll } from './long-poll.ts';
import { createMessageStore, type QueueDepth } from './messages.ts';
import { createMoveTasks } from './move-tasks.ts';
import type { QueueAttributes } from './queue-attributes.ts';
import { createQueueRegistry, type Queue } from './queues.ts';
import { createReceiver, overLimit, type ReceivedMessage } from './receiving.ts';
import { checkMessage, checkQueueKind, createSender, type OutgoingMessage, type SentMessage } from './sending.ts';

export interface SqsOptions {
  /** Where the queues are kept; in memory only when absent. */
  directory?: string;
  clock: CloudClock;
  /** Scheme, host and port that queue URLs start with, e.g. `http://127.0.0.1:4566`; asked anew for every URL. */
  origin: () => string;
  /** @default 'us-east-1' */
  region?: string;
  /** @default '000000000000' */
  accountId?: string;
}

export interface ReceiveRequest {
  queue: Queue;
  /** 1 to 10 */
  messagesMax: number;
  /** How long to wait for a first message, in milliseconds. */
  waitMs: number;
  /** Ends the wait with nothing. */
  signal?: AbortSignal | undefined;
  /** How long the messages stay hidden, in milliseconds. @default the queue's visibility timeout */
  visibilityMs?: number | undefined;
  /** `ReceiveRequestAttemptId`; FIFO queues only. */
  attemptId?: string | undefined;
}

export type QueueService = ReturnType<typeof createQueueService>;

export function createQueueService(options: SqsOptions) {
  const { directory, clock, origin, region = 'us-east-1', accountId = '000000000000' } = options;
  const database = openDatabase(directory);
  const queues = createQueueRegistry({ database, clock, origin, region, accountId });
  const messages = createMessageStore(database);
  const longPoll = createLongPoll(clock, (queueId) => {
    const queue = queues.byId(queueId);
    return queue && messages.nextDueMs(queue, clock.nowMs());
  });
  const shared = { database, messages, queues, clock, onMoved: longPoll.wake };
  const sender = createSender(shared);
  const receiver = createReceiver(shared);
  const consumer = createConsumer(shared);
  const moveTasks = createMoveTasks(shared);

  function receive(request: ReceiveRequest): Promise<ReceivedMessage[]> {
    const { queue, messagesMax, waitMs, signal, visibilityMs, attemptId } = request;
    const attempt = (): ReceivedMessage[] | undefined => {
      queues.requireLive(queue);
      const { received, full } = receiver.receiveOnce({ queue, messagesMax, visibilityMs, attemptId });
      if (full && !queue.fifo && waitMs === 0) throw overLimit();
      return received.length === 0 ? undefined : received;
    };
    return longPoll.wait({ queueId: queue.id, waitMs, signal, attempt }).then((received) => received ?? []);
  }

  /** Stores messages that passed `checkQueueKind` and `checkMessage`, and wakes those who wait for them. */
  function sendChecked(queue: Queue, batch: readonly OutgoingMessage[]): SentMessage[] {
    const sent = database.transaction(() => batch.map((message) => sender.send(queue, message)));
    longPoll.wake([queue.id]);
    return sent;
  }

  return {
    queues,
    moveTasks,
    receive,
    sendChecked,

    /** Sends a message, or refuses it like SendMessage. @throws SqsError */
    send(queue: Queue, message: OutgoingMessage): SentMessage {
      checkQueueKind(queue, message);
      checkMessage(queue, message);
      const sent = sender.send(queue, message);
      longPoll.wake([queue.id]);
      return sent;
    },

    /** Runs `work`, which deletes or changes visibility through `consumer`, as one transaction on a queue. */
    consume<Result>(queue: Queue, work: (held: typeof consumer) => Result): Result {
      const result = database.transaction(() => work(consumer));
      longPoll.wake([queue.id]);
      return result;
    },

    /** Brings a queue to the definition of its CloudFormation resource; messages stay. @throws SqsError, Error */
    createQueue(definition: QueueDefinition): Queue {
      const queue = queues.ensure(queueFromProperties(definition));
      messages.redelay(queue, clock.nowMs());
      return queue;
    },

    setAttributes(queue: Queue, attributes: QueueAttributes): void {
      queues.setAttributes(queue, attributes);
      if (attributes.DelaySeconds !== undefined) messages.redelay(queue, clock.nowMs());
      longPoll.wake([queue.id]);
    },

    deleteQueue(queue: Queue): void {
      queues.delete(queue);
      longPoll.wake([queue.id]);
    },

    purge(queue: Queue): void {
      database.transaction(() => {
        queues.startPurge(queue);
        messages.purge(queue);
        sender.forgetDuplicates(queue);
      });
    },

    depth(queue: Queue): QueueDepth {
      const nowMs = clock.nowMs();
      return database.transaction(() => {
        messages.dropExpired(queue, nowMs);
        return messages.depth(queue, nowMs);
      });
    },

    close(): void {
      moveTasks.close();
      longPoll.close();
      database.close();
    },
  };
}
