/** The queues as one in-process service: what the wire operations and the event-source mapping both call. */
import type { CloudClock } from '../clock.ts';
import { type QueueDefinition, queueFromProperties } from './cloudformation.ts';
import { type Consumer, createConsumer } from './consuming.ts';
import { type Database, openDatabase } from './database.ts';
import { LongPoll } from './long-poll.ts';
import { MessageStore, type QueueDepth } from './messages.ts';
import { MoveTasks } from './move-tasks.ts';
import type { QueueAttributes } from './queue-attributes.ts';
import { type Queue, QueueRegistry } from './queues.ts';
import { createReceiver, overLimit, type ReceivedMessage, type Receiver } from './receiving.ts';
import {
  checkMessage,
  checkQueueKind,
  createSender,
  type OutgoingMessage,
  type Sender,
  type SentMessage,
} from './sending.ts';

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

/** Everything SQS does, without the wire. Whatever may make a message available wakes those who wait for one. */
export class QueueService {
  readonly queues: QueueRegistry;
  readonly moveTasks: MoveTasks;
  readonly #database: Database;
  readonly #clock: CloudClock;
  readonly #messages: MessageStore;
  readonly #longPoll: LongPoll;
  readonly #sender: Sender;
  readonly #receiver: Receiver;
  readonly #consumer: Consumer;

  constructor(options: SqsOptions) {
    const { directory, clock, origin, region = 'us-east-1', accountId = '000000000000' } = options;
    const database = openDatabase(directory);
    const queues = new QueueRegistry({ database, clock, origin, region, accountId });
    const messages = new MessageStore(database);
    this.#longPoll = new LongPoll(clock, (queueId, sinceMs) => {
      const queue = queues.byId(queueId);
      return queue && messages.nextDueMs(queue, sinceMs);
    });
    const onMoved = (queueIds: Iterable<number>): void => this.#longPoll.wake(queueIds);
    const shared = { database, messages, queues, clock, onMoved };
    this.#database = database;
    this.#clock = clock;
    this.#messages = messages;
    this.#sender = createSender(shared);
    this.#receiver = createReceiver(shared);
    this.#consumer = createConsumer(shared);
    this.queues = queues;
    this.moveTasks = new MoveTasks(shared);
  }

  /** ReceiveMessage. @throws SqsError */
  receive(request: ReceiveRequest): Promise<ReceivedMessage[]> {
    const { queue, messagesMax, waitMs, signal, visibilityMs, attemptId } = request;
    const attempt = (): ReceivedMessage[] | undefined => {
      this.queues.requireLive(queue);
      const { received, full } = this.#receiver.receiveOnce({ queue, messagesMax, visibilityMs, attemptId });
      if (full && !queue.fifo && waitMs === 0) throw overLimit();
      return received.length === 0 ? undefined : received;
    };
    return this.#longPoll.wait({ queueId: queue.id, waitMs, signal, attempt }).then((received) => received ?? []);
  }

  /** Stores messages that passed `checkQueueKind` and `checkMessage`, and wakes those who wait for them. */
  sendChecked(queue: Queue, batch: readonly OutgoingMessage[]): SentMessage[] {
    const sent = this.#database.transaction(() => batch.map((message) => this.#sender.send(queue, message)));
    this.#longPoll.wake([queue.id]);
    return sent;
  }

  /** Sends a message, or refuses it like SendMessage. @throws SqsError */
  send(queue: Queue, message: OutgoingMessage): SentMessage {
    checkQueueKind(queue, message);
    checkMessage(queue, message);
    const sent = this.#sender.send(queue, message);
    this.#longPoll.wake([queue.id]);
    return sent;
  }

  /** Runs `work`, which deletes or changes visibility through `held`, as one transaction on a queue. */
  consume<Result>(queue: Queue, work: (held: Consumer) => Result): Result {
    const result = this.#database.transaction(() => work(this.#consumer));
    this.#longPoll.wake([queue.id]);
    return result;
  }

  /** Brings a queue to the definition of its CloudFormation resource; messages stay. @throws SqsError, Error */
  createQueue(definition: QueueDefinition): Queue {
    const queue = this.queues.ensure(queueFromProperties(definition));
    this.#messages.redelay(queue, this.#clock.nowMs());
    return queue;
  }

  handBack(queue: Queue): void {
    this.#database.transaction(() => this.#messages.handBack(queue, this.#clock.nowMs()));
    this.#longPoll.wake([queue.id]);
  }

  setAttributes(queue: Queue, attributes: QueueAttributes): void {
    this.queues.setAttributes(queue, attributes);
    if (attributes.DelaySeconds !== undefined) this.#messages.redelay(queue, this.#clock.nowMs());
    this.#longPoll.wake([queue.id]);
  }

  deleteQueue(queue: Queue): void {
    this.queues.delete(queue);
    this.#longPoll.wake([queue.id]);
  }

  purge(queue: Queue): void {
    this.#database.transaction(() => {
      this.queues.startPurge(queue);
      this.#messages.purge(queue);
      this.#sender.forgetDuplicates(queue);
    });
  }

  depth(queue: Queue): QueueDepth {
    const nowMs = this.#clock.nowMs();
    return this.#database.transaction(() => {
      this.#messages.dropExpired(queue, nowMs);
      return this.#messages.depth(queue, nowMs);
    });
  }

  close(): void {
    this.moveTasks.close();
    this.#longPoll.close();
    this.#database.close();
  }
}
