import { type FundingPoint, type HistoryTerms, type PublicTrade, type Span, VenueError } from '@nightdesk/core';
import { type TickPage, type TickWalk, walkFunding, walkTrades } from '@nightdesk/functions/shared/walk-ticks.ts';
import { describe, expect, it } from 'vitest';
import { btcUsdt, btcUsdtPerpetual } from '../../support/markets.ts';
import { PagedTrades, type PagedTradesOptions, tradesAt } from '../../support/paged-trades.ts';
import fc from '../../support/property.ts';

const all = { pageSize: 4, reach: 'all' } as const;
const byId = { ...all, goesOnById: true };
const span = (fromMs: number, toMs: number): Span => ({ fromMs, toMs });

async function walked(venue: PagedTrades, walk: TickWalk): Promise<TickPage<PublicTrade>[]> {
  const pages: TickPage<PublicTrade>[] = [];
  for await (const page of walkTrades(venue, btcUsdt, walk)) pages.push(page);
  return pages;
}

const entriesOf = (pages: readonly TickPage<PublicTrade>[]) => pages.flatMap(({ entries }) => entries);
const partsOf = (pages: readonly TickPage<unknown>[]) =>
  pages.map(({ span: { fromMs, toMs }, isTold }) => [fromMs, toMs, isTold]);

function expectWhole(pages: readonly TickPage<PublicTrade>[], { fromMs, toMs }: Span): void {
  let atMs = fromMs;
  for (const page of pages) {
    expect(page.span.fromMs).toBe(atMs);
    expect(page.span.toMs).toBeGreaterThan(page.span.fromMs);
    for (const entry of page.entries) expect(entry.atMs >= atMs && entry.atMs < page.span.toMs).toBe(true);
    atMs = page.span.toMs;
  }
  expect(atMs).toBe(toMs);
}

const venueOf = (timesMs: number[], terms: HistoryTerms = all, options: Partial<PagedTradesOptions> = {}) =>
  new PagedTrades({ trades: tradesAt(timesMs), style: 'start', pageSize: 4, terms, ...options });

