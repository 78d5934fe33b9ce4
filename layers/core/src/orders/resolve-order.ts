/**
 * Placing a recorded order, and finding out what became of one. An unknown outcome is never repeated blind and never
 * written down as a failure: the venue is asked until it shows the order, or shows, once nothing can be under way any
 * more, that it does not have it.
 */
import { VersionConflictError } from '../errors.ts';
import type { VenueOrderId } from '../ids.ts';
import type { Amount } from '../money.ts';
import type { Market, Side } from '../ports/market-data.ts';
import type {
  Cause,
  ExecutionVenue,
  FindOutcome,
  OrderAbilities,
  OrderReference,
  OrderRequest,
  PlaceOutcome,
} from '../ports/venue.ts';
import { standingDenial } from '../risk/gate.ts';
import { type Deadline, type ExecutionPolicy, type ExecutionPorts, standingOf } from './execution-ports.ts';
import { finalStates, type Order } from './order.ts';
import type { OrderEvent } from './order-events.ts';
import { othersThan } from './others-than.ts';

/**
 * The call to the venue must begin within this time of being recorded, or it is not made. Whoever finds the order later
 * counts on it: after this and the venue's settling time, nothing can be under way.
 */
export const callStartMsMax = 2_000;
/** Pauses between the first questions to the venue, and between all later ones. */
const firstPausesMs = [50, 150, 400, 1_000] as const;
const laterPauseMs = 2_000;
const questionsMax = 30;
/** How often one order is placed in all, where the policy is to place it again. */
export const attemptsMax = 2;
/** How often a fact is applied anew because someone else wrote first. */
const conflictsMax = 5;

export interface OrderContext {
  venue: ExecutionVenue;
  market: Market;
  policy: ExecutionPolicy;
  /** Venue ids of the account's other orders in the market, for venues that know no ids of ours. */
  others?: readonly VenueOrderId[];
  /** One unit of the market's quote currency in the owner's, where it had to be asked for; absent is one. */
  rate?: string;
}

type Ports = Pick<ExecutionPorts, 'orders' | 'clock'> & Deadline;

/** Calls the venue for an order whose attempt has just been recorded, and stays with it until its state is known or time is up. */
export async function placeRecorded(order: Order, context: OrderContext, ports: Ports): Promise<Order> {
  const late = ports.clock.nowMs() - order.attemptedAtMs > callStartMsMax;
  if (late) return resolveOrder(order, context, ports);
  const abilities = context.venue.abilitiesOf(context.market);
  const outcome = await context.venue.placeOrder(requestOf(order, abilities), context.market);
  const placed = await recordFact(order, placedEvent(outcome, ports.clock.nowMs()), ports);
  return placed.state === 'unknown' ? resolveOrder(placed, context, ports) : placed;
}

function placedEvent(outcome: PlaceOutcome, atMs: number): OrderEvent {
  switch (outcome.kind) {
    case 'accepted':
      return { type: 'order.observed', atMs, order: outcome.order };
    case 'rejected':
      return { type: 'order.rejected', atMs, cause: outcome.evidence };
    case 'unknown':
      return { type: 'order.unknown', atMs, cause: outcome.cause };
  }
}

/** Asks the venue about an order until its state is known or the deadline has come; then it stays as it is, to be asked about later. */
export async function resolveOrder(order: Order, context: OrderContext, ports: Ports): Promise<Order> {
  let current = order;
  for (let question = 0; question < questionsMax; question++) {
    const askedAtMs = ports.clock.nowMs();
    const outcome = await findOwn(current, context, ports);
    const settled = askedAtMs > current.attemptedAtMs + callStartMsMax + context.venue.settlingMs;
    const nowMs = ports.clock.nowMs();
    if (outcome.kind === 'found') {
      current = await recordFact(current, { type: 'order.observed', atMs: nowMs, order: outcome.order }, ports);
    } else if (outcome.kind === 'unknown' && current.state === 'intended') {
      current = await recordFact(current, { type: 'order.unknown', atMs: nowMs, cause: outcome.cause }, ports);
    } else if (outcome.kind === 'absent' && settled) {
      const decision = decideOnAbsence(current, outcome.evidence, { policy: context.policy, nowMs });
      const decided = await recordDecision(current, decision, ports);
      current = decided.order;
      if (decided.won && decision.type === 'order.attempted') return placeRecorded(current, context, ports);
    }
    if (finalStates.has(current.state) || current.state === 'open') return current;
    const pauseMs = firstPausesMs[question] ?? laterPauseMs;
    if (ports.clock.nowMs() + pauseMs >= ports.deadlineMs) return current;
    await ports.clock.sleep(pauseMs);
  }
  return current;
}

