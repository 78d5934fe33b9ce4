import { type Candle, type Span, VenueError } from '@nightdesk/core';
import { type CandlePage, type CandleWalk, walkCandles } from '@nightdesk/functions/shared/walk-candles.ts';
import { describe, expect, it } from 'vitest';
import { btcUsdt } from '../../support/markets.ts';
import { candleAt, PagedCandles, type PageStyle } from '../../support/paged-candles.ts';
import fc from '../../support/property.ts';

const minuteMs = 60_000;
const dayMs = 86_400_000;
const startMs = Date.UTC(2026, 10, 1);
const minutes = (...numbers: number[]): number[] => numbers.map((number) => startMs + number * minuteMs);
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, index) => from + index);
const spanOf = (from: number, to: number): Span => ({
  fromMs: startMs + from * minuteMs,
  toMs: startMs + to * minuteMs,
});

async function walked(venue: PagedCandles, walk: Partial<CandleWalk> & { span: Span }): Promise<CandlePage[]> {
  const pages: CandlePage[] = [];
  for await (const page of walkCandles(venue, btcUsdt, { timeframe: '1m', ...walk })) pages.push(page);
  return pages;
}

const opensIn = (pages: readonly CandlePage[]) =>
  pages.flatMap(({ candles }) => candles.map(({ openTimeMs }) => (openTimeMs - startMs) / minuteMs));
/** Spans in minutes, and whether the venue tells of them. */
const partsOf = (pages: readonly CandlePage[]) =>
  pages.map(({ span, isTold }) => [(span.fromMs - startMs) / minuteMs, (span.toMs - startMs) / minuteMs, isTold]);

/** Pages follow each other, and hold what is of their own span. */
function expectWhole(pages: readonly CandlePage[], { fromMs, toMs }: Span): void {
  let atMs = fromMs;
  for (const { span, candles } of pages) {
    expect(span.fromMs).toBe(atMs);
    expect(span.toMs).toBeGreaterThan(span.fromMs);
    for (const { openTimeMs } of candles) expect(openTimeMs >= span.fromMs && openTimeMs < span.toMs).toBe(true);
    atMs = span.toMs;
  }
  expect(atMs).toBe(toMs);
}

