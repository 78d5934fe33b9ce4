/**
 * A book built from a venue's messages by its documentation alone, slowly and plainly: what the books of the desk are compared with. It
 * shares nothing with them.
 */
import { crc32 } from 'node:zlib';
import type { BybitBookFrame, TextLevel } from '../../bench/recorded-books.ts';

export type { BybitBookFrame, TextLevel };

export interface BookSides<Level> {
  bids: Level[];
  asks: Level[];
}

const sides = ['bids', 'asks'] as const;
const checkedLevels = 10;

export class ReplayBook {
  readonly #levels = { bids: new Map<number, TextLevel>(), asks: new Map<number, TextLevel>() };

  clear(): void {
    for (const side of sides) this.#levels[side].clear();
  }

  /** Sets levels; an amount of zero takes one away. */
  apply(changes: { bids: readonly TextLevel[]; asks: readonly TextLevel[] }): void {
    for (const side of sides) {
      for (const level of changes[side]) {
        const [price, amount] = level;
        if (Number(amount) === 0) this.#levels[side].delete(Number(price));
        else this.#levels[side].set(Number(price), level);
      }
    }
  }

  /** Takes away what is beyond the depth, as Kraken asks of its customers. */
  cut(depth: number): void {
    for (const side of sides) {
      for (const [price] of this.texts(side).slice(depth)) this.#levels[side].delete(Number(price));
    }
  }

  /** Best first. */
  texts(side: (typeof sides)[number]): TextLevel[] {
    const sign = side === 'asks' ? 1 : -1;
    return [...this.#levels[side].values()].sort(([left], [right]) => (Number(left) - Number(right)) * sign);
  }

  top(levels: number): BookSides<TextLevel> {
    return { bids: this.texts('bids').slice(0, levels), asks: this.texts('asks').slice(0, levels) };
  }

  /**
   * Kraken's checksum, of texts with all their decimals.
   * https://docs.kraken.com/exchange/guides/websockets/book-checksum-v2
   */
  checksum(): number {
    const { bids, asks } = this.top(checkedLevels);
    return crc32([...asks, ...bids].flat().map(digitsOf).join(''));
  }
}

const digitsOf = (text: string): string => String(BigInt(text.replace('.', '')));

/** As the desk tells them: numbers. */
export const numbersOf = ({ bids, asks }: BookSides<TextLevel>): BookSides<[number, number]> => ({
  bids: bids.map(([price, amount]) => [Number(price), Number(amount)]),
  asks: asks.map(([price, amount]) => [Number(price), Number(amount)]),
});

export function applyBybit(book: ReplayBook, { type, data }: BybitBookFrame): void {
  if (type === 'snapshot') book.clear();
  book.apply({ bids: data.b, asks: data.a });
}

export interface BinanceDepthEvent {
  e: 'depthUpdate';
  E: number;
  s: string;
  U: number;
  u: number;
  /** Of contracts only: `u` of the event before. */
  pu?: number;
  b: TextLevel[];
  a: TextLevel[];
}

/** Numbers with the very digits they were written with. */
export interface KrakenBookEntry {
  symbol: string;
  bids: { price: string; qty: string }[];
  asks: { price: string; qty: string }[];
  checksum: string;
  timestamp: string;
}

export function applyKraken(book: ReplayBook, entry: KrakenBookEntry, depth: number): void {
  const levels = (side: 'bids' | 'asks') => entry[side].map(({ price, qty }): TextLevel => [price, qty]);
  book.apply({ bids: levels('bids'), asks: levels('asks') });
  book.cut(depth);
}
