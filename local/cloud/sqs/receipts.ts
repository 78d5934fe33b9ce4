/** Receipt handles: opaque to callers, they name one receive of one message of one queue. */
import { SqsError } from './errors.ts';

export interface Receipt {
  queueId: number;
  rowId: number;
  nonce: string;
}

export function formatReceipt({ queueId, rowId, nonce }: Receipt): string {
  return Buffer.from(`${queueId}.${rowId}.${nonce}`).toString('base64');
}

/** @throws SqsError ReceiptHandleIsInvalid unless the handle was given out by the queue `queueId` */
export function parseReceipt(handle: string, queueId: number): Receipt {
  const parts = /^(\d+)\.(\d+)\.([0-9a-f-]{36})$/.exec(Buffer.from(handle, 'base64').toString());
  if (parts === null || Number(parts[1]) !== queueId) {
    throw new SqsError('ReceiptHandleIsInvalid', `The input receipt handle "${handle}" is not a valid receipt handle.`);
  }
  return { queueId, rowId: Number(parts[2]), nonce: parts[3] ?? '' };
}
