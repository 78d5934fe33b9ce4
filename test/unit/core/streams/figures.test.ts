import { LatencyHistogram, RateMeter, StreamCounters, slidingMs } from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import fc from '../../../support/property.ts';

describe('how long something takes', () => {
  it('is not known where nothing happened', () => {
    expect(new LatencyHistogram().figures(0)).toBeUndefined();
  });

  it('is told by shares, each at most a tenth too high', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0.06, max: 600_000, noNaN: true }), { minLength: 1 }), (values) => {
        const histogram = new LatencyHistogram();
        for (const value of values) histogram.record(value, 5);
        const sorted = values.toSorted((left, right) => left - right);
        const figures = histogram.figures(5);
        for (const [name, part] of [
          ['p50', 0.5],
          ['p90', 0.9],
          ['p99', 0.99],
          ['max', 1],
        ] as const) {
          const exact = sorted[Math.ceil(part * sorted.length) - 1] ?? 0;
          expect(figures?.[name]).toBeGreaterThanOrEqual(exact - 0.001);
          expect(figures?.[name]).toBeLessThanOrEqual(exact * 1.1001 + 0.001);
        }
      }),
    );
  });

  it.each<[string, number, number]>([
    ['nothing at all', 0, 0],
    ['less than nothing, by clocks that differ', -40, 0],
    ['less than is told apart', 0.01, 0.01],
    ['longer than is told apart', 9_000_000, 9_000_000],
  ])('of %s', (_, value, told) => {
    const histogram = new LatencyHistogram();
    histogram.record(value, 0);
    expect(histogram.figures(0)).toEqual({ p50: told, p90: told, p99: told, max: told });
  });

  it('is of the last minute, of which the oldest part goes at once', () => {
    const histogram = new LatencyHistogram();
    histogram.record(100, 5_000);
    histogram.record(1, 15_000);
    expect(histogram.figures(59_999)?.max).toBe(100);
    expect(histogram.figures(slidingMs)?.max).toBe(1);
    histogram.record(2, 300_000);
    expect(histogram.figures(300_000)).toMatchObject({ max: 2 });
    expect(histogram.figures(300_000 + slidingMs)).toBeUndefined();
  });
});

describe('how often something happens', () => {
  it('is counted since it began, and over the last minute from then on', () => {
    const meter = new RateMeter(1_000);
    meter.add(5, 1_000);
    expect([meter.perSecond(1_000), meter.perSecond(1_500), meter.perSecond(6_000)]).toEqual([5, 5, 1]);
    for (let nowMs = 10_000; nowMs <= 200_000; nowMs += 500) meter.add(2, nowMs);
    expect(meter.perSecond(200_000)).toBeCloseTo(4, 1);
    expect(meter.perSecond(1_000_000)).toBe(0);
  });
});

describe('what streams have done', () => {
  const books = { venue: 'bybit', kind: 'books' } as const;
  const none = { subscriptions: 0, updatesPerSecond: 0, incidents: {}, written: 0, conflated: 0 };

  it('is told for each venue and kind', () => {
    const counters = new StreamCounters();
    expect(counters.figures(0)).toEqual([]);
    counters.updated(books, { exchangeTimeMs: 990, receivedMs: 1_000 }, 0);
    counters.updated(books, { count: 3, receivedMs: 1_000 }, 0);
    counters.published(books, 4, 500);
    counters.conflated(books, 2, 500);
    expect(counters.figures(2_000)).toEqual([
      {
        ...books,
        ...{ subscriptions: 0, updatesPerSecond: 2, incidents: {}, written: 1, conflated: 2 },
        lagMs: { p50: 10, p90: 10, p99: 10, max: 10 },
        publishMs: { p50: 4, p90: 4, p99: 4, max: 4 },
      },
    ]);
  });

  it('has what befell, where it befell: of a whole connection with its most important kind', () => {
    const counters = new StreamCounters();
    counters.befell(books, { incident: 'gap', kind: 'trades' }, 0);
    counters.befell(books, { incident: 'disconnected' }, 0);
    counters.befell(books, { incident: 'disconnected' }, 0);
    const told = counters.figures(0);
    expect(told.map(({ kind, incidents }) => [kind, incidents])).toEqual([
      ['books', { disconnected: 2 }],
      ['trades', { gap: 1 }],
    ]);
    counters.befell(books, { incident: 'disconnected' }, 0);
    // What was told stays as it was told.
    expect(told[0]?.incidents).toEqual({ disconnected: 2 });
  });

  it('is in order, and has the subscriptions of now', () => {
    const counters = new StreamCounters();
    counters.subscribed(
      [
        { venue: 'kraken', kind: 'books', count: 1 },
        { venue: 'binance', kind: 'orders', count: 1 },
        { venue: 'binance', kind: 'trades', count: 4 },
        { venue: 'binance', kind: 'trades', count: 3 },
      ],
      0,
    );
    expect(counters.figures(0)).toEqual([
      { venue: 'binance', kind: 'trades', ...none, subscriptions: 7 },
      { venue: 'binance', kind: 'orders', ...none, subscriptions: 1 },
      { venue: 'kraken', kind: 'books', ...none, subscriptions: 1 },
    ]);
    counters.subscribed(
      ['kraken', 'bybit', 'aster'].map((venue, index) => ({ venue, kind: 'books', count: index + 2 })),
      0,
    );
    expect(counters.figures(0).map(({ venue, subscriptions }) => [venue, subscriptions])).toEqual([
      ...[
        ['aster', 4],
        ['binance', 0],
        ['binance', 0],
        ['bybit', 3],
        ['kraken', 2],
      ],
    ]);
  });
});
