import { openTrades, startTrades, type TradesFile } from '@nightdesk/aws/candles/cold-files.ts';
import { mergeFunding, mergeTrades } from '@nightdesk/aws/candles/merge-trades.ts';
import { mergeDay } from '@nightdesk/aws/candles/trade-day.ts';
import { amount, type PublicTrade, price, type Span } from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { dayMs, dayStartMs, tickSeries } from '../../support/candle-series.ts';
import fc from '../../support/property.ts';

const bare = (atMs: number, amountText = '1'): PublicTrade => ({ price: price('7'), amount: amount(amountText), atMs });
const withId = (tradeId: string, atMs: number): PublicTrade => ({ ...bare(atMs), tradeId });
const spellings = (trades: readonly PublicTrade[]) => trades.map((trade) => JSON.stringify(trade));

/** What a venue has of a market: few prices and times, so that many trades are alike. */
const venueTrades = fc
  .array(fc.tuple(fc.nat({ max: 20 }), fc.constantFrom('1', '2')), { maxLength: 40 })
  .map((pairs) => pairs.map(([atMs, text]) => bare(atMs, text)).sort((left, right) => left.atMs - right.atMs));
/** Runs that each bring all trades of a span; they may overlap, and be repeated. */
const runSpans = fc.array(
  fc.tuple(fc.nat({ max: 21 }), fc.nat({ max: 21 })).map(([from, length]) => ({ fromMs: from, toMs: from + length })),
  { maxLength: 6 },
);
const inside = ({ fromMs, toMs }: Span, { atMs }: PublicTrade) => atMs >= fromMs && atMs < toMs;

describe('trades of several files', () => {
  it('are those of the venue in the time that any run has seen, whatever runs overlap, with ids or without', () => {
    fc.assert(
      fc.property(venueTrades, runSpans, fc.boolean(), (venue, spans, hasIds) => {
        const all = hasIds ? venue.map((trade, index) => ({ ...trade, tradeId: String(index) })) : venue;
        const files = spans.map((span) => all.filter((trade) => inside(span, trade)));
        const seen = all.filter((trade) => spans.some((span) => inside(span, trade)));
        const merged = mergeTrades(files);
        expect(spellings(merged).sort()).toEqual(spellings(seen).sort());
        expect(merged.map(({ atMs }) => atMs)).toEqual(seen.map(({ atMs }) => atMs));
      }),
    );
  });

  it('are the same once some of the files have been merged into one', () => {
    fc.assert(
      fc.property(venueTrades, runSpans, fc.nat({ max: 6 }), (venue, spans, count) => {
        const files = spans.map((span) => venue.filter((trade) => inside(span, trade)));
        const compacted = mergeTrades(files.slice(0, count));
        // Those that were merged are still there for a while, or some of them.
        for (const left of [0, Math.floor(count / 2), count]) {
          expect(spellings(mergeTrades([compacted, ...files.slice(left)])).sort()).toEqual(
            spellings(mergeTrades(files)).sort(),
          );
        }
      }),
    );
  });

  it.each<[string, PublicTrade[][], PublicTrade[]]>([
    ['none', [], []],
    ['an id that comes again in one file', [[withId('a', 1), withId('a', 1)]], [withId('a', 1)]],
    [
      'an id that comes again at another time: the first counts',
      [[withId('a', 2)], [withId('a', 1)]],
      [withId('a', 2)],
    ],
    ['two that are alike in one file', [[bare(1), bare(1)], [bare(1)]], [bare(1), bare(1)]],
    [
      'two that differ in who took only',
      [[{ ...bare(1), side: 'buy' }], [{ ...bare(1), side: 'sell' }]],
      [
        { ...bare(1), side: 'buy' },
        { ...bare(1), side: 'sell' },
      ],
    ],
    ['files out of order', [[bare(5)], [bare(1), bare(9)]], [bare(1), bare(5), bare(9)]],
  ])('have %s', (_what, files, merged) => {
    expect(mergeTrades(files)).toEqual(merged);
  });
});

