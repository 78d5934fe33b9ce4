import {
  isCrossed,
  isFresh,
  type LiveBook,
  type LiveQuote,
  quoteFreshMsMax,
  quoteOf,
  quoteView,
  type VenueId,
} from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import fc from '../../../support/property.ts';

const origin = { venue: 'fake' as VenueId, connection: 'fake#markets#0' };
const book = (change: Partial<LiveBook> = {}): LiveBook => {
  return {
    ...{ symbol: 'BTC/USDT', receivedMs: 1_000, sequence: 7, exchangeTimeMs: 990 },
    bids: [
      [100, 1],
      [99, 2],
      [98, 3],
    ],
    asks: [
      [101, 4],
      [102, 5],
    ],
    ...change,
  };
};

describe('the quote of a book', () => {
  it('is its best levels, copied: those of the book change with its next update', () => {
    const bids: [number, number][] = [
      [100, 1],
      [99, 2],
    ];
    const quote = quoteOf(book({ bids }), 1, origin);
    for (const level of bids) level[1] = 77;
    expect(quote).toEqual({
      ...{ ...origin, symbol: 'BTC/USDT', receivedMs: 1_000, sequence: 7, exchangeTimeMs: 990 },
      ...{ bid: 100, bidSize: 1, ask: 101, askSize: 4, bids: [[100, 1]], asks: [[101, 4]] },
    });
  });

  it('has no fields for a side on which nobody offers, nor for a time that the venue does not tell', () => {
    const { exchangeTimeMs, ...untimed } = book({ bids: [] });
    expect(quoteOf(untimed, 5, origin)).toEqual({
      ...{ ...origin, symbol: 'BTC/USDT', receivedMs: 1_000, sequence: 7, ask: 101, askSize: 4, bids: [] },
      asks: [
        [101, 4],
        [102, 5],
      ],
    });
    expect(Object.keys(quoteOf(book({ asks: [] }), 5, origin))).not.toContain('ask');
  });

  it.each<[string, LiveBook['bids'], LiveBook['asks'], boolean]>([
    ['a bid below the ask', [[100, 1]], [[101, 1]], false],
    ['a bid at the ask', [[101, 1]], [[101, 1]], true],
    ['a bid above the ask', [[102, 1]], [[101, 1]], true],
    ['no bid', [], [[101, 1]], false],
    ['no ask', [[102, 1]], [], false],
    ['nothing', [], [], false],
  ])('with %s: crossed or not', (_, bids, asks, crossed) => {
    expect(isCrossed({ bids, asks })).toBe(crossed);
  });
});

describe('how fresh a quote is', () => {
  const nowMs = 1_000_000;
  const old = nowMs - quoteFreshMsMax - 1;
  it.each<[string, number, number | undefined, boolean]>([
    ['just received', nowMs, undefined, true],
    ['received at the limit', nowMs - quoteFreshMsMax, undefined, true],
    ['received before it', old, undefined, false],
    ['received before it, and its connection was heard since', old, nowMs - quoteFreshMsMax, true],
    ['received before it, and its connection was not heard either', old, old, false],
    ['received by a clock that is a little ahead', nowMs + 2_000, undefined, true],
    ['received in a future that would never age', nowMs + quoteFreshMsMax + 1, nowMs + 3_600_000, false],
  ])('%s', (_, receivedMs, heardMs, fresh) => {
    expect(isFresh({ receivedMs }, heardMs, nowMs)).toBe(fresh);
    const stored = { ...quoteOf(book({ receivedMs }), 1, origin), writtenMs: nowMs };
    expect(quoteView(stored, heardMs, nowMs).stale).toBe(!fresh);
  });
});

describe('a quote as people read it', () => {
  const stored = (change: Partial<LiveQuote>) => ({ ...quoteOf(book(), 2, origin), writtenMs: 1_005, ...change });

  it('has texts for prices and sizes, and both depths', () => {
    expect(quoteView(stored({ last: 100.5 }), undefined, 1_010)).toEqual({
      ...{ venue: 'fake', symbol: 'BTC/USDT', bid: '100', bidSize: '1', ask: '101', askSize: '4', last: '100.5' },
      depth: {
        bids: [
          ['100', '1'],
          ['99', '2'],
        ],
        asks: [
          ['101', '4'],
          ['102', '5'],
        ],
      },
      ...{ exchangeTimeMs: 990, receivedMs: 1_000, writtenMs: 1_005, sequence: 7, stale: false },
    });
  });

  it('leaves out what there is none of', () => {
    const { exchangeTimeMs, ...untimed } = book({ bids: [] });
    const view = quoteView({ ...quoteOf(untimed, 1, origin), writtenMs: 1_005 }, undefined, 1_010);
    expect(Object.keys(view).sort()).toEqual(
      ['ask', 'askSize', 'depth', 'receivedMs', 'sequence', 'stale', 'symbol', 'venue', 'writtenMs'].sort(),
    );
    expect(view.depth.bids).toEqual([]);
  });

  it('writes every number out, with nothing lost and no exponent', () => {
    const { depth } = quoteView(stored({ bids: [[1.5e-8, 1e21]] }), undefined, 0);
    expect(depth.bids).toEqual([['0.000000015', '1000000000000000000000']]);
    fc.assert(
      fc.property(fc.double({ min: 1e-12, max: 1e12, noNaN: true }), (value) => {
        const { bid = '' } = quoteView(stored({ bid: value }), undefined, 0);
        expect(bid).toMatch(/^\d+(\.\d+)?$/);
        expect(Number(bid)).toBe(value);
      }),
    );
  });
});