/** What the venue is asked to place. What Nightdesk keeps in its stead, a trigger or an end, the venue is not told of. */
function requestOf(order: Order, { timesInForce }: OrderAbilities): OrderRequest {
  const { symbol, price, timeInForce, goodTillMs, reduceOnly, displayAmount, leverage, marginMode } = order;
  const { orderId: clientOrderId, side, amount } = requireSize(order);
  const isKept = order.handling === 'emulated';
  const worked = price === undefined ? 'market' : 'limit';
  const endsHere = timeInForce === 'GTD' && !timesInForce.has('GTD');
  return {
    ...{ clientOrderId, symbol, side, amount, type: isKept ? worked : order.type },
    ...(price !== undefined && { price }),
    ...(!isKept && order.triggerPrice !== undefined && { triggerPrice: order.triggerPrice }),
    ...(!isKept && order.trail !== undefined && { trail: order.trail }),
    ...(timeInForce !== undefined && { timeInForce: endsHere ? 'GTC' : timeInForce }),
    ...(goodTillMs !== undefined && !endsHere && { goodTillMs }),
    ...(reduceOnly !== undefined && { reduceOnly }),
    ...(displayAmount !== undefined && { displayAmount }),
    ...(leverage !== undefined && { leverage }),
    ...(marginMode !== undefined && { marginMode }),
  };
}

/** @throws TypeError for an order that was never one, which therefore no venue may be asked about */
function requireSize(order: Order): Order & { side: Side; amount: Amount } {
  const { side, amount } = order;
  if (side !== undefined && amount !== undefined) return { ...order, side, amount };
  throw new TypeError(`order ${order.orderId} is ${order.state} without side and amount`);
}

/** How the venue is told which order is meant. */
export function referenceOf(order: Order): OrderReference {
  const { orderId: clientOrderId, symbol, side, amount } = requireSize(order);
  const { venueOrderId, createdAtMs: sinceMs, attemptedAtMs, type, price } = order;
  return {
    ...{ clientOrderId, symbol, side, amount, sinceMs, attemptedAtMs },
    type: order.handling === 'emulated' ? (price === undefined ? 'market' : 'limit') : type,
    ...(price !== undefined && { price }),
    ...(venueOrderId !== undefined && { venueOrderId }),
  };
}

/** One question about an order, with all that is known of it. */
export const askVenue = (order: Order, { venue, market, others }: OrderContext): Promise<FindOutcome> =>
  venue.findOrder({ ...referenceOf(order), ...(others !== undefined && { others }) }, market);

/** Where the venue knows no ids of ours, what looks like this order may be another one that is known: then it is asked past that. */
async function findOwn(order: Order, context: OrderContext, ports: Ports): Promise<FindOutcome> {
  const outcome = await askVenue(order, context);
  if (outcome.kind !== 'found' || context.others !== undefined) return outcome;
  const others = await othersThan(order, ports);
  return others.includes(outcome.order.venueOrderId) ? askVenue(order, { ...context, others }) : outcome;
}

/** The venue does not have the order and nothing is under way: place it again, or leave it at that. */
function decideOnAbsence(
  order: Order,
  cause: Cause,
  { policy, nowMs }: { policy: ExecutionPolicy; nowMs: number },
): Extract<OrderEvent, { type: 'order.attempted' | 'order.absent' }> {
  const wanted = policy.onUnknown === 'place_again' && order.attempts < attemptsMax && nowMs <= policy.expiresAtMs;
  const again = wanted && standingDenial(standingOf(policy)) === undefined;
  return { type: again ? 'order.attempted' : 'order.absent', atMs: nowMs, cause };
}

/** Writes down what the venue said. It stays true whoever wrote first, so it is applied to the newer order then. */
export async function recordFact(order: Order, fact: OrderEvent, ports: Ports): Promise<Order> {
  let current = order;
  for (let conflict = 0; ; conflict++) {
    try {
      return await ports.orders.apply(current, fact);
    } catch (error) {
      if (!(error instanceof VersionConflictError) || conflict >= conflictsMax) throw error;
      current = await reload(order, error, ports);
    }
  }
}

/** Writes down what was decided on the order as it was read. When someone else wrote first, the decision is void. */
export async function recordDecision(
  order: Order,
  decision: OrderEvent,
  ports: Ports,
): Promise<{ order: Order; won: boolean }> {
  try {
    return { order: await ports.orders.apply(order, decision), won: true };
  } catch (error) {
    if (!(error instanceof VersionConflictError)) throw error;
    return { order: await reload(order, error, ports), won: false };
  }
}

async function reload(order: Order, conflict: VersionConflictError, ports: Ports): Promise<Order> {
  const newer = await ports.orders.get(order.orderId);
  if (newer === undefined) throw conflict;
  return newer;
}
