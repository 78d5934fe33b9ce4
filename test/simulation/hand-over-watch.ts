/** What must hold of legs that go from one account to another, whatever the desk believes of them. */
import { type AccountId, type IntentId, type Order, orderIdOf, type Signal, type SignalMessage } from '@nightdesk/core';
import { type Desk, ordersWith } from './desk.ts';

/** Looks at the messages that the queue took and at the orders that venues did, each once. */
export class HandOverWatch {
  readonly #desk: Desk;
  /** Which leg of which signal an order is for. */
  readonly #legs = new Map<IntentId, string>();
  readonly #venueOrders = new Map<string, string>();
  #messages = 0;

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  /** @returns what is wrong with the messages that came since it was asked last, or `undefined` */
  messageViolation(): string | undefined {
    const { accepted } = this.#desk.queue;
    if (accepted.size === this.#messages) return undefined;
    const added = [...accepted.values()].slice(this.#messages);
    this.#messages = accepted.size;
    for (const { message } of added) {
      const id = orderIdOf(message);
      const leg = `leg ${message.leg} of ${message.signal.signalId}`;
      const known = this.#legs.get(id) ?? leg;
      this.#legs.set(id, leg);
      if (known !== leg) return `${known} and ${leg} are to become the one order ${id}`;
      const violation = this.#wayViolation(message);
      if (violation !== undefined) return `${leg}: ${violation}`;
    }
    return undefined;
  }

  /** @returns what is wrong with an order that a venue has just taken, or `undefined` */
  venueOrderViolation({ orderId, parentId, replaces, role }: Order): string | undefined {
    const { orders } = this.#desk.tables;
    const before = parentId ?? replaces;
    if (before !== undefined)
      return orders.has(before) ? undefined : `${orderId} follows from ${before}, which is not recorded`;
    // What clears the way of an entry is known by the entry's leg, and by being another order than it.
    if (role === 'reduce') return undefined;
    const leg = this.#legs.get(orderId);
    if (leg === undefined) return `a venue has the order ${orderId}, of which no message tells`;
    const twin = this.#venueOrders.get(leg);
    this.#venueOrders.set(leg, orderId);
    return twin && `${leg} has two orders at venues: ${twin} and ${orderId}`;
  }

  /** A row that says that somebody else has the leg is the first and last word about its own order. */
  rowViolation({ orderId, failedOverTo, state, version }: Order): string | undefined {
    if (failedOverTo === undefined) return undefined;
    if (state !== 'denied' || version !== 1) return `${orderId} was handed over and is ${state} at version ${version}`;
    const [order] = ordersWith(this.#desk, orderId);
    return order && `${orderId} was handed over to ${failedOverTo}, and its own venue has it`;
  }

  #wayViolation({ tried = [], account, ...message }: SignalMessage): string | undefined {
    const giver = tried.at(-1);
    if (giver === undefined) return undefined;
    const { tables, settings } = this.#desk;
    const way = [...tried, account];
    if (new Set(way).size < way.length) return `it came back to an account that had it: ${way.join(' → ')}`;
    if (way.length > Object.keys(settings.accounts).length) return `more had it than there are: ${way.join(' → ')}`;
    const allows = settings.failover[message.signal.source as keyof typeof settings.failover];
    if (!allows) return `its source lets nobody stand in, and ${account} does`;
    const row = tables.orders.get(orderIdOf({ ...message, account: giver, tried: tried.slice(0, -1) }));
    if (row?.failedOverTo === account) return undefined;
    return `${giver} handed it over to ${account} and has recorded ${row?.failedOverTo ?? row?.state ?? 'nothing'}`;
  }
}

/** What is wrong with where the legs of a signal have ended, or `undefined`. */
export function legsViolation(signal: Signal, desk: Pick<Desk, 'tables' | 'settings'>): string | undefined {
  const ends = new Set<string>();
  for (const [leg, account] of signal.accounts.entries()) {
    const { order, way } = followLeg({ signal, account, leg, lane: '' }, desk);
    const path = way.join(' → ');
    if (order === undefined) return `led to nothing on ${path}`;
    if (order.failedOverTo !== undefined) return `went round and round: ${path}`;
    if (ends.has(order.orderId)) return `two of its legs led to the one order ${order.orderId}, the second by ${path}`;
    ends.add(order.orderId);
  }
  return undefined;
}

/** Every account that had a leg has recorded who had it next, up to the one that says what became of it. */
function followLeg(message: SignalMessage, { tables, settings }: Pick<Desk, 'tables' | 'settings'>) {
  const way: AccountId[] = [message.account];
  const read = () =>
    tables.orders.get(orderIdOf({ ...message, account: way.at(-1) ?? message.account, tried: way.slice(0, -1) }));
  let order = read();
  while (order?.failedOverTo !== undefined && way.length < Object.keys(settings.accounts).length) {
    way.push(order.failedOverTo);
    order = read();
  }
  return { order, way };
}
