/** The signals queue with the rules of an SQS FIFO queue: group lock, deduplication, visibility, redelivery, dead letters. */
import { orderIdOf, type SignalMessage } from '@nightdesk/core';
import type { SQSRecord } from 'aws-lambda';
import type { Run } from './run-state.ts';

/** As lib/constructs/signals-queue.ts configures the real one. */
const visibilityMs = 35_000;
/** The real one's, and one so low that messages end as dead letters. */
const receivesMaxChoices = [100, 3] as const;
export const batchSize = 10;
const deduplicationMs = 300_000;
const delayMsMax = 70_000;

interface Message {
  id: string;
  group: string;
  body: string;
  receives: number;
  /** Valid for the latest delivery only. */
  receipt: string;
  inFlight: boolean;
  visibleAtMs: number;
}

export class FifoQueue {
  /** Every message the queue ever took, by lane and deduplication id. */
  readonly accepted = new Map<string, { message: SignalMessage; atMs: number }>();
  /** Called when there may be something to receive. */
  onReady: () => void = () => {};
  readonly #run: Run;
  readonly #receivesMax: number;
  #messages: Message[] = [];
  #deadLetters: Message[] = [];
  #count = 0;

  constructor(run: Run) {
    this.#run = run;
    this.#receivesMax = run.dice.pick(receivesMaxChoices);
  }

  /** Takes all legs of a signal at once. */
  send(messages: readonly SignalMessage[]): void {
    const { time, faults, dice } = this.#run;
    for (const message of messages) {
      const deduplicationId = `${message.lane} ${orderIdOf(message)}`;
      const twin = this.accepted.get(deduplicationId);
      if (twin !== undefined && time.nowMs() - twin.atMs < deduplicationMs) continue;
      this.accepted.set(deduplicationId, { message, atMs: time.nowMs() });
      const delayMs = faults.strikes('delayed_delivery') ? dice.between(0, delayMsMax) : 0;
      const id = `message-${++this.#count}`;
      this.#messages.push({
        ...{ id, group: message.lane, body: JSON.stringify(message), receives: 0, receipt: '', inFlight: false },
        visibleAtMs: time.nowMs() + delayMs,
      });
      this.#wake(delayMs);
    }
  }

  /** Up to `batchSize` messages. A group gives messages in order, and none while one of its messages is in flight. */
  receive(): SQSRecord[] {
    const nowMs = this.#run.time.nowMs();
    for (const message of this.#messages) if (message.visibleAtMs <= nowMs) message.inFlight = false;
    const blocked = new Set(this.#messages.filter(({ inFlight }) => inFlight).map(({ group }) => group));
    const batch: Message[] = [];
    for (const message of [...this.#messages]) {
      if (batch.length === batchSize) break;
      if (message.visibleAtMs > nowMs) blocked.add(message.group);
      if (blocked.has(message.group)) continue;
      if (message.receives >= this.#receivesMax) this.#bury(message);
      else batch.push(message);
    }
    return batch.map((message) => this.#deliver(message));
  }

  delete(receipts: readonly string[]): void {
    this.#messages = this.#messages.filter(({ inFlight, receipt }) => !(inFlight && receipts.includes(receipt)));
    this.#wake(0);
  }

  /** Makes messages visible after `delayMs`; those whose receipt is no longer valid are left alone. */
  changeVisibility(receipts: readonly string[], delayMs: number): void {
    for (const message of this.#messages) {
      if (!message.inFlight || !receipts.includes(message.receipt)) continue;
      message.visibleAtMs = this.#run.time.nowMs() + delayMs;
      if (delayMs === 0) message.inFlight = false;
    }
    this.#wake(delayMs);
  }

  /** What an operator does with the dead letters once the cause is mended. */
  redrive(): void {
    const revived = this.#deadLetters.map((message) => ({ ...message, receives: 0, inFlight: false, visibleAtMs: 0 }));
    this.#deadLetters = [];
    this.#messages.push(...revived);
    this.#wake(0);
  }

  get isEmpty(): boolean {
    return this.#messages.length === 0 && this.#deadLetters.length === 0;
  }

  #deliver(message: Message): SQSRecord {
    const { time, faults, dice } = this.#run;
    message.receives += 1;
    message.receipt = `${message.id}-receipt-${message.receives}`;
    message.inFlight = true;
    // A visibility that ends early brings a second delivery beside the first.
    const periodMs = faults.strikes('duplicate_delivery') ? dice.between(0, visibilityMs) : visibilityMs;
    message.visibleAtMs = time.nowMs() + periodMs;
    this.#wake(periodMs);
    const attributes = { ApproximateReceiveCount: String(message.receives), MessageGroupId: message.group };
    return {
      ...{ messageId: message.id, receiptHandle: message.receipt, body: message.body, messageAttributes: {} },
      ...{ md5OfBody: '', eventSource: 'aws:sqs', eventSourceARN: 'signals.fifo', awsRegion: 'local' },
      attributes: { ...attributes, SentTimestamp: '0', SenderId: '', ApproximateFirstReceiveTimestamp: '0' },
    };
  }

  #bury(message: Message): void {
    this.#messages = this.#messages.filter((other) => other !== message);
    this.#deadLetters.push(message);
    this.#run.trace.add('queue', `${message.id} goes to the dead letters`);
  }

  #wake(delayMs: number): void {
    this.#run.time.after(delayMs, () => this.onReady());
  }
}
