import type { VenueOrderId } from '../ids.ts';
import type { ExecutionPorts } from './execution-ports.ts';
import type { Order } from './order.ts';

/** Orders that are looked through for those that one in doubt is not. */
const recentMax = 100;

/**
 * Venue ids of the account's other orders in the market: where a venue knows no ids of ours, an order in doubt is none of those.
 * Asked for anew each time, since one that was found a moment ago is another by now; nothing is asked for one that has its id.
 */
export async function othersThan(
  { venueOrderId, account, symbol }: Order,
  { orders, clock }: Pick<ExecutionPorts, 'orders' | 'clock'>,
): Promise<readonly VenueOrderId[]> {
  if (venueOrderId !== undefined) return [];
  const page = await orders.list({ account, symbol, limit: recentMax, nowMs: clock.nowMs() });
  return page.orders.flatMap((other) => other.venueOrderId ?? []);
}
