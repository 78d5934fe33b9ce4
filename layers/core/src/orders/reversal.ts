/**
 * A reversal closes, confirms, then opens. What closes is an order of its own, with an id that every delivery derives again;
 * what opens is planned anew once the venue shows that nothing is left of the old position.
 */
import { VenueError } from '../errors.ts';
import type { IntentId } from '../ids.ts';
import { stepIdOf } from '../ids.ts';
import { compare } from '../money.ts';
import type { Cause } from '../ports/venue.ts';
import type { SignalMessage } from '../signals/signal.ts';
import { insertIntent } from './intent-gate.ts';
import { finalStates, type Order } from './order.ts';
import { type Execution, intentOf, type LegPlace } from './plan-leg.ts';
import type { PlannedOrder } from './plan-orders.ts';
import { placeRecorded, resolveOrder } from './resolve-order.ts';

/** What became of the order that closes the way. */
export type Clearing =
  /** All of it was filled: the venue's position may take a moment to show it. */
  | { kind: 'closed' }
  /** It has ended, and something of the old position is left. */
  | { kind: 'failed'; cause: Cause };

/** The order that closes what stands in the way of an entry. */
export const reductionIdOf = (entryId: IntentId): IntentId => stepIdOf(entryId, 'reduce');

/**
 * Brings the closing order as far as it comes.
 *
 * @throws VenueError `reversal_pending` while the venue does not tell what became of it: the leg is to be delivered again
 */
export async function closeOpposite(
  reduce: PlannedOrder,
  message: SignalMessage,
  { entryId, place, execution }: { entryId: IntentId; place: LegPlace; execution: Execution },
): Promise<Clearing> {
  const { policy, ports } = execution;
  const orderId = reductionIdOf(entryId);
  const known = await ports.orders.get(orderId);
  const context = { ...place, policy };
  if (known !== undefined)
    return clearingOf(finalStates.has(known.state) ? known : await resolveOrder(known, context, ports));
  // It closes, so it reserves nothing, whatever its worth.
  const worth = { market: place.market, mode: policy.account.mode, rate: '1' };
  const inserted = await insertIntent(intentOf(reduce, { message, orderId }, worth), { policy }, ports);
  if (inserted.kind === 'denied') return { kind: 'failed', cause: inserted.denial };
  // Whoever came first is at work on it: asking is all that is left.
  const order =
    inserted.kind === 'created'
      ? await placeRecorded(inserted.order, context, ports)
      : await resolveOrder(inserted.order, context, ports);
  return clearingOf(order);
}

function clearingOf(order: Order): Clearing {
  const { orderId, state, filled, amount = '0', venue, cause } = order;
  if (compare(filled, amount) >= 0 && state === 'filled') return { kind: 'closed' };
  if (finalStates.has(state)) {
    const why = cause === undefined ? '' : `: ${cause.message}`;
    const message = `the order ${orderId} that was to close the position first ended ${state} with ${filled} of ${amount} filled${why}`;
    return { kind: 'failed', cause: { code: 'reversal_incomplete', message } };
  }
  const message = `has not shown yet what became of the order ${orderId} that closes the position first`;
  throw new VenueError(venue, message, { code: 'reversal_pending' });
}
