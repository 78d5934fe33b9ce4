import type { VenueOrder } from '../ports/venue.ts';
import type { Deadline, ExecutionPorts } from './execution-ports.ts';
import type { Order } from './order.ts';
import { isAsWanted } from './plan-amendment.ts';
import { type OrderContext, recordFact, referenceOf } from './resolve-order.ts';

/** What following an order needs from outside. */
export type FollowPorts = Pick<ExecutionPorts, 'orders' | 'clock'> & Deadline;

/** Where an order is, and what it is followed with. */
export interface Following<Ports extends FollowPorts = FollowPorts> {
  context: OrderContext;
  ports: Ports;
}

/**
 * Writes down how the venue shows an order. A change that it was asked for comes first where the answer tells of it: what was
 * filled is a part of the amount as it is by now, and an order that has ended is changed no more.
 */
export async function recordSeen(order: Order, seen: VenueOrder, ports: FollowPorts): Promise<Order> {
  const atMs = ports.clock.nowMs();
  const observed = { type: 'order.observed' as const, atMs, order: seen };
  const { amendment } = order;
  if (amendment === undefined) return recordFact(order, observed, ports);
  const { change } = amendment;
  if (isAsWanted(seen, change)) {
    return recordFact(await recordFact(order, { type: 'order.amended', atMs, change }, ports), observed, ports);
  }
  if (seen.status === 'open') return recordFact(order, observed, ports);
  const cause = { code: 'order_not_open', message: `the order is ${seen.status}, and was not changed before` };
  return recordFact(await recordFact(order, { type: 'order.amend_refused', atMs, cause }, ports), observed, ports);
}

/** One look at an order. What the venue does not show changes nothing: tracking goes on asking. */
export async function observeOnce(order: Order, { venue, market }: OrderContext, ports: FollowPorts): Promise<Order> {
  const outcome = await venue.findOrder(referenceOf(order), market);
  return outcome.kind === 'found' ? recordSeen(order, outcome.order, ports) : order;
}
