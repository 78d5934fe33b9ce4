import { askedFromMs, countSeries, createCandleReader, type SeriesRecord } from '@nightdesk/core';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  type CollectedStores,
  candleSeries,
  createStores,
  minuteMs,
  minutesOf,
  seriesRecord,
  storeBlocks,
} from '../../../support/collected-candles.ts';

const dayMs = 1_440 * minuteMs;
const startMs = Date.UTC(2026, 10, 18);
const nowMs = startMs + 3 * dayMs;
const series = candleSeries();
let stores: CollectedStores;

beforeEach(() => {
  stores = createStores();
});

async function count(record: Partial<SeriesRecord>, fromMs: number, toMs = nowMs) {
  const saved = await stores.series.save(seriesRecord(series, record));
  const reader = createCandleReader(stores);
  const { coverage, gaps } = await countSeries(reader, { ...saved, series }, { span: { fromMs, toMs }, nowMs });
  const { span, expected, present } = coverage;
  return { fromMs: span.fromMs, expected, present, gaps: gaps.length };
}

describe('the coverage of a series', () => {
  it('begins where it was first asked for, whatever was asked about', async () => {
    const gap = { fromMs: startMs + dayMs + minuteMs, toMs: startMs + dayMs + 3 * minuteMs };
    await storeBlocks(stores, series, { candles: minutesOf({ fromMs: startMs + dayMs, toMs: nowMs }, [gap]) });
    const record = { sinceMs: startMs + dayMs, sealed: '2026-11-20' };
    expect(await count(record, startMs - 30 * dayMs)).toEqual({
      ...{ fromMs: startMs + dayMs, expected: 2_880, present: 2_878, gaps: 1 },
    });
  });

  it('counts candles from before that, which somebody had fetched', async () => {
    await storeBlocks(stores, series, { candles: minutesOf({ fromMs: startMs, toMs: nowMs }) });
    const record = { sinceMs: startMs + 2 * dayMs, sealed: '2026-11-20' };
    expect(await count(record, startMs - dayMs)).toEqual({ fromMs: startMs, expected: 4_320, present: 4_320, gaps: 0 });
  });

  it('expects all of the past that was to be fetched, and nothing from before the market was listed', async () => {
    await storeBlocks(stores, series, { candles: minutesOf({ fromMs: startMs + 2 * dayMs, toMs: nowMs }) });
    const record = { sinceMs: startMs + 2 * dayMs, historyFromMs: startMs, sealed: '2026-11-20' };
    expect(await count(record, startMs - dayMs)).toMatchObject({ fromMs: startMs, expected: 4_320, present: 1_440 });
    stores = createStores();
    await storeBlocks(stores, series, { candles: minutesOf({ fromMs: startMs + 2 * dayMs, toMs: nowMs }) });
    const listed = { ...record, listedFromMs: startMs + 2 * dayMs };
    expect(await count(listed, startMs - dayMs)).toMatchObject({ expected: 1_440, present: 1_440 });
  });

  it('of a series that has no candle yet is what was missed since it is collected', async () => {
    const told = await count({ sinceMs: nowMs - 5 * minuteMs }, startMs);
    expect(told).toEqual({ fromMs: nowMs - 5 * minuteMs, expected: 5, present: 0, gaps: 1 });
  });

  it('expects nothing of a span from before all that', async () => {
    const told = await count({ sinceMs: nowMs }, startMs, startMs + dayMs);
    expect(told).toMatchObject({ expected: 0, present: 0, gaps: 0 });
  });
});

it.each([
  ['it is collected', {}, 100],
  ['the past that collection.yaml wants', { historyFromMs: 50 }, 50],
  ['a stretch that somebody has fetched', { backfill: { fromMs: 20 } as SeriesRecord['backfill'] }, 20],
])('a series is known to have been asked for since %s', (_what, more, fromMs) => {
  expect(askedFromMs(seriesRecord(series, { sinceMs: 100, ...(more as Partial<SeriesRecord>) }))).toBe(fromMs);
});
