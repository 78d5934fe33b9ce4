/** One instrument's order book: price levels, best first, each a queue in order of arrival. */
import { type Decimal, smaller, zero } from './decimal.ts';
import type { Order, Side } from './types.ts';

/** An order in the book; without `order` it is one of the market maker's quotes. */
export interface Resting {
  readonly side: Side;
  readonly price: Decimal;
  remaining: Decimal;
  /** What the book shows and what trades before the order goes to the end of its queue again. */
  visible: Decimal;
  readonly displayQuantity: Decimal | undefined;
  readonly order: Order | undefined;
}

export interface Level {
  readonly price: Decimal;
  readonly queue: Resting[];
}

export type LevelListener = (side: Side, price: Decimal) => void;

export interface Appetite {
  /** Worst price accepted; absent takes any. */
  readonly limitPrice?: Decimal | undefined;
  readonly quantity?: Decimal | undefined;
  readonly quoteQuantity?: Decimal | undefined;
}

export class OrderBook {
  readonly #levels: Record<Side, Level[]> = { buy: [], sell: [] };
  readonly #listeners = new Set<LevelListener>();
  #updateId: number;

  constructor(firstUpdateId: number) {
    this.#updateId = firstUpdateId;
  }

  /** Grows by one with each change of a level; depth snapshots and differences refer to it. */
  get updateId(): number {
    return this.#updateId;
  }

  /** Tells of each level that changed; returns the function that ends it. */
  onLevelChange(listener: LevelListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  levels(side: Side): readonly Level[] {
    return this.#levels[side];
  }

  best(side: Side): Level | undefined {
    return this.#levels[side][0];
  }

  /** Visible amount at a price; zero when there is no such level. */
  quantityAt(side: Side, price: Decimal): Decimal {
    const { index, found } = this.#locate(side, price);
    return found ? visibleQuantity(this.#levels[side][index]) : zero;
  }

  add(resting: Resting): void {
    const { index, found } = this.#locate(resting.side, resting.price);
    if (found) this.#levels[resting.side][index]?.queue.push(resting);
    else this.#levels[resting.side].splice(index, 0, { price: resting.price, queue: [resting] });
    this.#changed(resting.side, resting.price);
  }

  remove(resting: Resting): void {
    const { index, found } = this.#locate(resting.side, resting.price);
    const level = found ? this.#levels[resting.side][index] : undefined;
    const position = level?.queue.indexOf(resting) ?? -1;
    if (level === undefined || position < 0) return;
    level.queue.splice(position, 1);
    if (level.queue.length === 0) this.#levels[resting.side].splice(index, 1);
    this.#changed(resting.side, resting.price);
  }

  /** Takes `quantity` from a resting order; an iceberg that has shown its part goes to the end of the queue. */
  reduce(resting: Resting, quantity: Decimal): void {
    resting.remaining = resting.remaining.minus(quantity);
    resting.visible = resting.visible.minus(quantity);
    if (resting.remaining.lte(zero)) {
      this.remove(resting);
      return;
    }
    if (resting.visible.lte(zero) && resting.displayQuantity !== undefined) {
      resting.visible = smaller(resting.displayQuantity, resting.remaining);
      const queue = this.#levels[resting.side][this.#locate(resting.side, resting.price).index]?.queue;
      const position = queue?.indexOf(resting) ?? -1;
      if (queue !== undefined && position >= 0) queue.push(...queue.splice(position, 1));
    }
    this.#changed(resting.side, resting.price);
  }

  /** Makes a resting order smaller without taking it from its place in the queue. */
  shrink(resting: Resting, remaining: Decimal): void {
    resting.remaining = remaining;
    resting.visible = smaller(resting.visible, remaining);
    this.#changed(resting.side, resting.price);
  }

  /** What taking from this side of the book would get, hidden parts of icebergs included. */
  estimate(side: Side, appetite: Appetite): { quantity: Decimal; quote: Decimal } {
    let quantity = zero;
    let quote = zero;
    for (const level of this.#levels[side]) {
      if (appetite.limitPrice !== undefined && !crosses(side, level.price, appetite.limitPrice)) break;
      for (const resting of level.queue) {
        let taken = resting.remaining;
        if (appetite.quantity !== undefined) taken = smaller(taken, appetite.quantity.minus(quantity));
        if (appetite.quoteQuantity !== undefined) {
          taken = smaller(taken, appetite.quoteQuantity.minus(quote).div(level.price));
        }
        if (taken.lte(zero)) return { quantity, quote };
        quantity = quantity.plus(taken);
        quote = quote.plus(taken.times(level.price));
      }
    }
    return { quantity, quote };
  }

  #changed(side: Side, price: Decimal): void {
    this.#updateId += 1;
    for (const listener of this.#listeners) listener(side, price);
  }

  #locate(side: Side, price: Decimal): { index: number; found: boolean } {
    const levels = this.#levels[side];
    const direction = side === 'buy' ? -1 : 1;
    let low = 0;
    let high = levels.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const order = (levels[middle]?.price.cmp(price) ?? 0) * direction;
      if (order === 0) return { index: middle, found: true };
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    return { index: low, found: false };
  }
}

/** Whether somebody who accepts `limitPrice` may trade with a level on `side`. */
export function crosses(side: Side, levelPrice: Decimal, limitPrice: Decimal): boolean {
  return side === 'sell' ? levelPrice.lte(limitPrice) : levelPrice.gte(limitPrice);
}

export function visibleQuantity(level: Level | undefined): Decimal {
  let sum = zero;
  for (const resting of level?.queue ?? []) sum = sum.plus(resting.visible);
  return sum;
}
