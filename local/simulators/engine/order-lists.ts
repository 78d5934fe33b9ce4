/** Lists of two orders of which the first to trade or to trigger ends the other. They share what is set aside. */
import type { Admission } from './admission.ts';
import type { OrderFunds } from './bookkeeping.ts';
import type { ChangeLog } from './change-log.ts';
import { zero } from './decimal.ts';
import type { MarketState } from './market-state.ts';
import type { Matcher } from './matcher.ts';
import { isOpen, type Order, type OrderRequest, type RejectReason } from './types.ts';

export interface OrderListsOptions {
  changes: ChangeLog;
  matcher: Matcher;
  marketOf(instrumentId: string): MarketState;
  admission: Admission;
  accept(request: OrderRequest, funds: OrderFunds, market: MarketState): Order;
  finish(market: MarketState): void;
}

export type PlaceListResult =
  | { readonly ok: true; readonly listId: number; readonly orders: readonly Readonly<Order>[] }
  | { readonly ok: false; readonly reason: RejectReason };

export class OrderLists {
  readonly #options: OrderListsOptions;
  readonly #lists = new Map<number, Order[]>();
  #nextId = 1;

  constructor(options: OrderListsOptions) {
    this.#options = options;
  }

  /** Takes in both orders or none. @throws Error when they are not of one account, side and spot market. */
  place(requests: readonly [OrderRequest, OrderRequest], clientId: string): PlaceListResult {
    const { admission, accept, changes, matcher, finish } = this.#options;
    const market = this.#marketOfBoth(requests);
    const list = { id: this.#nextId, clientId };
    const judged = requests.map((request) => ({
      request: { ...request, list },
      funds: admission.judge(request, market),
    }));
    let most = zero;
    const wanted: { request: OrderRequest; funds: OrderFunds }[] = [];
    for (const { request, funds } of judged) {
      if (typeof funds === 'string') return { ok: false, reason: funds };
      if (funds.reserve.gt(most)) most = funds.reserve;
      wanted.push({ request, funds });
    }
    this.#nextId += 1;
    // The first order holds what the dearer of the two needs, until one of them goes ahead.
    const orders = wanted.map(({ request, funds }, index) =>
      accept(request, { ...funds, reserve: index === 0 ? most : zero }, market),
    );
    for (const order of orders) {
      this.add(order);
      changes.note('accepted', order);
      if (order.trigger === undefined) matcher.work(order, market);
      else market.triggers.add(order);
    }
    finish(market);
    return { ok: true, listId: list.id, orders: orders.map((order) => ({ ...order })) };
  }

  /** Remembers an order of a list; to be called for those that come out of the store, too. */
  add(order: Order): void {
    if (order.list === undefined) return;
    const { id } = order.list;
    const members = this.#lists.get(id);
    if (members === undefined) this.#lists.set(id, [order]);
    else members.push(order);
    this.#nextId = Math.max(this.#nextId, id + 1);
  }

  /** The orders of a list, in the order in which they were sent. */
  of(listId: number): readonly Readonly<Order>[] {
    return this.#lists.get(listId) ?? [];
  }

  /** The open orders that are in an order's list with it. */
  othersOf(order: Readonly<Order>): Order[] {
    const members = order.list === undefined ? [] : (this.#lists.get(order.list.id) ?? []);
    return members.filter((other) => other.id !== order.id && isOpen(other));
  }

  ids(): IterableIterator<number> {
    return this.#lists.keys();
  }

  /** Hands what is set aside for a list to the order that goes ahead. */
  claim(order: Order): void {
    for (const other of this.othersOf(order)) {
      order.reserved = order.reserved.plus(other.reserved);
      other.reserved = zero;
    }
  }

  /** Ends whatever else is in the list of an order that traded or triggered. */
  endOthers(order: Order, market: MarketState): void {
    this.claim(order);
    for (const other of this.othersOf(order)) {
      this.#options.matcher.end(other, market, { status: 'expired', reason: 'other-of-list' });
    }
  }

  clear(): void {
    this.#lists.clear();
    this.#nextId = 1;
  }

  #marketOfBoth([first, second]: readonly [OrderRequest, OrderRequest]): MarketState {
    const market = this.#options.marketOf(first.instrumentId);
    const fits =
      first.instrumentId === second.instrumentId &&
      first.accountId === second.accountId &&
      first.side === second.side &&
      first.clientOrderId !== second.clientOrderId &&
      market.instrument.perpetual === undefined;
    if (!fits) throw new Error('a list takes two orders of one account, side and spot market, with ids of their own');
    return market;
  }
}
