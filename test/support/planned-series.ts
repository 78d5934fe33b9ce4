/** Records of series, and what is wanted, for tests of planning. */
import {
  noTotals,
  partOf,
  type Series,
  type SeriesRecord,
  seriesKeyOf,
  type VenueId,
  type Wanted,
} from '@nightdesk/core';

export const minuteMs = 60_000;
export const hourMs = 3_600_000;
export const dayMs = 86_400_000;

/** `BTC/USDT#1m`, or with a venue other than `fake` before it. */
export function seriesNamed(name: string): Series {
  const parts = name.split('#');
  const [venue, symbol = '', part = ''] = parts.length === 3 ? parts : ['fake', ...parts];
  const market = { venue: venue as VenueId, symbol };
  return part === 'trades' || part === 'funding'
    ? { kind: part, ...market }
    : { kind: 'candles', ...market, timeframe: part };
}

export const recordOf = (name: string, fields: Partial<SeriesRecord> = {}): SeriesRecord => ({
  ...{ series: seriesNamed(name), lane: 0, status: 'collected', sinceMs: 0, totals: noTotals, version: 1 },
  ...fields,
});

/** @param names each with how often it is wanted, in minutes, and how many days back */
export const wantedNamed = (names: Readonly<Record<string, number | [every: number, history: number]>>): Wanted => ({
  series: Object.entries(names).map(([name, what]) => {
    const [every, history] = typeof what === 'number' ? [what] : what;
    return {
      ...{ series: seriesNamed(name), everyMs: every * minuteMs },
      ...(history !== undefined && { historyMs: history * dayMs }),
    };
  }),
  ranked: [],
  issues: [],
});

/** Symbol and part, as `seriesNamed` reads them. */
export const nameOf = (series: Series): string =>
  series.venue === 'fake' ? `${series.symbol}#${partOf(series)}` : seriesKeyOf(series);
