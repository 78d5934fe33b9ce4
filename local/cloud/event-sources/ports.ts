/** What an event-source mapping needs from the queues and from Lambda. */
import type { InvokeRequest, InvokeResult } from '../lambda/index.ts';

export interface SqsQueue {
  readonly arn: string;
  readonly fifo: boolean;
  readonly settings: { readonly visibilityMs: number };
}

export interface SqsMessage {
  messageId: string;
  receiptHandle: string;
  body: string;
  bodyMd5: string;
  /** `SentTimestamp`, `ApproximateReceiveCount`, `MessageGroupId`, … */
  systemAttributes: Readonly<Record<string, string>>;
  /** What the sender attached; `BinaryValue` is base64. */
  attributes: Readonly<Record<string, { DataType: string; StringValue?: string; BinaryValue?: string }>>;
}

/**
 * The queues. A FIFO queue keeps the order of each message group by holding a group back while any of its messages is in
 * flight, which is all that the mapping relies on: it works on one batch of a group at a time because it never gets two.
 */
export interface SqsSource {
  queueByArn(arn: string): SqsQueue | undefined;
  /** Long poll; an empty list when nothing came within `waitMs` or `signal` ended the wait. At most 10 messages. */
  receive(request: {
    queue: SqsQueue;
    messagesMax: number;
    waitMs: number;
    signal: AbortSignal;
  }): Promise<readonly SqsMessage[]>;
  /** @returns why a message was not deleted, in the order of the handles; undefined where it was */
  deleteBatch(queue: SqsQueue, receiptHandles: readonly string[]): readonly (Error | undefined)[];
}

/** The functions. A refusal for want of concurrency is an error that `isThrottled` recognises. */
export interface FunctionInvoker {
  invoke(request: InvokeRequest): Promise<InvokeResult>;
  /** @throws Error when there is no such function */
  settings(functionName: string): { readonly timeoutMs: number; readonly reservedConcurrency: number | undefined };
}
