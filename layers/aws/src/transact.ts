/** One DynamoDB transaction, repeated while others are in its way. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type CancellationReason,
  type DynamoDBClient,
  TransactionCanceledException,
  TransactionInProgressException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';

/** Reasons that say "not now" rather than "no". */
const passingReasons = new Set(['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded']);
const conflictsMax = 8;
const conflictPauseMs = 8;

export type TransactResult =
  | { kind: 'written' }
  /** One entry per item of the transaction; the code is `None` where the item's own condition held. */
  | { kind: 'refused'; reasons: readonly CancellationReason[] };

/**
 * Writes all items or none. A failed condition is a result; anything else throws.
 *
 * @throws the SDK's error, also when other transactions stay in the way for `conflictsMax` tries
 */
export async function transact(client: DynamoDBClient, items: TransactWriteItem[]): Promise<TransactResult> {
  // One token for all tries: one that was written after all, its answer lost, is then answered and not refused.
  const token = randomUUID();
  for (let conflict = 0; ; conflict++) {
    try {
      await client.send(new TransactWriteItemsCommand({ TransactItems: items, ClientRequestToken: token }));
      return { kind: 'written' };
    } catch (error) {
      const reasons = error instanceof TransactionCanceledException ? (error.CancellationReasons ?? []) : [];
      if (reasons.some((reason) => reason.Code === 'ConditionalCheckFailed')) return { kind: 'refused', reasons };
      const passing =
        error instanceof TransactionInProgressException ||
        reasons.some((reason) => passingReasons.has(reason.Code ?? ''));
      if (!passing || conflict >= conflictsMax) throw error;
      // Full jitter: those that collided once must not meet again.
      await sleep(Math.random() * conflictPauseMs * 2 ** conflict);
    }
  }
}

/** True when the condition of the item at `index` is what refused the transaction. */
export const failedAt = (reasons: readonly CancellationReason[], index: number): boolean =>
  reasons[index]?.Code === 'ConditionalCheckFailed';
