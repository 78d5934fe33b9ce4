/** One DynamoDB transaction, repeated while others are in its way. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type CancellationReason,
  type DynamoDBClient,
  TransactionCanceledException,
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
  for (let conflict = 0; ; conflict++) {
    try {
      await client.send(new TransactWriteItemsCommand({ TransactItems: items }));
      return { kind: 'written' };
    } catch (error) {
      if (!(error instanceof TransactionCanceledException)) throw error;
      const reasons = error.CancellationReasons ?? [];
      if (reasons.some((reason) => reason.Code === 'ConditionalCheckFailed')) return { kind: 'refused', reasons };
      const passing = reasons.some((reason) => passingReasons.has(reason.Code ?? ''));
      if (!passing || conflict >= conflictsMax) throw error;
      // Full jitter: those that collided once must not meet again.
      await sleep(Math.random() * conflictPauseMs * 2 ** conflict);
    }
  }
}

/** True when the condition of the item at `index` is what refused the transaction. */
export const failedAt = (reasons: readonly CancellationReason[], index: number): boolean =>
  reasons[index]?.Code === 'ConditionalCheckFailed';
