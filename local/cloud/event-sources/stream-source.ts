/** Hands the records of a table's stream to a function, one batch at a time and in order. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CloudClock } from '../clock.ts';
import { firstPosition, type StreamRecord } from '../dynamodb/index.ts';
import type { InvokeResult } from '../lambda/index.ts';
import { failedMessages } from './batch-result.ts';
import { backoffMs, pause } from './pauses.ts';
import type { FunctionInvoker, Poller, PollerOptions, SqsSource } from './ports.ts';
import { decideNext, partByAge, type StreamBatch } from './stream-batch.ts';
import { type GivenUp, payloadBytes, recordsBytesMax, toFailureMessage, toPayload } from './stream-event.ts';
import type { StreamSettings } from './stream-settings.ts';

/** Records read at once. */
const readMax = 1_000;
/** Between a failure and the next try; AWS does not say how long it waits. */
const retryDelayMs = { min: 100, max: 30_000 };
/**
 * AWS looks into a stream four times a second. Here the first record after a silence is read at once, and what comes after it is
 * gathered for as long as AWS would take to look again: a desk at work changes rows by the hundred a second, and an invocation for
 * each few of them would take the processor from the orders. By the machine's time, since it is the machine that is spared.
 */
const readEveryMs = 250;
/**
 * Records that no filter takes may be read again after a crash, which does no harm; noting each would be a write to disk for
 * every record of a table of which hardly any is looked for.
 */
const unnotedMax = 1_000n;

/** Records for the function, and how far the stream was read for them: records that no filter took lie between. */
interface Gathered {
  readonly records: readonly StreamRecord[];
  readonly through: string;
}

/** How an invocation went: its result, or that the function was not reached. */
type Attempt = { result: InvokeResult } | { refusal: unknown };

export class StreamPoller implements Poller {
  readonly #settings: StreamSettings;
  readonly #sqs: SqsSource;
  readonly #lambda: FunctionInvoker;
  readonly #clock: CloudClock;
  readonly #log: (message: string) => void;
  readonly #stop = new AbortController();
  /** Under which the position is kept: AWS has one mapping per stream and function. */
  readonly #reader: string;
  /** How far everything is dealt with, and how far that is on disk. */
  #position: string;
  #noted: string;
  /** When the function was last invoked, milliseconds of the machine, and whether it got as much as it takes. */
  #invokedAt = Number.NEGATIVE_INFINITY;
  #wasFull = false;
  #isIdle = true;
  #whenIdle: (() => void)[] = [];

  constructor(settings: StreamSettings, { sqs, lambda, clock, log = console.error }: PollerOptions) {
    const { streams, stream, functionArn, functionName } = settings;
    this.#settings = settings;
    this.#sqs = sqs;
    this.#lambda = lambda;
    this.#clock = clock;
    this.#reader = functionArn;
    this.#log = (message) => log(`event source ${stream.arn} of ${functionName}: ${message}`);
    const start = settings.startsAt === 'LATEST' ? streams.lastSequenceNumber(stream) : firstPosition;
    this.#position = streams.position(stream, functionArn) ?? start;
    this.#noted = this.#position;
  }