describe('a day of trades that is read part by part', () => {
  const day: Span = { fromMs: dayStartMs, toMs: dayStartMs + dayMs };
  /** Claims to be so large that the day is read in many parts. */
  const largeFile = (trades: readonly PublicTrade[], count = 1_000_000): TradesFile => ({
    trades: trades.length,
    countAbout: ({ fromMs, toMs }) => (count * Math.max(0, toMs - fromMs)) / dayMs,
    read: async (span) => trades.filter((trade) => inside(span, trade)),
  });
  const every = (stepMs: number, offsetMs = 0) =>
    Array.from({ length: Math.floor(dayMs / stepMs) }, (_, index) =>
      withId(`t-${index * stepMs + offsetMs}`, dayStartMs + index * stepMs + offsetMs),
    );

  it.each([0, 1, 1_000_000, 1e12])('has every trade once and in order, where files say they have %i', async (count) => {
    const [quarters, halves] = [every(900_000), every(1_800_000)];
    const last = withId('last', day.toMs - 1);
    const lists: PublicTrade[][] = [];
    for await (const list of mergeDay([largeFile(quarters, count), largeFile([...halves, last], 1)], day))
      lists.push(list);
    expect(lists.flat()).toEqual([...quarters, last]);
    expect(lists.every((list) => list.length > 0)).toBe(true);
    expect(lists.length > 1).toBe(count > 1);
  });

  it('holds few of them at once also where all of the day were traded within a second', async () => {
    const second = dayStartMs + 13 * 3_600_000;
    const crash = Array.from({ length: 250_000 }, (_, index) =>
      withId(String(index), second + Math.floor(index / 250)),
    );
    const touches = ({ fromMs, toMs }: Span) => fromMs < second + 1_000 && toMs > second;
    const file: TradesFile = {
      trades: crash.length,
      countAbout: ({ fromMs, toMs }) => 250 * Math.max(0, Math.min(toMs, second + 1_000) - Math.max(fromMs, second)),
      read: async (span) => (touches(span) ? crash.filter((trade) => inside(span, trade)) : []),
    };
    const counts: number[] = [];
    for await (const list of mergeDay([file], day)) counts.push(list.length);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(crash.length);
    expect(Math.max(...counts)).toBeLessThanOrEqual(100_000);
  });

  it('is read to the end where all of it have one time', async () => {
    const [first] = every(dayMs) as [PublicTrade];
    const file: TradesFile = {
      trades: 1,
      countAbout: ({ fromMs, toMs }) => (inside({ fromMs, toMs }, first) ? 1_000_000 : 0),
      read: async (span) => (inside(span, first) ? [first] : []),
    };
    const lists: PublicTrade[][] = [];
    for await (const list of mergeDay([file], day)) lists.push(list);
    expect(lists).toEqual([[first]]);
  });

  it('reads no more of a file than the groups of rows that touch what is wanted', async () => {
    const series = tickSeries('trades');
    const encoder = startTrades(series);
    const pieces = [0, 1, 2].map((part) =>
      encoder.add([0, 1].map((index) => withId(`${part}${index}`, part * 100 + index * 50))),
    );
    const file = openTrades(series, Buffer.concat([...pieces, encoder.end()]));
    expect(file.trades).toBe(6);
    const about = ([fromMs, toMs]: [number, number]) => file.countAbout({ fromMs, toMs });
    expect(
      (
        [
          [0, 300],
          [0, 100],
          [51, 100],
          [50, 101],
          [250, 251],
          [251, 999],
        ] as [number, number][]
      ).map((at) => Math.round(about(at) * 51)),
    ).toEqual([6 * 51, 2 * 51, 0, 2 + 2, 2, 0]);
    const ids = async (fromMs: number, toMs: number) =>
      (await file.read({ fromMs, toMs })).map(({ tradeId }) => tradeId);
    expect(await ids(50, 151)).toEqual(['01', '10', '11']);
    expect(await ids(250, 999)).toEqual(['21']);
    expect(await ids(51, 100)).toEqual([]);
  });
});

describe('funding of two files', () => {
  it('has each time once, as the newer file has it, in order', () => {
    const point = (atMs: number, rate: string) => ({ atMs, rate });
    expect(mergeFunding([point(1, '1'), point(3, '3')], [point(2, '2'), point(1, '9')])).toEqual([
      point(1, '9'),
      point(2, '2'),
      point(3, '3'),
    ]);
  });
});
