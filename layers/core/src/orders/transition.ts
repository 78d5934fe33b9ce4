/** The one function that changes an order. Total: every state meets every event, late fills after a cancel included. */

import type { AccountId } from '../ids.ts';
import { genesisHash, seal, streams } from '../journal/chain.ts';
import { compare, maximum, zeroAmount, zeroNotional } from '../money.ts';
import type { Cause, Fill, VenueOrder } from '../ports/venue.ts';
import { type DeniedIntent, finalStates, type Intent, type Order, type OrderState } from './order.ts';

interface At {
  /** When Nightdesk learned it; UTC epoch milliseconds. */
  atMs: number;
}

/** What can happen to an order. These are the events of an order's journal stream. */
export type OrderEvent =
  | (At & { type: 'order.intended'; intent: Intent })
  | (At & { type: 'order.denied'; intent: DeniedIntent; cause: Cause; failedOverTo?: AccountId })
  /** The venue is about to be called once more, after it showed (`cause`) that it does not have the order. */
  | (At & { type: 'order.attempted'; cause: Cause })
  /** The venue showed the order: its answer to placing it, or to a later question. */
  | (At & { type: 'order.observed'; order: VenueOrder })
  | (At & { type: 'order.rejected'; cause: Cause })
  | (At & { type: 'order.unknown'; cause: Cause })
  /** The venue showed, after the settling time, that it does not have the order. */
  | (At & { type: 'order.absent'; cause: Cause });

export type Transition =
  | { kind: 'changed'; order: OrderView }
  /** Nothing new: writing it would only repeat what is known. */
  | { kind: 'unchanged' }
  /** The event contradicts what the venue itself said before. Nothing is changed; someone must look. */
  | { kind: 'contradiction'; message: string };

/** An order without what the journal adds. */
export type OrderView = Omit<Order, 'version' | 'journalHash'>;

export function transition(order: OrderView | undefined, event: OrderEvent): Transition {
  if (order === undefined) return first(event);
  switch (event.type) {
    case 'order.intended':
    case 'order.denied':
      return { kind: 'contradiction', message: `order ${order.orderId} exists already` };
    case 'order.attempted':
      return order.state === 'unknown' || order.state === 'intended'
        ? changed(order, event.atMs, { state: 'intended', attempts: order.attempts + 1, attemptedAtMs: event.atMs })
        : { kind: 'contradiction', message: `an order that is ${order.state} is not placed again` };
    case 'order.observed':
      return observe(order, event.order, event.atMs);
    case 'order.rejected':
      return conclude(order, 'rejected', event);
    case 'order.absent':
      return conclude(order, 'not_placed', event);
    case 'order.unknown':
      return order.state === 'intended'
        ? changed(order, event.atMs, { state: 'unknown', cause: event.cause })
        : { kind: 'unchanged' };
  }
}

function first(event: OrderEvent): Transition {
  if (event.type === 'order.intended') {
    return { kind: 'changed', order: begin(event, 'intended', event.intent.reserved) };
  }
  if (event.type === 'order.denied') {
    const { cause, failedOverTo } = event;
    const order = { ...begin(event, 'denied', zeroNotional), cause, ...(failedOverTo && { failedOverTo }) };
    return { kind: 'changed', order };
  }
  return { kind: 'contradiction', message: `${event.type} came before the order was recorded` };
}

function begin(
  { intent, atMs }: At & { intent: Intent | DeniedIntent },
  state: OrderState,
  reserved: Order['reserved'],
): OrderView {
  const called = state === 'intended';
  return {
    ...intent,
    reserved,
    state,
    attempts: called ? 1 : 0,
    attemptedAtMs: atMs,
    filled: zeroAmount,
    fills: [],
    createdAtMs: atMs,
    updatedAtMs: atMs,
  };
}

/** Takes in what the venue shows. Quantities only grow: an answer that overtook a newer one changes nothing. */
function observe(order: OrderView, seen: VenueOrder, atMs: number): Transition {
  if (order.state === 'denied')
    return { kind: 'contradiction', message: 'the venue has an order that was denied here' };
  const filled = maximum(order.filled, seen.filled);
  const state = stateAfter(order, seen, filled);
  const fills = mergeFills(order.fills, seen.fills);
  const same = state === order.state && filled === order.filled && fills.length === order.fills.length;
  if (same && order.venueOrderId === seen.venueOrderId) return { kind: 'unchanged' };
  const newest = compare(seen.filled, order.filled) >= 0;
  const cost = newest && seen.cost !== undefined ? seen.cost : order.cost;
  const { cause: _cause, ...rest } = order;
  return changed(rest, atMs, {
    state,
    filled,
    fills,
    venueOrderId: seen.venueOrderId,
    ...(cost !== undefined && { cost }),
  });
}

function stateAfter(order: OrderView, seen: VenueOrder, filled: Order['filled']): OrderState {
  if (order.amount !== undefined && compare(filled, order.amount) >= 0) return 'filled';
  // A final word is not taken back by an older answer that still shows the order open.
  const venueSpokeLast =
    finalStates.has(order.state) && order.state !== 'not_placed' && order.venueOrderId !== undefined;
  if (seen.status === 'open' && venueSpokeLast) return order.state;
  return seen.status;
}

function mergeFills(known: readonly Fill[], seen: readonly Fill[]): Fill[] {
  const ids = new Set(known.map((fill) => fill.tradeId));
  const added = seen.filter((fill) => !ids.has(fill.tradeId) && ids.add(fill.tradeId));
  return [...known, ...added];
}

function conclude(order: OrderView, state: 'rejected' | 'not_placed', event: At & { cause: Cause }): Transition {
  if (order.state === state) return { kind: 'unchanged' };
  if (order.state !== 'intended' && order.state !== 'unknown') {
    return { kind: 'contradiction', message: `an order that is ${order.state} cannot become ${state}` };
  }
  return changed(order, event.atMs, { state, cause: event.cause });
}

/** A final order reserves nothing any more. */
function changed(order: OrderView, atMs: number, change: Partial<OrderView> & { state: OrderState }): Transition {
  const reserved = finalStates.has(change.state) ? zeroNotional : order.reserved;
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
