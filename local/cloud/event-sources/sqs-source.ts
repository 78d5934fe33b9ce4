/** Hands the messages of a queue to a function. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { CloudClock } from '../clock.ts';
import { isThrottled } from '../lambda/index.ts';
import type { ReceivedMessage } from '../sqs/index.ts';
import { failedMessages } from './batch-result.ts';
import { pause } from './pauses.ts';
import type { FunctionInvoker, Poller, PollerOptions, SqsSource } from './ports.ts';
import { type Batch, toBatches } from './sqs-event.ts';
import type { SqsSettings } from './sqs-settings.ts';

/** AWS's longest wait for messages. */
const receiveWaitMs = 20_000;
/** Most that one receive gives. */
const receivedMax = 10;
const receiveRetryMs = 1_000;
const throttleDelayMsMin = 100;
const throttleDelayMsMax = 5_000;

export class SqsPoller implements Poller {
  readonly #settings: SqsSettings;
  readonly #sqs: SqsSource;
  readonly #lambda: FunctionInvoker;
  readonly #clock: CloudClock;
  readonly #log: (message: string) => void;
  readonly #running = new Set<Promise<void>>();
  readonly #stop = new AbortController();

  constructor(settings: SqsSettings, { sqs, lambda, clock, log = console.error }: PollerOptions) {
    this.#settings = settings;
    this.#sqs = sqs;
    this.#lambda = lambda;
    this.#clock = clock;
    this.#log = (message) => log(`event source ${settings.queue.arn} of ${settings.functionName}: ${message}`);
  }

  /** Receives until stopped; batches are worked on meanwhile. */
  async run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      while (this.#running.size >= this.#settings.invocationsMax) await Promise.race(this.#running);
      const { messages, receivedAtMs } = await this.#gather();
      if (messages.length === 0) continue;
      const work = this.#work(messages, receivedAtMs);
      this.#running.add(work);
      void work.finally(() => this.#running.delete(work));
    }
  }

  stop(): void {
    this.#stop.abort();
  }

  async waitForQuiet(): Promise<void> {
    do {
      await Promise.all(this.#running);
      // What the end of a batch sets free, such as its message groups, is received within a turn of the event loop.
      await nextTurn();
    } while (this.#running.size > 0);
  }

  /** A batch: what there is, or with a batching window what comes until the window or the batch is full. */
  async #gather(): Promise<{ messages: ReceivedMessage[]; receivedAtMs: number }> {
    const { batchSize, windowMs } = this.#settings;
    const messages = await this.#receive(Math.min(batchSize, receivedMax), receiveWaitMs);
    const receivedAtMs = this.#clock.nowMs();
    const endMs = receivedAtMs + windowMs;
    while (messages.length > 0 && messages.length < batchSize && !this.#stop.signal.aborted) {
      const leftMs = endMs - this.#clock.nowMs();
      if (leftMs <= 0) break;
      const more = await this.#receive(
        Math.min(batchSize - messages.length, receivedMax),
        Math.min(leftMs, receiveWaitMs),
      );
      messages.push(...more);
    }
    return { messages, receivedAtMs };
  }

  async #receive(messagesMax: number, waitMs: number): Promise<ReceivedMessage[]> {
    try {
      const { signal } = this.#stop;
      return [...(await this.#sqs.receive({ queue: this.#settings.queue, messagesMax, waitMs, signal }))];
    } catch (error) {
      this.#log(`cannot receive, trying again: ${String(error)}`);
      await this.#wait(receiveRetryMs);
      return [];
    }
  }

  /** Never fails: whatever goes wrong leaves the messages in the queue, where they become visible again. */
  async #work(messages: readonly ReceivedMessage[], receivedAtMs: number): Promise<void> {
    for (const batch of toBatches(messages, this.#settings.queue.arn)) {
      try {
        const failed = await this.#invoke(batch, receivedAtMs);
        this.#delete(batch.messages.filter(({ messageId }) => !failed.has(messageId)));
        // A later batch may hold the next message of a group that failed, which must not overtake it.
        if (failed.size > 0 && this.#settings.queue.fifo) return;
      } catch (error) {
        this.#log(`${batch.messages.length} messages go back to the queue: ${String(error)}`);
        return;
      }
    }
  }

  /** Invokes the function and returns the messages that failed. @throws LambdaError when it cannot be invoked. */
  async #invoke({ messages, payload }: Batch, receivedAtMs: number): Promise<ReadonlySet<string>> {
    const { functionName, reportsFailures } = this.#settings;
    const messageIds = new Set(messages.map(({ messageId }) => messageId));
    for (let delayMs = throttleDelayMsMin; ; delayMs = Math.min(2 * delayMs, throttleDelayMsMax)) {
      try {
        const result = await this.#lambda.invoke({ functionName, payload });
        if (result.functionError !== undefined) return messageIds;
        return reportsFailures ? failedMessages(result.payload, messageIds) : new Set();
      } catch (error) {
        if (!isThrottled(error) || !this.#canWait(delayMs, receivedAtMs)) throw error;
        await this.#wait(delayMs);
      }
    }
  }

  /** Whether an invocation after the wait would still end before its messages become visible to another one. */
  #canWait(delayMs: number, receivedAtMs: number): boolean {
    const { functionTimeoutMs, queue } = this.#settings;
    const endMs = this.#clock.nowMs() + delayMs + functionTimeoutMs;
    return !this.#stop.signal.aborted && endMs <= receivedAtMs + queue.settings.visibilityMs;
  }

  #delete(messages: readonly ReceivedMessage[]): void {
    if (messages.length === 0) return;
    const handles = messages.map(({ receiptHandle }) => receiptHandle);
    const refusals = this.#sqs.deleteBatch(this.#settings.queue, handles);
    for (const [index, refusal] of refusals.entries()) {
      if (refusal !== undefined) this.#log(`message ${messages[index]?.messageId} will come again: ${refusal.message}`);
    }
  }

  /** Ends early when the poller is stopped. */
  #wait(delayMs: number): Promise<void> {
    return pause(this.#clock, delayMs, this.#stop.signal);
  }
}
