/**
 * Books of numbers. The client makes texts of what ccxt reads, so that no decimal is lost of what is money; ccxt would put those
 * into books as they are, where "0" is not nothing and "9" comes after "10".
 */
import { listOf } from '../fields.ts';
import type { StreamVenueClient } from './stream-client.ts';

type Delta = (string | number | undefined)[];

interface Side {
  storeArray(delta: Delta): void;
}

interface Book {
  bids: Side;
  asks: Side;
}

type SideClass = new (levels: readonly Delta[], depth: number) => Side;

const makers = ['orderBook', 'indexedOrderBook', 'countedOrderBook'] as const;

/** @param levelsMin no book is cut to fewer, whatever ccxt concludes from the first message */
export function keepFloats(client: StreamVenueClient, levelsMin = 0): void {
  for (const name of makers) {
    const make = client[name].bind(client);
    const { bids, asks } = make({}) as Book;
    const [Bids, Asks] = [ofNumbers(bids), ofNumbers(asks)];
    client[name] = (snapshot = {}, depth = Number.MAX_SAFE_INTEGER) => {
      const { bids: ownBids = [], asks: ownAsks = [], ...rest } = snapshot as Partial<Record<keyof Book, Delta[]>>;
      const levels = Math.max(depth, levelsMin);
      const book = make(rest, levels) as Book;
      book.bids = new Bids(ownBids, levels);
      book.asks = new Asks(ownAsks, levels);
      return book;
    };
  }
}

/** One class for all sides of a kind, since each update of every book goes through it. */
function ofNumbers(side: object): SideClass {
  return class extends (side.constructor as SideClass) {
    /** Whoever takes a part of a side gets a plain list: ccxt's class makes an index of eight kilobytes for each. */
    static get [Symbol.species](): ArrayConstructor {
      return Array;
    }

    override storeArray(delta: Delta): void {
      if (typeof delta[0] === 'string') delta[0] = Number(delta[0]);
      if (typeof delta[1] === 'string') delta[1] = Number(delta[1]);
      super.storeArray(delta);
    }
  };
}

/** A book that was asked for over HTTP, best levels first. */
export function toFloats(answer: unknown): object {
  const { bids, asks, ...rest } = answer as Record<string, unknown>;
  return { ...rest, bids: numbersOf(bids, -1), asks: numbersOf(asks, 1) };
}

/** @param sign of how prices get worse from level to level */
const numbersOf = (side: unknown, sign: 1 | -1): (readonly [number, number])[] =>
  listOf('side', side)
    .map((level) => listOf('level', level))
    .map(([price, amount]) => [Number(price), Number(amount)] as const)
    .filter(([, amount]) => amount > 0)
    .sort(([left], [right]) => sign * (left - right));
