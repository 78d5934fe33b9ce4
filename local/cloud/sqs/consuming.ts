/** What a consumer does with a message it holds: delete it, or change for how long it stays hidden. */
import type { CloudClock } from '../clock.ts';
import type { Database } from './database.ts';
import { invalidValue, type SqsError } from './errors.ts';
import type { MessageRow, MessageStore } from './messages.ts';
import type { Queue } from './queues.ts';
import { parseReceipt } from './receipts.ts';

const visibilitySecondsMax = 43_200;

export type Outcome = SqsError | undefined;

/** @throws SqsError unless the value is 0 to 43,200 s */
export function checkVisibilitySeconds(seconds: number): void {
  if (seconds >= 0 && seconds <= visibilitySecondsMax) return;
  throw invalidValue(seconds, 'VisibilityTimeout', `Must be between 0 and ${visibilitySecondsMax}, if provided.`);
}

export type Consumer = ReturnType<typeof createConsumer>;

export function createConsumer(options: { database: Database; messages: MessageStore; clock: CloudClock }) {
  const { database, messages, clock } = options;

  /** FIFO: a handle ends with the visibility timeout, so that a slow consumer cannot delete what another now holds. */
  function checkCurrent(queue: Queue, row: MessageRow, { handle, nonce }: { handle: string; nonce: string }): void {
    if (queue.fifo && (row.receipt !== nonce || row.visibleMs <= clock.nowMs())) {
      throw invalidValue(handle, 'ReceiptHandle', 'The receipt handle has expired.');
    }
  }

  return {
    /**
     * Deletes the message of a receipt handle. Deleting twice succeeds, and so does an older handle of a standard
     * queue's message, which deletes nothing. @throws SqsError
     */
    delete(queue: Queue, handle: string): void {
      const { rowId, nonce } = parseReceipt(handle, queue.id);
      database.transaction(() => {
        const row = messages.find(queue, rowId);
        if (row === undefined) return;
        checkCurrent(queue, row, { handle, nonce });
        if (row.receipt === nonce) messages.remove(queue, row);
      });
    },

    /** Hides the message for `seconds` from now on; 0 gives it back at once. @throws SqsError */
    changeVisibility(queue: Queue, handle: string, seconds: number): void {
      checkVisibilitySeconds(seconds);
      const { rowId, nonce } = parseReceipt(handle, queue.id);
      database.transaction(() => {
        const nowMs = clock.nowMs();
        const row = messages.find(queue, rowId);
        if (row !== undefined) checkCurrent(queue, row, { handle, nonce });
        if (row === undefined || row.receipt !== nonce) {
          const reason = 'Message does not exist or is not available for visibility timeout change.';
          throw invalidValue(handle, 'ReceiptHandle', reason);
        }
        const visibleMs = nowMs + seconds * 1000;
        if (visibleMs > (row.receivedMs ?? nowMs) + visibilitySecondsMax * 1000) {
          const reason = `Total VisibilityTimeout for the message is beyond the limit [${visibilitySecondsMax} seconds]`;
          throw invalidValue(seconds, 'VisibilityTimeout', reason);
        }
        messages.setVisible(queue, row, visibleMs);
      });
    },
  };
}
