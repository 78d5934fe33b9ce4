/** What judges the soak of streams has to see what it looks for. */
import type { QuoteView } from '@nightdesk/core';
import type { BookState } from '@nightdesk/local/simulators/shared/book-history.ts';
import { describe, expect, it } from 'vitest';
import { compareQuotes, nothingCompared } from './compare-books.ts';
import { compareThirds } from './memory.ts';
import type { StreamedMarket, StreamingDesk } from './streaming-desk.ts';

const market: StreamedMarket = { venue: 'binance', symbol: 'BTC/USDT', name: 'BTCUSDT' };
const actual: BookState = {
  ...{ sequence: 7, atMs: 0, bids: [['99.0', '1.0']], asks: [['101.0', '2']] },
};

/** As the API tells it, by default the venue's book. */
const quoteOf = (changes: Partial<QuoteView> = {}): QuoteView => ({
  ...{ venue: 'binance' as QuoteView['venue'], symbol: 'BTC/USDT', bid: '99', ask: '101' },
  depth: { bids: [['99', '1']], asks: [['101', '2']] },
  ...{ exchangeTimeMs: actual.atMs, receivedMs: Date.now(), writtenMs: Date.now(), sequence: 7, stale: false },
  ...changes,
});

async function compare(quote: QuoteView | undefined, states: readonly BookState[], latest = actual) {
  const into = nothingCompared();
  const streaming: Pick<StreamingDesk, 'readQuotes' | 'truthOf'> = {
    readQuotes: async () => (quote === undefined ? [] : [quote]),
    truthOf: async (_venue, questions) =>
      questions.map(({ limit, sequence }) =>
        limit === 1 ? [latest] : states.filter((state) => state.sequence === sequence),
      ),
  };
  await compareQuotes(streaming, [market], { keptSinceMs: 0, into });
  return into;
}

describe('a quote', () => {
  it('is equal to the book of the venue at its number, whatever zeros either writes', async () => {
    expect(await compare(quoteOf(), [actual])).toEqual({ ...nothingCompared(), equal: 1 });
  });

  it.each([
    { what: 'another amount', depth: { bids: [['99', '1.1']], asks: [['101', '2']] } },
    { what: 'another price', depth: { bids: [['98.9', '1']], asks: [['101', '2']] } },
    {
      what: 'a level more',
      depth: {
        bids: [
          ['99', '1'],
          ['98', '1'],
        ],
        asks: [['101', '2']],
      },
    },
    { what: 'a level less', depth: { bids: [['99', '1']], asks: [] } },
  ])('is wrong with $what', async ({ depth }) => {
    const told = await compare(quoteOf({ depth: depth as unknown as QuoteView['depth'] }), [actual]);
    expect(told).toMatchObject({ equal: 0, violations: [expect.stringContaining("is not the venue's")] });
  });

  it('is wrong where the venue never had a book of its number', async () => {
    const told = await compare(quoteOf({ sequence: 8 }), [actual]);
    expect(told.violations).toEqual([expect.stringContaining('never had such a book')]);
  });

  it('cannot be compared where it is older than what is kept', async () => {
    const told = await compare(quoteOf({ sequence: 8, receivedMs: Date.now() - 60_000, stale: true }), [actual]);
    expect(told).toEqual({ ...nothingCompared(), stale: 1, untold: 1 });
  });

  it('is wrong where its bid is not below its ask', async () => {
    expect((await compare(quoteOf({ bid: '101' }), [actual])).violations).toHaveLength(1);
  });

  it('is wrong where it is told as fresh long after the venue went on, and right where it is told as stale', async () => {
    const latest = { ...actual, atMs: 60_000 };
    expect((await compare(quoteOf(), [actual], latest)).violations).toEqual([expect.stringContaining('behind')]);
    expect((await compare(quoteOf({ stale: true }), [actual], latest)).violations).toEqual([]);
  });

  it('is absent where there is none', async () => {
    expect(await compare(undefined, [actual])).toEqual({ ...nothingCompared(), absent: 1 });
  });
});

describe('memory', () => {
  it('is compared by the medians of the first and the last third', () => {
    expect(compareThirds([10, 11, 90, 50, 50, 50, 20, 21, 22])).toEqual({
      ...{ firstMb: 11, lastMb: 21, mostMb: 90, samples: 9 },
    });
    expect(compareThirds([1, 2])).toBeUndefined();
  });
});
