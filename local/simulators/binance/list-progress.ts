/** Says when a list of orders has begun and when it is done, from what becomes of its orders one by one. */
import { type EngineEvent, isOpen, type Order } from '../engine/types.ts';

/** The orders of a list as they are now. */
export type ListLookup = (listId: number) => readonly Readonly<Order>[];

export class ListProgress {
  readonly #listOf: ListLookup;
  readonly #ended = new Map<number, Set<number>>();

  constructor(listOf: ListLookup) {
    this.#listOf = listOf;
  }

  /**
   * The list, when this was the last of its orders to come, or the last of them to end.
   *
   * @param renamed whether the order has another client id now, which is told of too
   */
  after(
    { order, action }: Extract<EngineEvent, { type: 'order' }>,
    renamed: boolean,
  ): readonly Readonly<Order>[] | undefined {
    if (order.list === undefined) return undefined;
    const list = this.#listOf(order.list.id);
    if (renamed) return list;
    if (action === 'accepted') return list.at(-1)?.id === order.id ? list : undefined;
    if (isOpen(order)) return undefined;
    const ended = this.#ended.get(order.list.id) ?? new Set();
    this.#ended.set(order.list.id, ended.add(order.id));
    // What ended earlier than this one did so before a restart, if nobody heard of it here.
    const done = list.every((one) => ended.has(one.id) || (!isOpen(one) && one.updatedAtMs < order.updatedAtMs));
    if (done) this.#ended.delete(order.list.id);
    return done ? list : undefined;
  }
}
