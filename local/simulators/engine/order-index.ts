/** Finds orders by their id, by the client's id and by account, in order of arrival. */
import { isOpen, type Order } from './types.ts';

export class OrderIndex {
  readonly #byId = new Map<number, Order>();
  readonly #latestByClientOrderId = new Map<string, Order>();
  readonly #byAccount = new Map<string, Order[]>();
  readonly #openByAccount = new Map<string, Set<Order>>();

  get size(): number {
    return this.#byId.size;
  }

  add(order: Order): void {
    this.#byId.set(order.id, order);
    this.#latestByClientOrderId.set(clientKey(order), order);
    groupOf(this.#byAccount, order.accountId, () => []).push(order);
    if (isOpen(order)) this.#openOf(order.accountId).add(order);
  }

  /** To be called whenever an order's status changed. */
  refresh(order: Order): void {
    if (!isOpen(order)) this.#openOf(order.accountId).delete(order);
  }

  /** Gives an order another client id; by its old one it is not found any more. */
  rename(order: Order, clientOrderId: string): void {
    if (this.byClientOrderId(order) === order) this.#latestByClientOrderId.delete(clientKey(order));
    order.clientOrderId = clientOrderId;
    this.#latestByClientOrderId.set(clientKey(order), order);
  }

  byId(orderId: number): Order | undefined {
    return this.#byId.get(orderId);
  }

  /** The latest order with this client id: ids may be used again once an order has ended. */
  byClientOrderId(key: { accountId: string; instrumentId: string; clientOrderId: string }): Order | undefined {
    return this.#latestByClientOrderId.get(clientKey(key));
  }

  of(accountId: string): readonly Order[] {
    return this.#byAccount.get(accountId) ?? [];
  }

  openOf(accountId: string): readonly Order[] {
    return [...this.#openOf(accountId)];
  }

  all(): IterableIterator<Order> {
    return this.#byId.values();
  }

  clear(): void {
    this.#byId.clear();
    this.#latestByClientOrderId.clear();
    this.#byAccount.clear();
    this.#openByAccount.clear();
  }

  #openOf(accountId: string): Set<Order> {
    return groupOf(this.#openByAccount, accountId, () => new Set());
  }
}

function clientKey(key: { accountId: string; instrumentId: string; clientOrderId: string }): string {
  return `${key.accountId} ${key.instrumentId} ${key.clientOrderId}`;
}

function groupOf<Group>(groups: Map<string, Group>, key: string, create: () => Group): Group {
  let group = groups.get(key);
  if (group === undefined) {
    group = create();
    groups.set(key, group);
  }
  return group;
}
