import { columnsOf, countCoverage, coverageOf, type Gap } from '@nightdesk/core';
import { describe, expect, it } from 'vitest';

const minuteMs = 60_000;
const startMs = Date.UTC(2026, 10, 21);
const minute = (count: number) => startMs + count * minuteMs;
const span = (from: number, to: number) => ({ fromMs: minute(from), toMs: minute(to) });
const minutes = (...counts: number[]) =>
  columnsOf(counts.map((count) => ({ openMs: minute(count), open: 1, high: 1, low: 1, close: 1 })));
const gap = (from: number, to: number, kind: Gap['kind']): Gap => ({ ...span(from, to), kind, attempts: 2 });
const query = { timeframe: '1m', span: span(0, 10), nowMs: minute(60) };

describe('coverage', () => {
  it('counts what is there and what is missing by kind, and says both shares', () => {
    const known = [gap(1, 2, 'no-trades'), gap(2, 4, 'outage'), gap(4, 5, 'quarantined'), gap(5, 8, 'open')];
    expect(coverageOf(minutes(0, 8, 9), query, known)).toEqual({
      ...{ span: span(0, 10), expected: 10, present: 3, gaps: 4, presentShare: 0.3, coveredShare: 0.6 },
      missing: { open: 3, noTrades: 1, outage: 2, quarantined: 1 },
      longestGap: gap(5, 8, 'open'),
      ...{ firstMs: minute(0), lastMs: minute(9), ageMs: 50 * minuteMs },
    });
  });

  it('counts a gap for nothing where the candles have come since, and what nobody knows of as open', () => {
    const { present, missing } = coverageOf(minutes(0, 1, 2, 4), query, [gap(1, 4, 'no-trades')]);
    expect([present, missing]).toEqual([4, { open: 5, noTrades: 1, outage: 0, quarantined: 0 }]);
  });

  it('says nothing of times and shares where there is nothing', () => {
    expect(coverageOf(minutes(), { ...query, span: span(3, 3) })).toEqual({
      ...{ span: span(3, 3), expected: 0, present: 0, gaps: 0 },
      missing: { open: 0, noTrades: 0, outage: 0, quarantined: 0 },
    });
    const nothing = coverageOf(minutes(), query);
    expect([nothing.presentShare, nothing.coveredShare, nothing.firstMs, nothing.ageMs]).toEqual([
      0,
      0,
      undefined,
      undefined,
    ]);
  });

  it.each<[string, Partial<typeof query> & { listedFromMs?: number }, [number, number], number]>([
    ['the candle that forms', { nowMs: minute(5) + 1 }, [0, 5], 5],
    ['what is to come', { nowMs: minute(-1) }, [0, 0], 0],
    ['what was before the market was listed', { listedFromMs: minute(2) }, [2, 10], 8],
    ['anything before, where all of it was', { listedFromMs: minute(20) }, [20, 20], 0],
  ])('expects not %s', (_, change, [from, to], expected) => {
    const coverage = coverageOf(minutes(0, 1, 2, 3, 4), { ...query, ...change });
    expect([coverage.span, coverage.expected]).toEqual([span(from, to), expected]);
  });

  it('is the same of candles that are read piece by piece', () => {
    const known = [gap(1, 4, 'no-trades'), gap(6, 7, 'outage')];
    const count = countCoverage(query, known);
    for (const piece of [minutes(-2, -1), minutes(0), minutes(), minutes(4, 5), minutes(7), minutes(12)])
      count.add(piece);
    const whole = coverageOf(minutes(-2, -1, 0, 4, 5, 7, 12), query, known);
    expect(count.finish()).toEqual(whole);
    expect([whole.present, whole.gaps, whole.longestGap]).toEqual([4, 3, gap(1, 4, 'no-trades')]);
  });
});
