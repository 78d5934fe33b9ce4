/** Finds orders by `orderLinkId`, which Bybit lets each account use once per category. */
import type { Order } from '../engine/types.ts';
import type { Category } from './errors.ts';

/** Begins the ids of orders whose sender gave none; no `orderLinkId` can. */
const ownPrefix = '#';

export class OrderLinks {
  readonly #orderIds = new Map<string, number>();
  readonly #categoryOf: (instrumentId: string) => Category;
  #nextOwn = 1;

  constructor(categoryOf: (instrumentId: string) => Category) {
    this.#categoryOf = categoryOf;
  }

  add(order: Readonly<Order>): void {
    this.#orderIds.set(keyOf(order.accountId, this.#categoryOf(order.instrumentId), order.clientOrderId), order.id);
  }

  find(accountId: string, category: Category, linkId: string): number | undefined {
    return this.#orderIds.get(keyOf(accountId, category, linkId));
  }

  /** An id for an order that came without. */
  inventLinkId(nowMs: number): string {
    return `${ownPrefix}${Math.floor(nowMs)}-${this.#nextOwn++}`;
  }

  clear(): void {
    this.#orderIds.clear();
  }
}

/** The `orderLinkId` as the sender gave it; empty when there was none. */
export function linkIdOf(order: Readonly<Order>): string {
  return order.clientOrderId.startsWith(ownPrefix) ? '' : order.clientOrderId;
}

function keyOf(accountId: string, category: Category, linkId: string): string {
  return `${accountId} ${category} ${linkId}`;
}
