/**
 * Canceling a recorded order. The wish is written down before the venue is asked, and stays on the order until the venue has
 * said that it ended: whoever finds it there asks again, which is safe, since an order can end only once. What was filled
 * meanwhile is taken in with the venue's word.
 */
import { add, compare, zeroAmount } from '../money.ts';
import type { CancelOutcome } from '../ports/venue.ts';
import { finalStates, type Order } from './order.ts';
import { type Following, type FollowPorts, observeOnce, recordSeen } from './record-seen.ts';
import { callStartMsMax, type OrderContext, recordFact, referenceOf, resolveOrder } from './resolve-order.ts';

/** Pauses between cancel calls whose outcome is not known. One call more than there are pauses is made at most. */
const pausesMs = [100, 300, 1_000, 2_000] as const;

/**
 * Ends what is left of an order.
 *
 * - one that waits at Nightdesk is canceled by that alone;
 * - one in doubt is resolved first, and canceled if the venue has it; it is never placed again on the way;
 * - one that is final stays as it is.
 *
 * @param reason why, for people; it becomes the order's cause
 * @returns the order as it is known then. Where it is not final, its `cancel` is set and tracking goes on.
 */
export async function cancelRecorded(order: Order, reason: string, { context, ports }: Following): Promise<Order> {
  if (finalStates.has(order.state)) return order;
  // It stays true whoever wrote first, so it is applied to the newer order then.
  const atMs = ports.clock.nowMs();
  const requested = await recordFact(order, { type: 'order.cancel_requested', atMs, reason }, ports);
  if (requested.state === 'open' || finalStates.has(requested.state)) return endAtVenue(requested, context, ports);
  const { policy } = context;
  const asked = { ...context, policy: { ...policy, onUnknown: 'give_up' as const } };
  return endAtVenue(await resolveOrder(requested, asked, ports), context, ports);
}

/** Asks until the order has ended, the calls are used up or time is. */
async function endAtVenue(order: Order, context: OrderContext, ports: FollowPorts): Promise<Order> {
  let current = order;
  for (const pauseMs of [...pausesMs, undefined]) {
    if (current.state !== 'open') return current;
    const outcome = await context.venue.cancelOrder(referenceOf(current), context.market);
    current = await recordOutcome(current, outcome, { context, ports });
    if (finalStates.has(current.state)) return completeFills(current, context, ports);
    if (pauseMs === undefined || ports.clock.nowMs() + pauseMs >= ports.deadlineMs) return current;
    await ports.clock.sleep(pauseMs);
  }
  return current;
}

async function recordOutcome(order: Order, outcome: CancelOutcome, { context, ports }: Following): Promise<Order> {
  if (outcome.kind !== 'unknown' && outcome.order !== undefined) {
    return recordSeen(order, outcome.order, ports);
  }
  // Nothing to cancel, and nothing shown: the order ended unseen, so it is looked at. An unknown outcome asks the venue again.
  return outcome.kind === 'not_open' ? lookForEnd(order, context, ports) : order;
}

/**
 * Some venues forget an order as soon as it is canceled without a fill. One that was there, is to end, and is found neither among
 * open and past orders nor behind a trade once nothing can be under way any more, has ended with what is known of it.
 */
async function lookForEnd(order: Order, { venue, market }: OrderContext, ports: FollowPorts): Promise<Order> {
  const askedAtMs = ports.clock.nowMs();
  const outcome = await venue.findOrder(referenceOf(order), market);
  if (outcome.kind === 'found') return recordSeen(order, outcome.order, ports);
  const { venueOrderId, cancel, filled } = order;
  const isForgotten =
    outcome.kind === 'absent' && cancel && askedAtMs > cancel.requestedAtMs + callStartMsMax + venue.settlingMs;
  if (!isForgotten || venueOrderId === undefined) return order;
  const gone = { venueOrderId, status: 'canceled' as const, filled, fills: [] };
  return recordSeen(order, gone, ports);
}

/** An answer to a cancellation often comes without the trades behind what was filled until then. */
async function completeFills(order: Order, context: OrderContext, ports: FollowPorts): Promise<Order> {
  const known = order.fills.reduce((sum, fill) => add(sum, fill.amount), zeroAmount);
  return compare(known, order.filled) < 0 ? observeOnce(order, context, ports) : order;
}