describe('a walk over candles', () => {
  const venueOf = (
    style: PageStyle,
    numbers: number[],
    options: Partial<ConstructorParameters<typeof PagedCandles>[0]> = {},
  ) => new PagedCandles({ opensMs: minutes(...numbers), timeframe: '1m', style, pageSize: 10, ...options });

  it('reads every page once, each beginning with the last candle of the one before', async () => {
    const venue = venueOf('start', range(0, 28));
    const pages = await walked(venue, { span: spanOf(0, 28) });
    expect(opensIn(pages)).toEqual(range(0, 28));
    expect(venue.questions.map(({ sinceMs = 0, limit }) => [(sinceMs - startMs) / minuteMs, limit])).toEqual([
      [0, 10],
      [9, 10],
      [18, 10],
    ]);
  });

  it('asks for no more than it wants', async () => {
    const venue = venueOf('start', range(0, 28));
    await walked(venue, { span: spanOf(3, 7) });
    expect(venue.questions).toEqual([{ timeframe: '1m', sinceMs: startMs + 3 * minuteMs, limit: 4 }]);
  });

  it('begins at the first candle that opens in the span', async () => {
    const { fromMs, toMs } = spanOf(0, 3);
    const pages = await walked(venueOf('start', range(0, 5)), { span: { fromMs: fromMs + 1, toMs } });
    expect(opensIn(pages)).toEqual([1, 2]);
  });

  it.each(['start', 'span'] as const)(
    'walks over a gap longer than pages of a venue of the style %s',
    async (style) => {
      const venue = venueOf(style, [0, 1, 2, 75, 76]);
      const pages = await walked(venue, { span: spanOf(0, 80) });
      expect(opensIn(pages)).toEqual([0, 1, 2, 75, 76]);
      expect(pages.every(({ isTold }) => isTold)).toBe(true);
      expectWhole(pages, spanOf(0, 80));
    },
  );

  it('asks for days first where there are years without a candle', async () => {
    const days = 3_000;
    const opensMs = range(0, 5).map((number) => startMs + days * dayMs + 7 * 3_600_000 + number * minuteMs);
    const venue = venueOf('span', [], { opensMs, pageSize: 1_000, timeframes: ['1m', '1d'] });
    const span = { fromMs: startMs, toMs: startMs + (days + 1) * dayMs };
    const pages = await walked(venue, { span });
    expect(pages.flatMap(({ candles }) => candles.map(({ openTimeMs }) => openTimeMs))).toEqual(opensMs);
    expect(pages.every(({ isTold }) => isTold)).toBe(true);
    expectWhole(pages, span);
    expect(venue.questions.length).toBeLessThan(15);
  });

  it('asks for days first where there is nothing to the end', async () => {
    const venue = venueOf('start', range(0, 30), { timeframes: ['1m', '1d'], pageSize: 1_000 });
    const span = { fromMs: startMs, toMs: startMs + 2_500 * dayMs };
    expectWhole(await walked(venue, { span }), span);
    expect(venue.questions.length).toBeLessThan(12);
  });

  it('stops asking for days when no more may be asked', async () => {
    const venue = venueOf('span', range(0, 10), { timeframes: ['1m', '1d'] });
    const span = { fromMs: startMs, toMs: startMs + 50 * dayMs };
    for (const questionsMax of range(1, 8)) {
      venue.questions.length = 0;
      await walked(venue, { span, questionsMax });
      expect(venue.questions.length).toBeLessThanOrEqual(questionsMax);
    }
  });

  it('says how far it came when its questions are used up', async () => {
    const pages = await walked(venueOf('start', range(0, 50)), { span: spanOf(0, 50), questionsMax: 2 });
    expect(partsOf(pages)).toEqual([
      [0, 10, true],
      [10, 19, true],
    ]);
    expect(pages.map(({ questions }) => questions)).toEqual([1, 1]);
  });

  it('tells what comes before the latest candles from what is missing among them', async () => {
    const terms = { pageSize: 10, reach: { latest: 10 } } as const;
    const venue = venueOf(
      'latest',
      range(0, 50).filter((number) => number !== 43),
      { terms },
    );
    expect(partsOf(await walked(venue, { span: spanOf(20, 50) }))).toEqual([
      [20, 39, false],
      [39, 50, true],
    ]);
    const after = await walked(venue, { span: spanOf(43, 60) });
    expect(opensIn(after)).toEqual(range(44, 50));
    expect(partsOf(after)).toEqual([
      [43, 50, true],
      [50, 60, true],
    ]);
  });

  it('takes the latest candles for those even where some of them are missing', async () => {
    const terms = { pageSize: 10, reach: { latest: 10 } } as const;
    const distort = (page: Candle[]) => page.filter((_, index) => index % 2 === 0);
    const venue = venueOf('latest', range(0, 50), { terms, distort });
    expect(partsOf(await walked(venue, { span: spanOf(20, 50) }))[0]).toEqual([20, 40, false]);
  });

  it('believes a young market of a venue that tells only the latest', async () => {
    const venue = venueOf('latest', range(3, 8), { terms: { reach: { latest: 10 } } });
    expect(partsOf(await walked(venue, { span: spanOf(0, 8) }))).toEqual([[0, 8, true]]);
  });

  it('does not take for empty what a venue of which nothing is known leaves out', async () => {
    const venue = venueOf('latest', range(0, 50), { terms: {} });
    expect(partsOf(await walked(venue, { span: spanOf(20, 50) }))).toEqual([
      [20, 40, false],
      [40, 50, true],
    ]);
    const empty = await walked(venueOf('start', [], { terms: {} }), { span: spanOf(0, 5) });
    expect(partsOf(empty)).toEqual([[0, 5, false]]);
  });

  it('finds that a gap is one where such a venue shows a candle from before', async () => {
    const venue = venueOf('start', [0, 1, 30, 31], { terms: { pageSize: 10 } });
    expect(partsOf(await walked(venue, { span: spanOf(5, 32) }))).toEqual([[5, 32, true]]);
    expect(venue.questions).toHaveLength(2);
  });

  it('does not take for empty what is older than such a venue can be asked for', async () => {
    const venue = venueOf('start', range(0, 60), { terms: { pageSize: 10 } });
    const ask = venue.fetchCandles.bind(venue);
    const oldestMs = startMs + 34 * minuteMs;
    venue.fetchCandles = (market, query) =>
      ask(market, { ...query, sinceMs: Math.max(query.sinceMs ?? oldestMs, oldestMs) });
    expect(partsOf(await walked(venue, { span: spanOf(0, 10) }))).toEqual([[0, 10, false]]);
    const pages = await walked(venue, { span: spanOf(0, 60) });
    expect(opensIn(pages)).toEqual(range(34, 60));
    expect(partsOf(pages)[0]).toEqual([0, 34, false]);
    expect(pages.slice(1).every(({ isTold }) => isTold)).toBe(true);
  });

  it('asks nobody more than it may, to find that out', async () => {
    const unknown = venueOf('start', [0, 1, 30, 31], { terms: { pageSize: 10 } });
    expect(partsOf(await walked(unknown, { span: spanOf(5, 32), questionsMax: 1 }))).toEqual([
      [5, 30, false],
      [30, 32, true],
    ]);
    const known = venueOf('start', [30, ...range(31, 60)]);
    expect(partsOf(await walked(known, { span: spanOf(5, 60), questionsMax: 1 }))).toEqual([[5, 40, true]]);
  });

  it('asks again for the beginning where it is given the end', async () => {
    let isFirst = true;
    const all = range(0, 20).map((number) => candleAt(startMs + number * minuteMs));
    const distort = (page: Candle[]): Candle[] => {
      const told = isFirst ? all.slice(-10) : page;
      isFirst = false;
      return told;
    };
    const venue = venueOf('start', range(0, 20), { distort });
    const pages = await walked(venue, { span: spanOf(0, 20) });
    expect(opensIn(pages)).toEqual(range(0, 20));
    expectWhole(pages, spanOf(0, 20));
  });

  it('hands on every candle of one time that is told twice with other values, and those that open at odd times', async () => {
    const odd = startMs + 2 * minuteMs + 30_000;
    const distort = (page: Candle[]) => [...page, candleAt(startMs + minuteMs, '7' as never), candleAt(odd)];
    const pages = await walked(venueOf('start', range(0, 4), { distort }), { span: spanOf(0, 4) });
    expect(opensIn(pages)).toEqual([0, 1, 1, 2, 2.5, 3]);
  });

  it('takes a short answer for the end where it is told to', async () => {
    const venue = venueOf('start', range(0, 4));
    const pages = await walked(venue, { span: spanOf(0, 9), verifiesEnd: false });
    expect(partsOf(pages)).toEqual([[0, 9, true]]);
    expect(venue.questions).toHaveLength(1);
  });

  it.each(['start', 'span'] as const)('takes what lies behind the span for its end (%s)', async (style) => {
    const venue = venueOf(style, [0, 1, 40]);
    const pages = await walked(venue, { span: spanOf(0, 30) });
    expect(opensIn(pages)).toEqual([0, 1]);
    expectWhole(pages, spanOf(0, 30));
    if (style === 'start') expect(venue.questions).toHaveLength(1);
  });

  it('keeps to what a question reaches', async () => {
    const terms = { pageSize: 10, reach: 'all', spanMsMax: 4 * minuteMs } as const;
    const venue = venueOf('span', [], { terms });
    await walked(venue, { span: spanOf(0, 12) });
    expect(venue.questions).toHaveLength(3);
  });

  it('walks months', async () => {
    const opensMs = range(0, 14).map((month) => Date.UTC(2025, month));
    const venue = new PagedCandles({ opensMs, timeframe: '1M', style: 'span', pageSize: 5, terms: { pageSize: 5 } });
    const span = { fromMs: Date.UTC(2024, 6), toMs: Date.UTC(2026, 3) };
    const pages = await walked(venue, { timeframe: '1M', span });
    expect(pages.flatMap(({ candles }) => candles.map(({ openTimeMs }) => openTimeMs))).toEqual(opensMs);
    expectWhole(pages, span);
  });

  it('passes on that the venue does not answer, after the pages that are good', async () => {
    const distort = (page: Candle[], asked: number): Candle[] => {
      if (asked === 1) throw new VenueError('fake', 'no answer');
      return page;
    };
    const pages: CandlePage[] = [];
    const walk = async () => {
      const venue = venueOf('start', range(0, 30), { distort });
      for await (const page of walkCandles(venue, btcUsdt, { timeframe: '1m', span: spanOf(0, 30) })) pages.push(page);
    };
    await expect(walk()).rejects.toBeInstanceOf(VenueError);
    expect(opensIn(pages)).toEqual(range(0, 10));
  });
});

