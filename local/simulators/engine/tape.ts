/** The latest public trades of one instrument. */
import type { Decimal } from './decimal.ts';
import type { Trade } from './types.ts';

const tradesMax = 1000;

export class Tape {
  #trades: Trade[] = [];
  #nextTradeId: number;

  constructor(firstTradeId: number) {
    this.#nextTradeId = firstTradeId;
  }

  get lastPrice(): Decimal | undefined {
    return this.#trades.at(-1)?.price;
  }

  takeTradeId(): number {
    return this.#nextTradeId++;
  }

  append(trade: Trade): void {
    this.#trades.push(trade);
    // Cutting only now and then keeps appending cheap.
    if (this.#trades.length > 2 * tradesMax) this.#trades = this.#trades.slice(-tradesMax);
  }

  /** Oldest first, at most 1000. */
  recent(limit: number): readonly Trade[] {
    return this.#trades.slice(-Math.min(limit, tradesMax));
  }
}
