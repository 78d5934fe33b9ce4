import { VenueError } from '../errors.ts';
import { type Amount, compare } from '../money.ts';
import type { VenueOrder } from '../ports/venue.ts';
import type { Deadline, ExecutionPorts } from './execution-ports.ts';
import type { Order } from './order.ts';
import { isAsWanted } from './plan-amendment.ts';
import { askVenue, type OrderContext, recordFact, referenceOf } from './resolve-order.ts';

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
  if (amendment === undefined) {
    const cut = cutTo(order, seen);
    const known = cut && (await recordFact(order, { type: 'order.amended', atMs, change: { amount: cut } }, ports));
    return recordFact(known ?? order, observed, ports);
  }
  const { change } = amendment;
  if (isAsWanted(seen, change)) {
    return recordFact(await recordFact(order, { type: 'order.amended', atMs, change }, ports), observed, ports);
  }
  if (seen.status === 'open') return recordFact(order, observed, ports);
  const cause = { code: 'order_not_open', message: `the order is ${seen.status}, and was not changed before` };
  return recordFact(await recordFact(order, { type: 'order.amend_refused', atMs, cause }, ports), observed, ports);
}

/**
 * The amount that a venue has cut an order to, which may only reduce and whose position has become smaller, as Bybit does. What is
 * left of it is all that it protects, and it stays so small when the position grows again.
 */
function cutTo({ reduceOnly, amount }: Order, seen: VenueOrder): Amount | undefined {
  if (reduceOnly !== true || seen.status !== 'open' || seen.amount === undefined || amount === undefined)
    return undefined;
  return compare(seen.amount, amount) < 0 ? seen.amount : undefined;
}

/** One look at an order. What the venue does not show changes nothing: tracking goes on asking. */
export async function observeOnce(order: Order, { venue, market }: OrderContext, ports: FollowPorts): Promise<Order> {
  const outcome = await venue.findOrder(referenceOf(order), market);
  return outcome.kind === 'found' ? recordSeen(order, outcome.order, ports) : order;
}

/**
 * Brings an order that the venue has up to date: one question.
 *
 * @throws VenueError when the venue does not show it
 */
export async function refreshOrder(order: Order, context: OrderContext, ports: FollowPorts): Promise<Order> {
  const outcome = await askVenue(order, context);
  // An open order that the venue no longer shows is a contradiction, not an order that was never placed: look again later.
  if (outcome.kind !== 'found') {
    const { code, message } = outcome.kind === 'absent' ? outcome.evidence : outcome.cause;
    throw new VenueError(order.venue, `does not show the open order ${order.orderId}: ${code}: ${message}`);
  }
  return recordSeen(order, outcome.order, ports);
}
