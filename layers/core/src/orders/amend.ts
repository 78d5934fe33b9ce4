/**
 * Changing an order as it stands. The change is written down before the venue is asked, and stays on the order until the
 * venue has shown the order as changed, or as it was once nothing can be under way any more.
 */
import type { AmendOutcome, Cause, OrderChange, VenueOrder } from '../ports/venue.ts';
import type { Order } from './order.ts';
import { isAsWanted, planAmendment } from './plan-amendment.ts';
import { type Following, type FollowPorts, recordSeen } from './record-seen.ts';
import {
  callStartMsMax,
  type OrderContext,
  recordDecision,
  recordFact,
  referenceOf,
  resolveOrder,
} from './resolve-order.ts';

/** Pauses between the first questions about a change, and between all later ones. */
const firstPausesMs = [50, 150, 400, 1_000] as const;
const laterPauseMs = 2_000;
const questionsMax = 30;
/** How often a change is begun anew because somebody else wrote first, or an earlier one had to be settled before. */
const roundsMax = 4;

/**
 * Changes a resting order, or one that waits at Nightdesk, without it ever being absent.
 *
 * @param change as wanted; it is brought to the market's steps, and what the order is already is no change
 * @returns the order as it is known then. With `amendment` its change is not certain yet, and tracking goes on; otherwise
 *   `isAsWanted` tells whether it was changed, and `cause` why it was not. A change that the order is not fit for, or that
 *   would reserve more than the order has, is not asked for: the order comes back as it was, see `planAmendment`.
 */
export async function amendRecorded(order: Order, change: OrderChange, { context, ports }: Following): Promise<Order> {
  let current = order;
  for (let round = 0; round < roundsMax; round++) {
    if (current.state === 'intended' || current.state === 'unknown') {
      current = await resolveOrder(current, giveUp(context), ports);
    }
    if (current.amendment !== undefined) current = await settleAmendment(current, context, ports);
    const isChangeable = current.state === 'open' || current.state === 'waiting';
    if (!isChangeable || current.amendment !== undefined || current.cancel !== undefined) return current;
    const plan = planAmendment(current, change, await amendmentContext(current, context));
    if (plan.kind !== 'in_place') return current;
    const atMs = ports.clock.nowMs();
    const decision = { type: 'order.amend_requested' as const, atMs, change: plan.change };
    const requested = await recordDecision(current, decision, ports);
    current = requested.order;
    if (!requested.won) continue;
    const { amendment } = current;
    // What waits at Nightdesk is changed by that alone.
    return amendment === undefined ? current : askForChange(current, amendment, { context, ports });
  }
  return current;
}

const giveUp = (context: OrderContext): OrderContext => ({
  ...context,
  policy: { ...context.policy, onUnknown: 'give_up' },
});

/** What planning a change starts from. Only what may be worth more than its limit has to be valued by the market. */
export async function amendmentContext(order: Order, { venue, market, rate }: OrderContext) {
  const known = { market, abilities: venue.abilitiesOf(market), ...(rate !== undefined && { rate }) };
  const { side, price, reduceOnly } = order;
  const isBounded = reduceOnly === true || (side === 'buy' && price !== undefined);
  if (isBounded || side === undefined) return known;
  return { ...known, marketPrice: await venue.fetchPrice(market, side) };
}

type Amendment = NonNullable<Order['amendment']>;

async function askForChange(
  order: Order,
  { change, requestedAtMs }: Amendment,
  { context, ports }: Following,
): Promise<Order> {
  // Whoever finds the change later counts on it that no call begins later than this.
  const isLate = ports.clock.nowMs() - requestedAtMs > callStartMsMax;
  if (isLate) return settleAmendment(order, context, ports);
  const outcome = await context.venue.amendOrder(referenceOf(order), change, context.market);
  return outcome.kind === 'unknown'
    ? settleAmendment(order, context, ports)
    : recordOutcome(order, outcome, { change, ports });
}

async function recordOutcome(
  order: Order,
  outcome: Exclude<AmendOutcome, { kind: 'unknown' }>,
  { change, ports }: { change: OrderChange; ports: FollowPorts },
): Promise<Order> {
  const atMs = ports.clock.nowMs();
  if (outcome.kind === 'not_amended') {
    const refused = await recordRefused(order, outcome.evidence, ports);
    return outcome.order === undefined ? refused : recordSeen(refused, outcome.order, ports);
  }
  // The change first: what was filled is a part of the amount as it is by now.
  const amended = await recordFact(order, { type: 'order.amended', atMs, change }, ports);
  return recordSeen(amended, outcome.order, ports);
}

const recordRefused = (order: Order, cause: Cause, ports: FollowPorts): Promise<Order> =>
  recordFact(order, { type: 'order.amend_refused', atMs: ports.clock.nowMs(), cause }, ports);

/**
 * Asks the venue whether a change has been made, until it shows that or the deadline has come; then the change stays on the
 * order, to be asked about later. One question at least.
 */
export async function settleAmendment(order: Order, context: OrderContext, ports: FollowPorts): Promise<Order> {
  let current = order;
  for (let question = 0; question < questionsMax; question++) {
    current = await askOnce(current, context, ports);
    if (current.amendment === undefined) return current;
    const pauseMs = firstPausesMs[question] ?? laterPauseMs;
    if (ports.clock.nowMs() + pauseMs >= ports.deadlineMs) return current;
    await ports.clock.sleep(pauseMs);
  }
  return current;
}

async function askOnce(order: Order, context: OrderContext, ports: FollowPorts): Promise<Order> {
  const { amendment } = order;
  if (amendment === undefined) return order;
  const { venue, market } = context;
  const askedAtMs = ports.clock.nowMs();
  const outcome = await venue.findOrder(referenceOf(order), market);
  if (outcome.kind !== 'found') return order;
  const { order: seen } = outcome;
  const { change, requestedAtMs } = amendment;
  const isOver = askedAtMs > requestedAtMs + callStartMsMax + venue.settlingMs;
  if (isAsWanted(seen, change) || seen.status !== 'open' || !isOver) return recordSeen(order, seen, ports);
  if (!tellsOf(seen, change)) {
    // The venue does not show what was to change, so only its answer to the change itself tells; it is safe to repeat.
    const repeated = await venue.amendOrder(referenceOf(order), change, market);
    return repeated.kind === 'unknown' ? order : recordOutcome(order, repeated, { change, ports });
  }
  const code = 'not_amended';
  const refused = await recordRefused(order, { code, message: 'the venue shows the order as it was' }, ports);
  return recordSeen(refused, seen, ports);
}

const tellsOf = (seen: VenueOrder, change: OrderChange): boolean =>
  (change.amount === undefined || seen.amount !== undefined) &&
  (change.price === undefined || seen.price !== undefined) &&
  (change.triggerPrice === undefined || seen.triggerPrice !== undefined);
