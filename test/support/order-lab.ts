/**
 * A desk of one account on a fake venue, in memory, whose every call of a store or of the venue can be cut in on: before it
 * happens and after it has, which is where crashes and fills are worst.
 */
import {
  type AccountId,
  type Amount,
  accountOf,
  add,
  compare,
  type Delivery,
  type ExecutionPolicy,
  type ExecutionPorts,
  gateLimitsOf,
  type Intent,
  type Market,
  type Order,
  type OrderContext,
  type OrderEvent,
  placeRecorded,
  price,
  subtract,
} from '@nightdesk/core';
import { createManualClock, type ManualClock } from './clocks.ts';
import { deskConfig } from './desk-config.ts';
import { FakeVenue } from './fake-venue.ts';
import { insertWithin } from './gates.ts';
import { btcUsdt } from './markets.ts';
import { createMemoryBooks } from './memory-books.ts';
import { createMemoryOrders, createMemoryPositions, createMemoryRisk, MemoryTables } from './memory-stores.ts';
import { intent } from './orders.ts';

/** Called at every point where something can come in between; throws to crash there. */
export type AtPoint = (call: string, when: 'before' | 'after') => void;

/** The end of a process. Nothing of what it had in mind is left. */
export class CrashError extends Error {
  override readonly name = 'CrashError';
}

const venueCalls = ['placeOrder', 'findOrder', 'cancelOrder', 'amendOrder', 'fetchOpenOrders', 'fetchTicker'] as const;

export class OrderLab {
  readonly clock: ManualClock = createManualClock();
  readonly tables = new MemoryTables();
  readonly venue: FakeVenue;
  readonly market: Market;
  /** How often each method of the venue was called. */
  readonly calls = new Map<string, number>();
  policy: ExecutionPolicy;
  atPoint: AtPoint = () => {};
  readonly #orders;

  constructor({ market = btcUsdt, config = deskConfig() } = {}) {
    this.market = market;
    this.venue = new FakeVenue({ clock: this.clock });
    this.#orders = createMemoryOrders(this.tables);
    const account = accountOf(config, intent.account);
    if (account === undefined) throw new Error('the account is configured');
    const expiresAtMs = this.clock.nowMs() + 3_600_000;
    const limits = gateLimitsOf(config, intent.account);
    this.policy = { account, limits, liveTrading: false, onUnknown: 'give_up', standIns: [], expiresAtMs };
  }

  get context(): OrderContext {
    return { venue: this.#watched(this.venue, venueCalls), market: this.market, policy: this.policy };
  }

  ports(patienceMs = 29_000): ExecutionPorts & Delivery {
    return {
      orders: this.#watched(this.#orders, ['insertIntent', 'insertDenied', 'apply']),
      risk: createMemoryRisk(this.tables),
      positions: createMemoryPositions(this.tables),
      books: createMemoryBooks(this.tables),
      clock: this.clock,
      findMarket: async () => this.market,
      isVenueFailing: async () => false,
      handOver: async () => {},
      openVenue: async () => this.context.venue,
      deadlineMs: this.clock.nowMs() + patienceMs,
      retryPauseMs: 1_000,
    };
  }

  async record(changes: Partial<Intent> = {}, ...events: OrderEvent[]): Promise<Order> {
    const risk = createMemoryRisk(this.tables);
    for (const key of ['*', intent.account] as (AccountId | '*')[]) await risk.ensure(key, this.clock.nowMs());
    const recorded = { ...intent, receivedAtMs: this.clock.nowMs(), ...changes };
    const event = { type: 'order.intended' as const, atMs: this.clock.nowMs(), intent: recorded };
    const result = await insertWithin(this.#orders, event, this.policy.limits.account);
    if (result.kind !== 'created') throw new Error(`not recorded: ${JSON.stringify(result)}`);
    let { order } = result;
    for (const next of events) order = await this.#orders.apply(order, next);
    return order;
  }

  /** An order that the desk has placed. */
  async place(changes: Partial<Intent> = {}): Promise<Order> {
    return placeRecorded(await this.record(changes), { ...this.context, venue: this.venue }, this.ports());
  }

  /** Lets a part of an order that rests at the venue fill at its price, as far as it is open. */
  fillPart(orderId: string, size: Amount): void {
    const order = this.venue.ordersWith(orderId).find(({ status }) => status === 'open');
    if (order === undefined) return;
    const left = subtract(order.request.amount, order.filled);
    const filled = compare(size, left) < 0 ? size : left;
    const tradeId = `${order.venueOrderId}-${order.fills.length + 1}`;
    const at = order.request.price ?? price('100');
    order.fills.push({ tradeId, amount: filled, price: at, atMs: this.clock.nowMs() });
    order.filled = add(order.filled, filled);
    if (compare(order.filled, order.request.amount) === 0) order.status = 'filled';
  }

  stored(orderId: string = intent.orderId): Order {
    const order = this.tables.orders.get(orderId);
    if (order === undefined) throw new Error(`there is no order ${orderId}`);
    return structuredClone(order);
  }

  typesOf(orderId: string = intent.orderId): string[] {
    return (this.tables.journal.get(`order#${orderId}`) ?? []).map(({ type }) => type);
  }

  /** The object with its calls cut in on. Rules and state stay those of the one it stands before. */
  #watched<T extends object>(target: T, methods: readonly (keyof T & string)[]): T {
    const names: ReadonlySet<string | symbol> = new Set(methods);
    return new Proxy(target, {
      get: (_, name) => {
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== 'function') return member;
        if (!names.has(name)) return member.bind(target);
        return async (...parameters: unknown[]) => {
          this.atPoint(String(name), 'before');
          this.calls.set(String(name), (this.calls.get(String(name)) ?? 0) + 1);
          const result: unknown = await member.apply(target, parameters);
          this.atPoint(String(name), 'after');
          return result;
        };
      },
    });
  }
}
