/** Holds every order and position of the desk against what the simulated venues have. */
import { add, amount, compare, isPositive, type Order, subtract, type VenueId, zeroAmount } from '@nightdesk/core';
import { traitsOf } from '@nightdesk/exchange/traits/index.ts';
import type { VenueOrder } from './venue-truth.ts';

/** Something that must not be. */
export interface Violation {
  /** In a sentence. */
  what: string;
  orderId?: string;
  signalId?: string;
}

/** Orders of the desk with what their venues have under their ids. */
export interface Paired {
  order: Order;
  atVenue: VenueOrder | undefined;
}

const kindOf = ({ symbol }: Order): 'spot' | 'perpetual' => (symbol.includes(':') ? 'perpetual' : 'spot');
const keyOf = (venue: string, clientOrderId: string): string => `${venue} ${clientOrderId}`;

/** States in which nothing of an order was ever at its venue, and the cause says why. */
const withoutOrder: ReadonlySet<string> = new Set(['waiting', 'denied', 'rejected', 'not_placed', 'no_order']);
const inDoubt: ReadonlySet<string> = new Set(['intended', 'unknown']);

export function pairOrders(
  orders: readonly Order[],
  venueOrders: readonly VenueOrder[],
): { pairs: Paired[]; violations: Violation[] } {
  const byId = Map.groupBy(venueOrders, ({ venue, clientOrderId }) => keyOf(venue, clientOrderId));
  const violations: Violation[] = [];
  const pairs = orders.map((order): Paired => {
    const { orderId, venue } = order;
    const clientOrderId = traitsOf(venue as VenueId).clientOrderIdFor(orderId, { kind: kindOf(order) });
    const key = keyOf(venue, clientOrderId);
    const [atVenue, ...more] = byId.get(key) ?? [];
    byId.delete(key);
    if (more.length > 0) violations.push({ what: `is at ${venue} ${more.length + 1} times`, orderId });
    return { order, atVenue };
  });
  for (const strangers of byId.values()) {
    for (const { venue, account, clientOrderId, status } of strangers) {
      violations.push({
        what: `${venue} has an order ${clientOrderId} of ${account} (${status}) that the desk does not know`,
      });
    }
  }
  return { pairs, violations };
}

/** One violation per order that the two see differently. */
export const judgeOrders = (pairs: readonly Paired[]): Violation[] =>
  pairs.flatMap((pair) => differencesOf(pair).map((what) => ({ what, orderId: pair.order.orderId })));

function differencesOf({ order, atVenue }: Paired): string[] {
  const { state, cause, venue, filled, fills, venueOrderId, amount: wanted, reserved } = order;
  if (inDoubt.has(state)) return [`is still ${state}: ${cause?.code}`];
  if (order.cancel !== undefined && state === 'open') return [`is still to be canceled: ${order.cancel.reason}`];
  if (order.amendment !== undefined) return ['is still to be changed'];
  const found: string[] = [];
  // Nobody throws a switch in a soak.
  if (cause?.code === 'switch_not_active') found.push(`was denied by a switch: ${cause.message}`);
  if (wanted !== undefined && compare(filled, wanted) > 0) found.push(`is filled ${filled} of ${wanted}`);
  if (state !== 'open' && state !== 'waiting' && compare(reserved, '0') !== 0) found.push(`still reserves ${reserved}`);
  if (atVenue === undefined) {
    if (!withoutOrder.has(state) && !isCanceledUnplaced(order))
      found.push(`is ${state}, and ${venue} does not have it`);
    if (state !== 'waiting' && cause === undefined) found.push(`is ${state} without a cause`);
    return found;
  }
  if (withoutOrder.has(state) && state !== 'rejected') found.push(`is ${state}, and ${venue} has it`);
  if (state !== atVenue.state && !(state === 'rejected' && !isPositive(amount(atVenue.executed)))) {
    found.push(`is ${state}, and ${atVenue.status} at ${venue}`);
  }
  if (compare(filled, atVenue.executed) !== 0) found.push(`is filled ${filled}, and ${atVenue.executed} at ${venue}`);
  if (venueOrderId !== undefined && venueOrderId !== atVenue.venueOrderId) {
    found.push(`is number ${venueOrderId}, and ${atVenue.venueOrderId} at ${venue}`);
  }
  const told = fills.reduce((sum, fill) => add(sum, fill.amount), zeroAmount);
  if (compare(told, atVenue.executed) !== 0) found.push(`has fills of ${told}, and ${atVenue.executed} at ${venue}`);
  return found;
}

/** A waiting order that was canceled was never at a venue. */
const isCanceledUnplaced = ({ state, handling, attempts }: Order): boolean =>
  state === 'canceled' && handling === 'emulated' && attempts === 0;

export interface DeskPosition {
  account: string;
  symbol: string;
  quantity: string;
}

export const positionKey = (account: string, symbol: string): string => `${account} ${symbol}`;

/** What the fills at the venues add up to, by account and unified symbol; fees in the base asset of a spot market included. */
export function positionsAtVenues(pairs: readonly Paired[]): Map<string, string> {
  const positions = new Map<string, string>();
  for (const { order, atVenue } of pairs) {
    if (atVenue === undefined) continue;
    const key = positionKey(order.account, order.symbol);
    let quantity = amount(positions.get(key) ?? '0');
    const base = order.symbol.includes(':') ? undefined : order.symbol.split('/')[0];
    for (const { qty, commission, commissionAsset } of atVenue.fills) {
      quantity = atVenue.side === 'buy' ? add(quantity, amount(qty)) : subtract(quantity, amount(qty));
      if (commissionAsset === base) quantity = subtract(quantity, amount(commission));
    }
    positions.set(key, quantity);
  }
  return positions;
}

/** The desk's positions against what the fills at the venues add up to. */
export function judgePositions(shown: readonly DeskPosition[], actual: ReadonlyMap<string, string>): Violation[] {
  const known = new Map(shown.map(({ account, symbol, quantity }) => [positionKey(account, symbol), quantity]));
  return [...new Set([...known.keys(), ...actual.keys()])].flatMap((key) => {
    const [here, there] = [known.get(key) ?? '0', actual.get(key) ?? '0'];
    if (compare(amount(here), amount(there)) === 0) return [];
    return [{ what: `the position of ${key} is ${here} on GET /positions, and its fills add up to ${there}` }];
  });
}
