/** The one function that changes an order. Total: every state meets every event, late fills after a cancel included. */

import { genesisHash, seal, streams } from '../journal/chain.ts';
import { compare, isPositive, maximum, zeroAmount, zeroNotional } from '../money.ts';
import type { Cause, OrderChange, VenueOrder } from '../ports/venue.ts';
import type { Exits } from './exits.ts';
import { type DeniedIntent, finalStates, type Intent, isGiveWayReason, type Order, type OrderState } from './order.ts';
import type { At, FirstEvent, OrderEvent } from './order-events.ts';
import { costAfter, mergeFills } from './seen-fills.ts';

export type Transition =
  | { kind: 'changed'; order: OrderView }
  /** Nothing new: writing it would only repeat what is known. */
  | { kind: 'unchanged' }
  /** The event contradicts what the venue itself said before. Nothing is changed; someone must look. */
  | { kind: 'contradiction'; message: string };

/** An order without what the journal adds. */
export type OrderView = Omit<Order, 'version' | 'journalHash'>;

const contradiction = (message: string): Transition => ({ kind: 'contradiction', message });
const unchanged: Transition = { kind: 'unchanged' };

export function transition(order: OrderView | undefined, event: OrderEvent): Transition {
  if (order === undefined) return first(event);
  switch (event.type) {
    case 'order.intended':
    case 'order.denied':
    case 'order.concluded':
      return contradiction(`order ${order.orderId} exists already`);
    case 'order.attempted':
      return order.state === 'unknown' || order.state === 'intended'
        ? changed(order, event.atMs, { state: 'intended', attempts: order.attempts + 1, attemptedAtMs: event.atMs })
        : contradiction(`an order that is ${order.state} is not placed again`);
    case 'order.triggered':
      return order.state === 'waiting'
        ? changed(order, event.atMs, { state: 'intended', attempts: 1, attemptedAtMs: event.atMs })
        : contradiction(`an order that is ${order.state} waits for no trigger`);
    case 'order.trailed':
      return order.state === 'waiting' ? changed(order, event.atMs, { trailedTo: event.price }) : unchanged;
    case 'order.observed':
      return observe(order, event.order, event.atMs);
    case 'order.rejected':
      return conclude(order, 'rejected', event);
    case 'order.absent':
      return conclude(order, 'not_placed', event);
    case 'order.unknown':
      return order.state === 'intended'
        ? changed(order, event.atMs, { state: 'unknown', cause: event.cause })
        : unchanged;
    case 'order.cancel_requested':
      return requestCancel(order, event);
    case 'order.amend_requested':
      return requestAmendment(order, event);
    case 'order.amended':
      return amend(order, event.change, event.atMs);
    case 'order.amend_refused':
      return order.amendment === undefined
        ? unchanged
        : changed(without(order, 'amendment'), event.atMs, { cause: event.cause });
    case 'order.trades_given_up':
      return finalStates.has(order.state) ? changed(order, event.atMs, { tradesGivenUp: true }) : unchanged;
    case 'order.settled':
      return order.settling === undefined ? unchanged : changed(without(order, 'settling'), event.atMs, {});
    case 'order.exit_planned':
    case 'order.exits_changed':
      return changeExits(order, event);
  }
}

function first(event: OrderEvent): Transition {
  switch (event.type) {
    case 'order.intended': {
      const state = event.intent.handling === 'emulated' ? 'waiting' : 'intended';
      return { kind: 'changed', order: begin(event, state, event.intent.reserved) };
    }
    case 'order.denied': {
      const { cause, failedOverTo } = event;
      const order = { ...begin(event, 'denied', zeroNotional), cause, ...(failedOverTo && { failedOverTo }) };
      return { kind: 'changed', order };
    }
    case 'order.concluded':
      return { kind: 'changed', order: { ...begin(event, 'no_order', zeroNotional), cause: event.cause } };
    default:
      return contradiction(`${event.type} came before the order was recorded`);
  }
}

