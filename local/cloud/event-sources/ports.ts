/** What event-source mappings need from the services they stand between. */
import type { CloudClock } from '../clock.ts';
import type { ChangeStreams } from '../dynamodb/index.ts';
import type { InvokeRequest, InvokeResult } from '../lambda/index.ts';
import type { Sqs } from '../sqs/index.ts';

/**
 * The queues. A FIFO queue keeps the order of each message group by holding a group back while any of its messages is in
 * flight, which is all that the mapping relies on: it works on one batch of a group at a time because it never gets two.
 */
export type SqsSource = Pick<Sqs, 'queueByArn' | 'receive' | 'deleteBatch' | 'send'>;

/** The streams of tables, which also keep how far each mapping has come. */
export type StreamSource = ChangeStreams;

/** The functions. A refusal for want of concurrency is an error that `isThrottled` recognises. */
export interface FunctionInvoker {
  invoke(request: InvokeRequest): Promise<InvokeResult>;
  /** @throws Error when there is no such function */
  settings(functionName: string): { readonly timeoutMs: number; readonly reservedConcurrency: number | undefined };
}

export interface PollerOptions {
  sqs: SqsSource;
  /** Without them, a mapping of a stream is refused. */
  streams?: StreamSource;
  lambda: FunctionInvoker;
  clock: CloudClock;
  /** Told what went wrong, in one line. @default console.error */
  log?: (message: string) => void;
}

/** One kind of source: reads from it and invokes the function. */
export interface Poller {
  /** Reads until stopped. Never fails. */
  run(): Promise<void>;
  stop(): void;
  /** Waits until nothing is being worked on; once stopped, until what was under way has ended. */
  waitForQuiet(): Promise<void>;
}