describe('a walk over trades', () => {
  it.each([
    ['by time', all],
    ['by id', byId],
  ])('tells each once where pages end within a millisecond (%s)', async (_, terms) => {
    const timesMs = [10, 11, 12, 12, 12, 12, 13, 14, 14, 20];
    const pages = await walked(venueOf(timesMs, terms), { span: span(0, 30) });
    expect(entriesOf(pages)).toEqual(tradesAt(timesMs));
    expect(pages.every(({ isTold }) => isTold)).toBe(terms === byId);
    expectWhole(pages, span(0, 30));
  });

  it('says so where a millisecond has more than a page and there are no ids to go on by', async () => {
    const timesMs = [12, 12, 12, 12, 12, 12, 13];
    const time = await walked(venueOf(timesMs), { span: span(0, 30) });
    expect(partsOf(time)).toContainEqual([12, 13, false]);
    expect(entriesOf(time)).toHaveLength(5);
    const id = await walked(venueOf(timesMs, byId), { span: span(0, 30), after: { atMs: 1, id: '0' } });
    expect(entriesOf(id)).toEqual(tradesAt(timesMs));
    expect(id.every(({ isTold }) => isTold)).toBe(true);
  });

  it('goes on behind the last trade that is had, over quiet hours, with one question', async () => {
    const venue = venueOf([10, 50_000_000], { ...byId, spanMsMax: 3_600_000 });
    const walk = { span: span(11, 60_000_000), after: { atMs: 10, id: '1' }, verifiesEnd: false };
    const pages = await walked(venue, walk);
    expect(entriesOf(pages).map(({ atMs }) => atMs)).toEqual([50_000_000]);
    expect(venue.questions).toEqual([{ sinceMs: 11, afterId: '1', limit: 4 }]);
    expectWhole(pages, walk.span);
  });

  it('walks windows until there is a trade to go on behind', async () => {
    const venue = venueOf([3 * 3_600_000 + 5, 9 * 3_600_000], { ...byId, spanMsMax: 3_600_000 });
    const pages = await walked(venue, { span: span(0, 10 * 3_600_000) });
    expect(entriesOf(pages)).toHaveLength(2);
    expect(venue.questions.filter(({ afterId }) => afterId === undefined)).toHaveLength(5);
    expectWhole(pages, span(0, 10 * 3_600_000));
  });

  it('tells trades without ids, alike ones as often as they were', async () => {
    const trades = tradesAt([10, 12, 12, 12, 13, 13, 14], { withIds: false });
    const pages = await walked(venueOf([], all, { trades }), { span: span(0, 30) });
    expect(entriesOf(pages)).toEqual(trades);
  });

  it('takes a trade that is told twice with its id for one', async () => {
    const [first, second] = tradesAt([10, 11]);
    if (first === undefined || second === undefined) throw new Error('two trades');
    const venue = venueOf([], all, { trades: [first, first, second] });
    expect(entriesOf(await walked(venue, { span: span(0, 30) }))).toEqual([first, second]);
  });

  it('leaves out what comes behind the span, and what is from before it', async () => {
    const venue = venueOf([9, 10, 11, 12]);
    expect(entriesOf(await walked(venue, { span: span(10, 12) })).map(({ atMs }) => atMs)).toEqual([10, 11]);
    expect(venue.questions).toHaveLength(1);
  });

  const latest = { pageSize: 4, reach: { latest: 4 } } as const;
  it('tells where trades may be missing that a venue does not tell any more', async () => {
    const venue = venueOf([10, 20, 30, 40, 50, 60], latest, { style: 'latest' });
    const pages = await walked(venue, { span: span(11, 100), after: { atMs: 10 } });
    expect(partsOf(pages)[0]).toEqual([11, 31, false]);
    expect(pages.slice(1).every(({ isTold }) => isTold)).toBe(true);
    expect(entriesOf(pages).map(({ atMs }) => atMs)).toEqual([30, 40, 50, 60]);
    expectWhole(pages, span(11, 100));
  });

  it('tells that trades may be missing of a short page that does not tell again what is had', async () => {
    const venue = venueOf([10, 20, 30, 40], latest, { style: 'latest' });
    const original = venue.fetchTrades.bind(venue);
    venue.fetchTrades = async (market, query) => (await original(market, query)).slice(-2);
    const pages = await walked(venue, { span: span(11, 100), after: { atMs: 10 } });
    expect(partsOf(pages)[0]).toEqual([11, 31, false]);
  });

  it('knows that none is missing where the venue tells again what is had', async () => {
    const venue = venueOf([10, 20, 30, 40, 50], latest, { style: 'latest' });
    const pages = await walked(venue, { span: span(21, 100), after: { atMs: 20 } });
    expect(entriesOf(pages).map(({ atMs }) => atMs)).toEqual([30, 40, 50]);
    expect(pages.every(({ isTold }) => isTold)).toBe(true);
  });

  it('believes a market that has fewer trades than the venue tells', async () => {
    const pages = await walked(venueOf([10, 20], latest, { style: 'latest' }), { span: span(0, 100) });
    expect(pages.every(({ isTold }) => isTold)).toBe(true);
  });

  it('claims nothing for a venue of which nothing is known, unless it tells again what is had', async () => {
    const terms = { pageSize: 4 };
    const unknown = await walked(venueOf([10, 20], terms), { span: span(0, 100) });
    expect(partsOf(unknown)[0]).toEqual([0, 11, false]);
    expect(partsOf(await walked(venueOf([], terms), { span: span(0, 100) }))).toEqual([[0, 100, false]]);
    const known = await walked(venueOf([10, 20], terms), { span: span(11, 100), after: { atMs: 10 } });
    expect(known.every(({ isTold }) => isTold)).toBe(true);
  });

  it('finds a hole behind a page where the venue leaves trades out', async () => {
    let asked = 0;
    const venue = venueOf([10, 11, 12, 13, 14, 15, 16, 17, 18]);
    const original = venue.fetchTrades.bind(venue);
    venue.fetchTrades = async (market, query) => {
      asked += 1;
      return asked === 2 ? tradesAt([10, 11, 12, 13, 14, 15, 16, 17, 18]).slice(-3) : original(market, query);
    };
    const pages = await walked(venue, { span: span(10, 30) });
    expect(partsOf(pages)).toContainEqual([13, 17, false]);
    expect(entriesOf(pages).map(({ tradeId }) => tradeId)).toEqual(['1', '2', '3', '4', '7', '8', '9']);
  });

  it('takes a short answer for the end where it is told to', async () => {
    const venue = venueOf([10, 11]);
    const pages = await walked(venue, { span: span(0, 30), verifiesEnd: false });
    expect(partsOf(pages)).toEqual([[0, 30, true]]);
    expect(venue.questions).toHaveLength(1);
  });

  it('says how far it came when its questions are used up', async () => {
    const pages = await walked(venueOf([10, 11, 12, 13, 14, 15]), { span: span(0, 30), questionsMax: 1 });
    expect(pages).toMatchObject([{ span: span(0, 13), questions: 1 }]);
  });

  it('ends where a venue does not go on behind the id that it was told', async () => {
    const venue = venueOf([10, 10, 10, 10, 10], byId);
    venue.fetchTrades = async () => tradesAt([10, 10, 10, 10]);
    const pages = await walked(venue, { span: span(0, 30), questionsMax: 20 });
    expect(entriesOf(pages)).toHaveLength(4);
    expectWhole(pages, span(0, 30));
  });

  it('passes on that the venue does not answer', async () => {
    const venue = venueOf([10]);
    venue.fetchTrades = async () => {
      throw new VenueError('fake', 'no answer');
    };
    await expect(walked(venue, { span: span(0, 30) })).rejects.toBeInstanceOf(VenueError);
  });

  it('walks what a perpetual has paid', async () => {
    const points: FundingPoint[] = [8, 16, 24, 32, 40].map((atMs) => ({ atMs, rate: '0.0001' }));
    const venue = {
      historyOf: () => ({ candles: {}, trades: {}, funding: { pageSize: 2, reach: 'all' as const } }),
      fetchFundingHistory: async (_: unknown, { sinceMs = 0, limit }: { sinceMs?: number; limit: number }) =>
        points.filter(({ atMs }) => atMs >= sinceMs).slice(0, limit),
    };
    const told: FundingPoint[] = [];
    for await (const page of walkFunding(venue, btcUsdtPerpetual, { span: span(10, 40) })) told.push(...page.entries);
    expect(told).toEqual(points.slice(1, 4));
  });
});