function begin(
  { intent, atMs }: FirstEvent & { intent: Intent | DeniedIntent },
  state: OrderState,
  reserved: Order['reserved'],
): OrderView {
  const isPlanned = 'exitPlan' in intent && intent.exitPlan !== undefined;
  return {
    ...intent,
    reserved,
    state,
    attempts: state === 'intended' ? 1 : 0,
    attemptedAtMs: atMs,
    filled: zeroAmount,
    fills: [],
    ...(isPlanned && { exits: { state: 'waiting', steps: [] } satisfies Exits }),
    createdAtMs: atMs,
    updatedAtMs: atMs,
  };
}

/**
 * What waits at Nightdesk is canceled by that; anything else is the venue's to end. The first wish counts, unless it was for the
 * sake of a replacement: who wants the order gone wants nothing in its place.
 */
function requestCancel(order: OrderView, { atMs, reason }: At & { reason: string }): Transition {
  const gaveWay = order.cancel !== undefined && isGiveWayReason(order.cancel.reason) && !isGiveWayReason(reason);
  if (finalStates.has(order.state) || (order.cancel !== undefined && !gaveWay)) return unchanged;
  if (order.state !== 'waiting') return changed(order, atMs, { cancel: { requestedAtMs: atMs, reason } });
  return changed(order, atMs, { state: 'canceled', cause: { code: 'canceled_while_waiting', message: reason } });
}

function requestAmendment(order: OrderView, { atMs, change }: At & { change: OrderChange }): Transition {
  if (order.state === 'waiting') return changed(order, atMs, change);
  if (order.state !== 'open') return contradiction(`an order that is ${order.state} cannot be amended`);
  if (order.cancel !== undefined) return contradiction('an order that is being canceled cannot be amended');
  return changed(order, atMs, { amendment: { requestedAtMs: atMs, change } });
}

/** The venue's word on the order's terms. They are taken over whatever became of the order since. */
function amend(order: OrderView, change: OrderChange, atMs: number): Transition {
  if (order.venueOrderId === undefined) return contradiction('the venue changed an order that it never showed');
  return changed(without(without(order, 'amendment'), 'cause'), atMs, change);
}

type ExitsEvent = Extract<OrderEvent, { type: 'order.exit_planned' | 'order.exits_changed' }>;

function changeExits(order: OrderView, event: ExitsEvent): Transition {
  const { exits } = order;
  if (exits === undefined) return contradiction('an order without an exit plan has no exits');
  if (event.type === 'order.exit_planned') {
    const { step } = event;
    const isKnown = exits.steps.some(({ name, orderId }) => name === step.name || orderId === step.orderId);
    if (isKnown) return contradiction(`the exit ${step.name} is planned already`);
    return changed(order, event.atMs, { exits: { ...exits, steps: [...exits.steps, step] } });
  }
  const { cause, ...change } = event.change;
  const { cause: before, ...rest } = exits;
  const kept = cause === undefined ? before : (cause ?? undefined);
  return changed(order, event.atMs, { exits: { ...rest, ...change, ...(kept && { cause: kept }) } });
}

/** Takes in what the venue shows. Quantities only grow: an answer that overtook a newer one changes nothing. */
function observe(order: OrderView, seen: VenueOrder, atMs: number): Transition {
  const isOurs = order.state !== 'denied' && order.state !== 'no_order' && order.state !== 'waiting';
  if (!isOurs) return contradiction(`the venue has an order that is ${order.state} here`);
  const filled = maximum(order.filled, seen.filled);
  const state = stateAfter(order, seen, filled);
  const fills = mergeFills(order.fills, seen.fills, filled);
  const cost = costAfter(order, seen, { filled, fills });
  const isCostNew = order.cost === undefined && cost !== undefined && isPositive(filled);
  const same = state === order.state && filled === order.filled && fills === order.fills && !isCostNew;
  if (same && order.venueOrderId === seen.venueOrderId) return unchanged;
  const ended = finalStates.has(state);
  const reason = state === 'canceled' && order.cancel !== undefined ? order.cancel.reason : undefined;
  // Trades that become known later do not change why an order ended.
  const rest = without(ended && state === order.state ? order : without(order, 'cause'), 'cost');
  const exits = reopened(order, filled);
  const settling = settlingAfter(order, state, atMs);
  return changed(without(ended ? without(rest, 'cancel') : rest, 'settling'), atMs, {
    state,
    filled,
    fills: [...fills],
    ...(settling && { settling }),
    ...(exits && { exits }),
    venueOrderId: seen.venueOrderId,
    ...(cost !== undefined && { cost }),
    ...(reason !== undefined && { cause: { code: 'canceled', message: reason } }),
  });
}

