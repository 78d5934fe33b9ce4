/** The fault that lets an order trade in the instant before a request cancels or changes it. */
import type { SeededVenue } from '../engine/seeded-venue.ts';
import { isOpen, type Order } from '../engine/types.ts';
import type { RequestEffects } from './request-faults.ts';

/**
 * To be called once a request has named an order that it will cancel or change, and before it looks at what is left of
 * it. Each call is one occasion for the fault.
 */
export function letFillFirst(
  call: { venue: { market: SeededVenue }; fillFirst?: RequestEffects['fillFirst'] },
  order: Readonly<Order>,
  symbol: string,
): void {
  if (!isOpen(order)) return;
  const share = call.fillFirst?.(symbol);
  if (share !== undefined) call.venue.market.engine.fillShare(order.id, share);
}