describe('whatever pages a venue makes of its trades', () => {
  /** Few milliseconds, so that many share one, but no more than fit a page beside the last of the one before. */
  const times = fc
    .array(fc.integer({ min: 1, max: 3 }), { maxLength: 30 })
    .map((counts) => counts.flatMap((count, index) => Array.from({ length: count }, () => 10 + index * 2)));
  const wanted = fc.tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 40 }));
  const short = fc.array(fc.integer({ min: 3, max: 6 }), { minLength: 1, maxLength: 4 });

  it('each is told once', async () => {
    await fc.assert(
      fc.asyncProperty(
        times,
        wanted,
        fc.record({
          short,
          goesOnById: fc.boolean(),
          isKnown: fc.boolean(),
          withIds: fc.boolean(),
          windows: fc.boolean(),
        }),
        async (timesMs, [fromMs, length], { short: keeps, goesOnById, isKnown, withIds, windows }) => {
          const trades = tradesAt(timesMs, { withIds });
          const terms = {
            pageSize: 6,
            ...(isKnown && { reach: 'all' as const }),
            ...(goesOnById && withIds && { goesOnById }),
            ...(windows && isKnown && { spanMsMax: 7 }),
          };
          const keep = (asked: number) => keeps[asked % keeps.length] ?? 6;
          const venue = new PagedTrades({ trades, style: 'start', pageSize: 6, terms, keep });
          const part = span(fromMs, fromMs + length);
          const pages = await walked(venue, { span: part });
          expect(entriesOf(pages)).toEqual(trades.filter(({ atMs }) => atMs >= part.fromMs && atMs < part.toMs));
          expectWhole(pages, part);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('nothing is claimed to be all that is not, where only the latest are told', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('latest' as const, 'newest' as const),
        times,
        fc.record({ wanted, isKnown: fc.boolean() }),
        async (style, timesMs, { wanted: [fromMs, length], isKnown }) => {
          const trades = tradesAt(timesMs);
          const terms = { pageSize: 6, ...(isKnown && { reach: { latest: 6 } }) };
          const venue = new PagedTrades({ trades, style, pageSize: 6, terms });
          const part = span(fromMs, fromMs + length);
          const last = trades.filter(({ atMs }) => atMs < fromMs).at(-1);
          const pages = await walked(venue, { span: part, ...(last && { after: { atMs: last.atMs } }) });
          expectWhole(pages, part);
          const told = entriesOf(pages).map(({ tradeId }) => tradeId);
          expect(new Set(told).size).toBe(told.length);
          for (const { span: settled } of pages.filter(({ isTold }) => isTold)) {
            const missing = trades.filter(({ atMs }) => atMs >= settled.fromMs && atMs < settled.toMs);
            expect(missing.filter(({ tradeId }) => !told.includes(tradeId))).toEqual([]);
          }
        },
      ),
      { numRuns: 150 },
    );
  });
});
