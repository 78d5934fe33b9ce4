/** What an event-source mapping needs from the queues and from Lambda. */
import type { InvokeRequest, InvokeResult } from '../lambda/index.ts';
import type { Sqs } from '../sqs/index.ts';

/**
 * The queues. A FIFO queue keeps the order of each message group by holding a group back while any of its messages is in
 * flight, which is all that the mapping relies on: it works on one batch of a group at a time because it never gets two.
 */
export type SqsSource = Pick<Sqs, 'queueByArn' | 'receive' | 'deleteBatch'>;

/** The functions. A refusal for want of concurrency is an error that `isThrottled` recognises. */
export interface FunctionInvoker {
  invoke(request: InvokeRequest): Promise<InvokeResult>;
  /** @throws Error when there is no such function */
  settings(functionName: string): { readonly timeoutMs: number; readonly reservedConcurrency: number | undefined };
}