describe('whatever a venue does to its pages', () => {
  const shown = fc
    .uniqueArray(fc.integer({ min: 0, max: 120 }), { maxLength: 121 })
    .map((list) => list.sort((a, b) => a - b));
  const pageSize = fc.integer({ min: 1, max: 12 });
  const wanted = fc.tuple(fc.integer({ min: -10, max: 130 }), fc.integer({ min: 1, max: 60 }));
  /** How many of a page are left, what is put before it, and whether it is turned around. */
  const fault = fc.record({
    keep: fc.integer({ min: 1, max: 12 }),
    before: fc.integer({ min: 0, max: 3 }),
    turn: fc.boolean(),
    isEndKept: fc.boolean(),
  });
  const faults = fc.array(fault, { minLength: 1, maxLength: 5 });
  type Faults = { keep: number; before: number; turn: boolean; isEndKept: boolean }[];

  const distortion = (list: Faults, opens: readonly number[]) => (page: Candle[], asked: number) => {
    const { keep, before, turn, isEndKept } = list[asked % list.length] as Faults[number];
    const firstMs = page[0]?.openTimeMs ?? 0;
    const earlier = minutes(...opens).filter((openMs) => openMs < firstMs);
    const told = [
      ...earlier.slice(-before || earlier.length).map((openMs) => candleAt(openMs)),
      ...(isEndKept ? page.slice(-keep) : page.slice(0, keep)),
    ];
    return turn ? told.reverse() : told;
  };

  it('every candle is told once where a time can be asked for', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom<PageStyle>('start', 'span'),
        shown,
        fc.record({ pageSize, wanted, faults, isKnown: fc.boolean(), hasDays: fc.boolean() }),
        async (style, opens, { pageSize: size, wanted: [from, length], faults: list, isKnown, hasDays }) => {
          const venue = new PagedCandles({
            ...{ opensMs: minutes(...opens), timeframe: '1m', style, pageSize: size },
            terms: { pageSize: size, ...(isKnown && { reach: 'all' }) },
            timeframes: hasDays ? ['1m', '1d'] : ['1m'],
            // Only a venue known to begin at the time asked for is asked again for what it left out there.
            distort: distortion(
              list.map((each) => ({ ...each, isEndKept: each.isEndKept && isKnown && !hasDays })),
              opens,
            ),
          });
          const span = spanOf(from, from + length);
          const pages = await walked(venue, { span });
          expect(opensIn(pages)).toEqual(opens.filter((open) => open >= from && open < from + length));
          expectWhole(pages, span);
          if (isKnown) expect(pages.every(({ isTold }) => isTold)).toBe(true);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('nothing is claimed to be empty that is not, even where only the latest are told', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom<PageStyle>('latest', 'newest'),
        shown,
        fc.record({ pageSize, wanted, isKnown: fc.boolean() }),
        async (style, opens, { pageSize: size, wanted: [from, length], isKnown }) => {
          const terms = isKnown && style === 'latest' ? ({ reach: { latest: size } } as const) : { pageSize: size };
          const venue = new PagedCandles({ opensMs: minutes(...opens), timeframe: '1m', style, pageSize: size, terms });
          const span = spanOf(from, from + length);
          const pages = await walked(venue, { span, questionsMax: 500 });
          expectWhole(pages, span);
          const told = new Set(opensIn(pages));
          for (const { span: part } of pages.filter(({ isTold }) => isTold)) {
            const missing = minutes(...opens).filter((openMs) => openMs >= part.fromMs && openMs < part.toMs);
            expect(missing.filter((openMs) => !told.has((openMs - startMs) / minuteMs))).toEqual([]);
          }
          expect(new Set(opensIn(pages)).size).toBe(opensIn(pages).length);
        },
      ),
      { numRuns: 150 },
    );
  });
});
