/** Queues in memory under a clock that tests move, for tests that need no HTTP in between. */
import { createMovableClock, type MovableClock } from '../../../local/cloud/clock.ts';
import { createSqs, type Queue, type ReceivedMessage, type Sqs } from '../../../local/cloud/sqs/index.ts';

export interface Fixture {
  clock: MovableClock;
  sqs: Sqs;
  /** Creates a queue, FIFO when its name says so. */
  queue(name: string, properties?: Record<string, unknown>): Queue;
  /** Sends to a group, deduplicated by the body unless `deduplicationId` says otherwise. */
  send(queue: Queue, groupId: string, body: string, deduplicationId?: string): void;
  /** Receives without waiting. */
  receive(queue: Queue, messagesMax?: number, visibilityMs?: number): Promise<ReceivedMessage[]>;
}

export function createFixture(directory?: string): Fixture {
  const clock = createMovableClock();
  const sqs = createSqs({ clock, origin: () => 'http://127.0.0.1:4566', ...(directory ? { directory } : {}) });
  return {
    clock,
    sqs,
    queue(name, properties = {}) {
      return sqs.createQueue({
        name,
        properties: { ...(name.endsWith('.fifo') ? { FifoQueue: true } : {}), ...properties },
      });
    },
    send(queue, groupId, body, deduplicationId = body) {
      sqs.send(queue, { body, groupId, deduplicationId });
    },
    receive: (queue, messagesMax = 10, visibilityMs) => sqs.receive({ queue, messagesMax, waitMs: 0, visibilityMs }),
  };
}

export function bodies(messages: readonly ReceivedMessage[]): string[] {
  return messages.map(({ body }) => body);
}

export function handles(messages: readonly ReceivedMessage[]): string[] {
  return messages.map(({ receiptHandle }) => receiptHandle);
}

/** The ARN of a redrive policy's dead-letter queue, as CloudFormation properties. */
export function redriveTo(target: Queue, maxReceiveCount: number): Record<string, unknown> {
  return { RedrivePolicy: { deadLetterTargetArn: target.arn, maxReceiveCount } };
}
