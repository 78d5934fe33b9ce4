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

const makers = ['orderBook', 'indexedOrderBook', 'countedOrderBook'] as const;

/** @param levelsMin no book is cut to fewer, whatever ccxt concludes from the first message */
export function keepFloats(client: StreamVenueClient, levelsMin = 0): void {
  for (const name of makers) {
    const make = client[name].bind(client);
    client[name] = (snapshot = {}, depth = Number.MAX_SAFE_INTEGER) => {
      const { bids = [], asks = [], ...rest } = snapshot as { bids?: readonly Delta[]; asks?: readonly Delta[] };
      const book = make(rest, Math.max(depth, levelsMin)) as Book;
      for (const [side, levels] of [[book.bids, bids] as const, [book.asks, asks] as const]) {
        storeNumbers(side);
        for (const level of levels) side.storeArray([...level]);
      }
      return book;
    };
  }
}

function storeNumbers(side: Side): void {
  const store = side.storeArray;
  const storeArray = (delta: Delta): void => {
    if (typeof delta[0] === 'string') delta[0] = Number(delta[0]);
    if (typeof delta[1] === 'string') delta[1] = Number(delta[1]);
    store.call(side, delta);
  };
  // Not enumerable: sides are arrays, and this is none of their levels.
  Object.defineProperty(side, 'storeArray', { value: storeArray });
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