  async run(): Promise<void> {
    let isBegun = false;
    while (!this.#stop.signal.aborted) {
      try {
        // Noted before anything is read, so that LATEST stays where it is when the process ends before the first batch.
        if (!isBegun) await this.#savePosition(this.#position);
        isBegun = true;
        await this.#deliver(await this.#gather());
      } catch (error) {
        this.#log(`cannot go on, trying again: ${String(error)}`);
        await pause(this.#clock, retryDelayMs.max, this.#stop.signal);
      }
    }
    await this.#noteEnd();
    this.#becomeIdle();
  }

  stop(): void {
    this.#stop.abort();
  }

  async waitForQuiet(): Promise<void> {
    const { streams, stream } = this.#settings;
    const isQuiet = (): boolean =>
      this.#isIdle && (this.#stop.signal.aborted || streams.lastSequenceNumber(stream) <= this.#position);
    while (!isQuiet()) await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
  }

  #becomeIdle(): void {
    this.#isIdle = true;
    for (const resolve of this.#whenIdle.splice(0)) resolve();
  }

  /** A batch: what there is, or with a batching window what comes until the window or the batch is full. */
  async #gather(): Promise<Gathered> {
    const { streams, stream, batchSize, windowMs } = this.#settings;
    const { signal } = this.#stop;
    const gathering = { records: [] as StreamRecord[], bytes: 0, through: this.#position };
    let endMs: number | undefined;
    while (!signal.aborted && gathering.records.length < batchSize) {
      const recordsMax = Math.min(batchSize - gathering.records.length, readMax);
      if (gathering.records.length === 0) await this.#rest(gathering.through);
      const found = await this.#read(gathering.through, recordsMax);
      if (!this.#take(found, gathering)) break;
      if (found.length > 0) continue;
      if (gathering.records.length === 0) {
        await this.#skipTo(gathering.through);
        this.#becomeIdle();
        await streams.waitForMore(stream, gathering.through, signal);
        this.#isIdle = false;
        continue;
      }
      endMs ??= this.#clock.nowMs() + windowMs;
      if (this.#clock.nowMs() >= endMs) break;
      await this.#waitForMoreUntil(endMs, gathering.through);
    }
    return gathering;
  }

  /** Lets records gather, where there are some but no full batch, and an invocation is just over. */
  async #rest(after: string): Promise<void> {
    const { streams, stream } = this.#settings;
    const restMs = this.#invokedAt + readEveryMs - performance.now();
    if (restMs <= 0 || this.#wasFull || streams.lastSequenceNumber(stream) <= after) return;
    await sleep(restMs, undefined, { signal: this.#stop.signal }).catch(() => undefined);
  }

  /** To look whether there is anything at all takes a fraction of the time of reading nothing. */
  async #read(after: string, recordsMax: number): Promise<readonly StreamRecord[]> {
    const { streams, stream } = this.#settings;
    return streams.lastSequenceNumber(stream) <= after ? [] : streams.read(stream, { after, recordsMax });
  }

  /** Adds what the filters take. @returns false when the payload is full, which ends the batch */
  #take(
    found: readonly StreamRecord[],
    gathering: { records: StreamRecord[]; bytes: number; through: string },
  ): boolean {
    this.#tellOfGap(gathering.through, found[0]);
    for (const record of found) {
      if (this.#settings.matches(record)) {
        const bytes = payloadBytes(record, this.#settings.stream.arn);
        if (gathering.records.length > 0 && gathering.bytes + bytes > recordsBytesMax) return false;
        gathering.records.push(record);
        gathering.bytes += bytes;
      }
      gathering.through = record.dynamodb.SequenceNumber;
    }
    return true;
  }

  /** Sequence numbers count by one, so a gap is what was trimmed before it was delivered. */
  #tellOfGap(after: string, next: StreamRecord | undefined): void {
    if (next === undefined) return;
    const missed = BigInt(next.dynamodb.SequenceNumber) - BigInt(after) - 1n;
    if (missed > 0n) this.#log(`${missed} records were trimmed from the stream before they were delivered`);
  }

  async #waitForMoreUntil(endMs: number, after: string): Promise<void> {
    const { streams, stream } = this.#settings;
    const either = new AbortController();
    const signal = AbortSignal.any([either.signal, this.#stop.signal]);
    const waits = [streams.waitForMore(stream, after, signal), pause(this.#clock, endMs - this.#clock.nowMs(), signal)];
    await Promise.race(waits);
    either.abort();
  }

  async #noteEnd(): Promise<void> {
    if (this.#noted >= this.#position) return;
    await this.#savePosition(this.#position).catch((error: unknown) => {
      this.#log(`what was passed over comes again: ${String(error)}`);
    });
  }

  /** Passes over records that no filter takes. */
  async #skipTo(sequenceNumber: string): Promise<void> {
    if (sequenceNumber <= this.#position) return;
    this.#position = sequenceNumber;
    if (BigInt(sequenceNumber) - BigInt(this.#noted) >= unnotedMax) await this.#savePosition(sequenceNumber);
  }

  async #savePosition(sequenceNumber: string): Promise<void> {
    const { streams, stream } = this.#settings;
    await streams.savePosition(stream, this.#reader, sequenceNumber);
    this.#position = sequenceNumber;
    this.#noted = sequenceNumber;
  }

  /** Invokes until every record is dealt with, and notes each step. What a stop interrupts comes again at the next start. */
  async #deliver({ records, through }: Gathered): Promise<void> {
    const waiting: StreamBatch[] = records.length === 0 ? [] : [{ records, failures: 0 }];
    let refusals = 0;
    for (let batch = waiting.shift(); batch !== undefined; batch = waiting.shift()) {
      const young = await this.#giveUpOld(batch);
      if (young === undefined) continue;
      if (this.#stop.signal.aborted) return;
      const attempt = await this.#invoke(young);
      if ('refusal' in attempt) {
        refusals += 1;
        waiting.unshift(young);
        this.#log(`the function was not reached, trying again: ${String(attempt.refusal)}`);
        await this.#pauseAfter(refusals);
        continue;
      }
      refusals = 0;
      waiting.unshift(...(await this.#conclude(young, attempt.result)));
    }
    await this.#skipTo(through);
  }

  async #invoke({ records }: StreamBatch): Promise<Attempt> {
    const { functionName, stream, batchSize } = this.#settings;
    this.#invokedAt = performance.now();
    this.#wasFull = records.length >= batchSize;
    try {
      return { result: await this.#lambda.invoke({ functionName, payload: toPayload(records, stream.arn) }) };
    } catch (refusal) {
      return { refusal };
    }
  }

  /** Notes how far an invocation has brought the stream. @returns what has to be invoked with again */
  async #conclude(batch: StreamBatch, result: InvokeResult): Promise<readonly StreamBatch[]> {
    const { next, done, givenUp } = decideNext(batch, this.#firstFailed(batch, result), this.#settings.retries);
    if (givenUp !== undefined) {
      this.#giveUp({ ...givenUp, condition: 'RetryAttemptsExhausted', lastResult: result });
    }
    if (done !== undefined) await this.#savePosition(done.dynamodb.SequenceNumber);
    const [again] = next;
    if (again !== undefined) {
      this.#log(`${batch.records.length} records failed or came with one that did, trying again`);
      await this.#pauseAfter(again.failures);
    }
    return next;
  }

  /** Index of the lowest record that failed, from which on all count as failed. */
  #firstFailed({ records }: StreamBatch, result: InvokeResult): number | undefined {
    if (result.functionError !== undefined) return 0;
    if (!this.#settings.reportsFailures) return undefined;
    const failed = failedMessages(result.payload, new Set(records.map(({ dynamodb }) => dynamodb.SequenceNumber)));
    const index = records.findIndex(({ dynamodb }) => failed.has(dynamodb.SequenceNumber));
    return index < 0 ? undefined : index;
  }

  /** @returns the records that are young enough to invoke with */
  async #giveUpOld(batch: StreamBatch): Promise<StreamBatch | undefined> {
    const { tooOld, rest } = partByAge(batch, this.#clock.nowMs() - this.#settings.recordAgeMsMax);
    const last = tooOld?.records.at(-1);
    if (tooOld !== undefined && last !== undefined) {
      this.#giveUp({ ...tooOld, condition: 'RecordAgeExceeded', lastResult: undefined });
      await this.#savePosition(last.dynamodb.SequenceNumber);
    }
    return rest;
  }

  /** Tells the destination before the position moves on: a crash in between tells it twice, not never. */
  #giveUp(given: StreamBatch & Pick<GivenUp, 'condition' | 'lastResult'>): void {
    const { stream, functionArn, onFailure } = this.#settings;
    const { records, failures: invokeCount, condition, lastResult } = given;
    this.#log(`${records.length} records were given up: ${condition}`);
    if (onFailure === undefined) return;
    const place = { streamArn: stream.arn, functionArn, nowMs: this.#clock.nowMs(), fallbackRequestId: randomUUID() };
    this.#sqs.send(onFailure, { body: toFailureMessage({ ...place, records, condition, invokeCount, lastResult }) });
  }

  #pauseAfter(failures: number): Promise<void> {
    return pause(this.#clock, backoffMs(failures, retryDelayMs), this.#stop.signal);
  }
}
