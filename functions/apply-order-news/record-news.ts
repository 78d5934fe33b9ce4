/** Writes down what a venue has told of an order, as tracking writes down what it answers. */
import {
  finalStates,
  type Order,
  type OrderNews,
  recordFact,
  recordSeen,
  referenceOf,
  type VenueOrder,
} from '@nightdesk/core';
import { contextOf, type FollowRound, onceWith } from '../shared/order-context.ts';

/**
 * News may be seconds old when they are read. Quantities and ends stay true; the terms of an order that is open need not, so those
 * are left to whoever asks: a cut or a change of the order that was made since would be taken back by them.
 *
 * @returns the order as it is known then
 */
export async function recordNews(order: Order, { order: seen }: OrderNews, round: FollowRound): Promise<Order> {
  const ports = onceWith(round);
  if (seen.status === 'open') {
    return recordFact(order, { type: 'order.observed', atMs: ports.clock.nowMs(), order: seen }, ports);
  }
  if (!mayGoOn(order, seen)) return recordSeen(order, seen, ports);
  const filled = await recordFact(
    order,
    { type: 'order.observed', atMs: ports.clock.nowMs(), order: { ...seen, status: 'open' } },
    ports,
  );
  return confirmEnd(filled, seen, round);
}

/** What the venue answers goes before what it told; where it has the order no more, it has ended. No answer leaves it to tracking. */
async function confirmEnd(order: Order, seen: VenueOrder, round: FollowRound): Promise<Order> {
  const { venue, market } = await contextOf(order, round);
  const outcome = await venue.findOrder(referenceOf(order), market);
  if (outcome.kind === 'unknown') return order;
  return recordSeen(order, outcome.kind === 'found' ? outcome.order : seen, onceWith(round));
}

/**
 * At some venues an order that is triggered ends, and goes on as another one or as itself. Taken for its end, a second one would be
 * placed beside it; so an end that nobody has asked for is only believed when the venue is asked.
 */
function mayGoOn(order: Order, { status }: OrderNews['order']): boolean {
  const isTriggered = order.triggerPrice !== undefined || order.trail !== undefined;
  const isAskedFor = order.cancel !== undefined || finalStates.has(order.state);
  return isTriggered && order.handling !== 'emulated' && !isAskedFor && status !== 'filled';
}
