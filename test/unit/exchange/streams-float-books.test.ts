import { pro } from 'ccxt';
import { describe, expect, it } from 'vitest';
import { keepFloats, toFloats } from '../../../layers/exchange/src/streams/float-books.ts';
import type { StreamVenueClient } from '../../../layers/exchange/src/streams/stream-client.ts';

interface Book {
  bids: unknown[] & { store(...delta: unknown[]): void; storeArray(delta: unknown[]): void; limit(): void };
  asks: unknown[] & { limit(): void };
  symbol?: string;
  reset(snapshot: object): void;
}

const client = (levelsMin?: number) => {
  const exchange = new pro.kraken({ number: String }) as unknown as StreamVenueClient;
  keepFloats(exchange, levelsMin);
  return exchange;
};

describe('books of numbers', () => {
  it('have their levels in order and lose those that are gone, though they come as texts', () => {
    const book = client().orderBook({ symbol: 'BTC/USD', bids: [['9', '1']] }) as Book;
    expect(book.symbol).toBe('BTC/USD');
    book.bids.store('10', '2');
    book.bids.store('9', '0.0');
    book.bids.store('8.5', '3');
    expect([...book.bids]).toEqual([
      [10, 2],
      [8.5, 3],
    ]);
    book.reset({
      asks: [
        ['100', '1'],
        ['99', '1'],
      ],
      bids: [],
    });
    expect([...book.asks]).toEqual([
      [99, 1],
      [100, 1],
    ]);
  });

  it('are no shorter than is asked for, whatever ccxt takes their length for', () => {
    const levels = [
      ['1', '1'],
      ['2', '1'],
      ['3', '1'],
    ];
    const cut = client().orderBook({ asks: levels }, 2) as Book;
    cut.asks.limit();
    expect(cut.asks.length).toBe(2);
    const whole = client(5).orderBook({ asks: levels }, 2) as Book;
    whole.asks.limit();
    expect(whole.asks.length).toBe(3);
  });

  it('of venues that count orders or name them are kept by those', () => {
    const counted = client().countedOrderBook({}) as Book;
    counted.bids.storeArray(['9', '1', 2]);
    counted.bids.storeArray(['9', '1', 0]);
    counted.bids.storeArray(['8', '1', 1]);
    expect([...counted.bids]).toEqual([[8, 1, 1]]);
    const indexed = client().indexedOrderBook({}) as Book;
    indexed.bids.storeArray(['9', '1', 'order']);
    indexed.bids.storeArray([undefined, '2', 'order']);
    expect([...indexed.bids]).toEqual([[9, 2, 'order']]);
  });

  it('hand out plain lists of their levels', () => {
    const book = client().orderBook({
      bids: [
        ['9', '1'],
        ['8', '1'],
      ],
    }) as Book;
    expect(book.bids.slice(0, 1).constructor).toBe(Array);
  });
});

it('a book that was asked for has its best levels first, without what is nothing', () => {
  const answer = {
    symbol: 'BTC/USD',
    nonce: 5,
    bids: [
      ['9', '1'],
      ['10', '1'],
      ['8', '0'],
    ],
    asks: [
      ['100', '1'],
      ['99', '2'],
    ],
  };
  expect(toFloats(answer)).toEqual({
    ...{
      symbol: 'BTC/USD',
      nonce: 5,
      bids: [
        [10, 1],
        [9, 1],
      ],
      asks: [
        [99, 2],
        [100, 1],
      ],
    },
  });
  expect(() => toFloats({ bids: 'none' })).toThrow(/side/);
});
