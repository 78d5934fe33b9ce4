/** Cancels one order and says what is certain about it. */
import type {
  CancelOutcome,
  Cause,
  FindOutcome,
  Market,
  OrderReference,
  VenueOrder,
  VenueOrderId,
} from '@nightdesk/core';
import type { VenueSession } from './venue-session.ts';

/** Looks at the order, before where only our own id is known, and after to see what became of it. */
type Find = (venueOrderId?: VenueOrderId) => Promise<FindOutcome>;

interface Cancellation {
  reference: OrderReference;
  market: Market;
  find: Find;
}

export async function cancelOrder(session: VenueSession, cancellation: Cancellation): Promise<CancelOutcome> {
  const { reference, find } = cancellation;
  if (reference.venueOrderId !== undefined) return cancelById(session, cancellation, reference.venueOrderId);
  // Venues differ in whether and how they cancel by our id; by their own all do.
  const found = await find();
  if (found.kind !== 'found') return notFound(found);
  return found.order.status === 'open'
    ? cancelById(session, cancellation, found.order.venueOrderId)
    : ended(found.order);
}

async function cancelById(
  session: VenueSession,
  { market, find }: Cancellation,
  id: VenueOrderId,
): Promise<CancelOutcome> {
  const result = await session.call('order', () => session.use(market).cancelOrder(id, market.symbol));
  if (result.kind === 'failed' && !isWord(result.failure)) return { kind: 'unknown', cause: result.failure.cause };
  const after = await find(id);
  if (after.kind !== 'found') return notFound(after);
  if (result.kind === 'answered' && after.order.status === 'canceled') return { kind: 'canceled', order: after.order };
  if (after.order.status !== 'open') return ended(after.order);
  return { kind: 'unknown', cause: result.kind === 'failed' ? result.failure.cause : pending };
}

const pending: Cause = {
  code: 'cancel_pending',
  message: 'the venue took the cancellation and still shows the order as open',
};

/** The venue's refusal, which may mean that the order has ended: it is looked at again. */
const isWord = ({ className, meaning }: { className: string; meaning: string }): boolean =>
  className === 'OrderNotFound' || meaning === 'rejected';

const notFound = (outcome: Exclude<FindOutcome, { kind: 'found' }>): CancelOutcome =>
  outcome.kind === 'absent' ? { kind: 'not_open', evidence: outcome.evidence } : outcome;

function ended(order: VenueOrder): CancelOutcome {
  const evidence: Cause = { code: 'order_not_open', message: `the venue shows the order as ${order.status}` };
  return { kind: 'not_open', order, evidence };
}
