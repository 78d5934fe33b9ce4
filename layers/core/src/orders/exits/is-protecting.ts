import type { IntentId } from '../../ids.ts';
import { isPositive } from '../../money.ts';
import type { OrdersStore } from '../../ports/stores.ts';
import type { Order } from '../order.ts';

/**
 * True for an exit whose entry has opened something: canceling it would leave that position bare.
 *
 * @param known orders that need not be asked for
 */
export async function isProtecting(
  { role, parentId }: Pick<Order, 'role' | 'parentId'>,
  orders: Pick<OrdersStore, 'get'>,
  known: ReadonlyMap<IntentId, Order> = new Map(),
): Promise<boolean> {
  if (parentId === undefined || role === undefined || role === 'entry' || role === 'reduce') return false;
  const entry = known.get(parentId) ?? (await orders.get(parentId));
  return entry !== undefined && isPositive(entry.filled);
}