/** What ends short of its amount may still have fills that the venue tells later. */
function settlingAfter({ state: before, settling }: OrderView, state: OrderState, atMs: number): Order['settling'] {
  if (state !== 'canceled' && state !== 'expired') return undefined;
  return state === before ? settling : { sinceMs: atMs };
}

/** A late fill is a position that has to be protected; one that somebody has closed by hand stays closed. */
function reopened({ exits, filled: before }: OrderView, filled: Order['filled']): Exits | undefined {
  if (exits?.state !== 'done' || exits.cause?.code === 'nothing_held' || compare(filled, before) <= 0) return undefined;
  const { cause: _over, ...rest } = exits;
  return { ...rest, state: 'waiting' };
}

function stateAfter(order: OrderView, seen: VenueOrder, filled: Order['filled']): OrderState {
  // While a change of the amount is under way, only the venue knows how much the whole is.
  const isSettled = order.amendment === undefined || seen.status !== 'open';
  if (isSettled && order.amount !== undefined && compare(filled, order.amount) >= 0) return 'filled';
  // A final word is not taken back by an older answer that still shows the order open.
  const venueSpokeLast =
    finalStates.has(order.state) && order.state !== 'not_placed' && order.venueOrderId !== undefined;
  if (seen.status === 'open' && venueSpokeLast) return order.state;
  return seen.status;
}

function conclude(order: OrderView, state: 'rejected' | 'not_placed', event: At & { cause: Cause }): Transition {
  if (order.state === state) return unchanged;
  if (order.state !== 'intended' && order.state !== 'unknown') {
    return contradiction(`an order that is ${order.state} cannot become ${state}`);
  }
  return changed(without(order, 'cancel'), event.atMs, { state, cause: event.cause });
}

function without(order: OrderView, field: 'cause' | 'cancel' | 'amendment' | 'settling' | 'cost'): OrderView {
  const { [field]: _removed, ...rest } = order;
  return rest;
}

/** A final order reserves nothing any more. */
function changed(order: OrderView, atMs: number, change: Partial<OrderView>): Transition {
  const reserved = finalStates.has(change.state ?? order.state) ? zeroNotional : order.reserved;
  return { kind: 'changed', order: { ...order, ...change, reserved, updatedAtMs: atMs } };
}

/** An order after an event together with the journal event that says so. `undefined` when the event changes nothing. */
export function applyEvent(order: Order | undefined, event: OrderEvent): AppliedEvent | undefined {
  const result = transition(order, event);
  if (result.kind === 'contradiction') throw new OrderContradictionError(order?.orderId ?? 'unknown', result.message);
  if (result.kind === 'unchanged') return undefined;
  const { type, atMs, ...data } = event;
  const sequence = (order?.version ?? 0) + 1;
  const entry = { stream: streams.order(result.order.orderId), sequence, type, atMs, data };
  const journalEvent = seal(entry, order?.journalHash ?? genesisHash);
  return { order: { ...result.order, version: sequence, journalHash: journalEvent.hash }, journalEvent };
}

export interface AppliedEvent {
  order: Order;
  journalEvent: ReturnType<typeof seal>;
}

/** An event contradicts what is known of an order. Never swallowed: it means a defect here or at the venue. */
export class OrderContradictionError extends Error {
  override readonly name = 'OrderContradictionError';
  readonly orderId: string;

  constructor(orderId: string, message: string) {
    super(`order ${orderId}: ${message}`);
    this.orderId = orderId;
  }
}
