import {
  type CandleBlock,
  type CandleColumns,
  type CandleRow,
  type CandleSeries,
  columnsOf,
  createCandleReader,
  cutColumns,
  emptyColumns,
  type Gap,
  mergeColumns,
  noTotals,
  periodsOf,
  rowsOf,
  type SeriesRecord,
  type Span,
  spanOfPeriod,
  type VenueId,
} from '@nightdesk/core';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  createMemoryCandles,
  createMemoryCold,
  createMemorySeries,
  type MemoryCandles,
} from '../../../support/memory-candles.ts';
import fc from '../../../support/property.ts';

const minuteMs = 60_000;
const dayMs = 86_400_000;
const at = (text: string): number => Date.parse(`${text}Z`);
/** Three days are sealed, and the fourth is being collected. */
const [firstMs, todayMs] = [at('2026-11-18T00:00'), at('2026-11-21T00:00')];
const nowMs = todayMs + 40 * minuteMs + 5_000;
const series: CandleSeries = { kind: 'candles', venue: 'binance' as VenueId, symbol: 'BTC/USDT', timeframe: '1m' };
const lane = { venue: series.venue, part: '1m', number: 0 };
const allTime: Span = { fromMs: firstMs, toMs: nowMs };
const expiresAtMs = nowMs + 7 * dayMs;

/** Told apart by `close`: which source a candle came from. */
const candle = (openMs: number, close = 1): CandleRow => ({ openMs, open: 1, high: 9, low: 1, close, volume: 1 });
function candles(fromMs: number, toMs: number, { close = 1, stepMs = minuteMs } = {}): CandleColumns {
  const count = Math.max(0, Math.ceil((toMs - fromMs) / stepMs));
  return columnsOf(Array.from({ length: count }, (_, index) => candle(fromMs + index * stepMs, close)));
}

let hot: MemoryCandles;
let cold: ReturnType<typeof createMemoryCold>;
let records: ReturnType<typeof createMemorySeries>;
beforeEach(() => {
  [hot, cold, records] = [createMemoryCandles(), createMemoryCold(), createMemorySeries()];
});

const reader = () => createCandleReader({ candles: hot, cold, series: records });
const record = (more: Partial<SeriesRecord> = {}): SeriesRecord => ({
  ...{
    series,
    lane: 0,
    status: 'collected',
    sinceMs: firstMs,
    totals: noTotals,
    version: 0,
    sealed: '2026-11-20',
    ...more,
  },
});
const block = (period: string, columns: CandleColumns, more: Partial<CandleBlock> = {}): CandleBlock => ({
  ...{ period, candles: columns, gaps: [], rebuilt: [], revised: 0, version: 0 },
  checkedToMs: spanOfPeriod(period).toMs,
  ...more,
});
const collect = (plannedAtMs: number, columns: CandleColumns, untilMs: number, symbol = 'BTC/USDT') =>
  hot.writeLane(lane, { plannedAtMs, members: [{ symbol, candles: columns, untilMs }] }, expiresAtMs);

async function all(pieces: AsyncIterable<CandleColumns>): Promise<CandleColumns[]> {
  const read: CandleColumns[] = [];
  for await (const piece of pieces) read.push(piece);
  return read;
}
async function read(of: CandleSeries, span: Span): Promise<CandleRow[]> {
  const rows: CandleRow[] = [];
  for await (const piece of reader().read(of, span)) {
    expect(piece.openMs.length).toBeGreaterThan(0);
    rows.push(...rowsOf(piece));
  }
  return rows;
}
/** Each close as long as it lasts: `1 x 1440, 3 x 40`. */
function closes(rows: readonly CandleRow[]): string {
  const runs: [number, number][] = [];
  for (const { close } of rows) {
    const last = runs.at(-1);
    if (last?.[0] === close) last[1] += 1;
    else runs.push([close, 1]);
  }
  return runs.map(([close, count]) => `${close} x ${count}`).join(', ');
}
const opens = (rows: readonly CandleRow[]): string[] =>
  rows.map(({ openMs }) => new Date(openMs).toISOString().slice(5, 16));
const spans = (gaps: readonly Gap[]): string[] =>
  gaps.map(({ fromMs, toMs, kind }) => `${kind} ${opens([candle(fromMs)])} ${(toMs - fromMs) / minuteMs}`);

/** Two days in files, of which one also has a block, a third with a block alone, and 40 minutes of today in the lane. */
async function storeFourDays(): Promise<void> {
  await records.save(record());
  await cold.writeCandles(series, '2026-11-18', candles(firstMs, firstMs + dayMs, { close: 1 }));
  await cold.writeCandles(series, '2026-11-19', candles(firstMs + dayMs, firstMs + 2 * dayMs, { close: 7 }));
  await hot.writeBlock(series, block('2026-11-19', candles(firstMs + dayMs, firstMs + 2 * dayMs, { close: 2 })));
  await hot.writeBlock(series, block('2026-11-20', candles(todayMs - dayMs, todayMs, { close: 2 })));
  for (let minutes = 5; minutes <= 40; minutes += 5) {
    const untilMs = todayMs + minutes * minuteMs;
    await collect(untilMs + 1_000, candles(untilMs - 5 * minuteMs, untilMs, { close: 3 }), untilMs);
  }
}

describe('candles that are read', () => {
  it('come from files, blocks and the lane, as if they were in one place', async () => {
    await storeFourDays();
    const rows = await read(series, allTime);
    expect(closes(rows)).toBe('1 x 1440, 2 x 2880, 3 x 40');
    expect(rows.map(({ openMs }) => openMs)).toEqual(rows.map((_, index) => firstMs + index * minuteMs));
  });

  it('are those that open within the span, and no others', async () => {
    await storeFourDays();
    const rows = await read(series, { fromMs: firstMs + dayMs - minuteMs, toMs: firstMs + dayMs + 1 });
    expect(opens(rows)).toEqual(['11-18T23:59', '11-19T00:00']);
    expect(await read(series, { fromMs: firstMs, toMs: firstMs })).toEqual([]);
    expect(await read(series, { fromMs: nowMs, toMs: nowMs + dayMs })).toEqual([]);
  });

  it('do not touch a file where there is a block, nor list files where every period has one', async () => {
    await storeFourDays();
    const files: string[] = [];
    const watched: Pick<typeof cold, 'listCandles' | 'readCandles'> = {
      async listCandles(of) {
        files.push('list');
        return cold.listCandles(of);
      },
      async readCandles(of, period) {
        files.push(period);
        return cold.readCandles(of, period);
      },
    };
    const watching = createCandleReader({ candles: hot, cold: watched, series: records });
    await all(watching.read(series, { fromMs: firstMs + dayMs, toMs: nowMs }));
    expect(files).toEqual([]);
    await all(watching.read(series, allTime));
    expect(files).toEqual(['list', '2026-11-18']);
  });

  it('are those that came last, where rows of the lane differ', async () => {
    await records.save(record());
    await collect(
      todayMs + 5 * minuteMs,
      candles(todayMs, todayMs + 5 * minuteMs, { close: 3 }),
      todayMs + 5 * minuteMs,
    );
    await collect(todayMs + 9 * minuteMs, candles(todayMs + 3 * minuteMs, todayMs + 8 * minuteMs, { close: 4 }), nowMs);
    await collect(todayMs + 9 * minuteMs + 1, columnsOf([candle(todayMs, 5)]), nowMs);
    expect(closes(await read(series, allTime))).toBe('5 x 1, 3 x 2, 4 x 5');
  });

  it('of the lane go before a block that is not sealed, and a sealed one before the rows that it was made of', async () => {
    await records.save(record({ sealed: '2026-11-19' }));
    for (const period of ['2026-11-19', '2026-11-20']) {
      const { fromMs } = spanOfPeriod(period);
      await hot.writeBlock(series, block(period, candles(fromMs, fromMs + 3 * minuteMs, { close: 2 })));
      await collect(fromMs + 5_000, columnsOf([candle(fromMs + minuteMs, 3)]), fromMs + 2 * minuteMs);
    }
    expect(closes(await read(series, allTime))).toBe('2 x 4, 3 x 1, 2 x 1');
  });

  it('of the lane are those of the series, whatever its neighbours brought', async () => {
    await records.save(record());
    await collect(todayMs + 1, candles(todayMs, todayMs + minuteMs), todayMs + minuteMs, 'ETH/USDT');
    expect(await read(series, allTime)).toEqual([]);
  });

  it('may have been collected long after they opened', async () => {
    await records.save(record({ sealed: '2026-11-18' }));
    await collect(nowMs, candles(firstMs + dayMs, firstMs + dayMs + 2 * minuteMs), nowMs);
    expect(opens(await read(series, { fromMs: firstMs, toMs: firstMs + 2 * dayMs }))).toEqual([
      '11-19T00:00',
      '11-19T00:01',
    ]);
  });

  it('before anything was sealed, are those of the lane from where collecting began', async () => {
    const { sealed: _, ...unsealed } = record({ sinceMs: todayMs + 2 * minuteMs });
    await records.save(unsealed);
    await collect(
      todayMs + 4 * minuteMs,
      candles(todayMs + 2 * minuteMs, todayMs + 4 * minuteMs),
      todayMs + 4 * minuteMs,
    );
    expect(opens(await read(series, allTime))).toEqual(['11-21T00:02', '11-21T00:03']);
  });

  it('of a series that is kept are in files too that were made after it was', async () => {
    await records.save(record({ status: 'kept', sealed: '2026-11-18' }));
    await cold.writeCandles(series, '2026-11-20', candles(todayMs - dayMs, todayMs, { close: 7 }));
    expect(closes(await read(series, allTime))).toBe('7 x 1440');
  });

  it('are in the file of which a block says what it lacks, before the period is sealed', async () => {
    await records.save(record({ sealed: '2026-11-18' }));
    const gap: Gap = { fromMs: todayMs - dayMs, toMs: todayMs - dayMs + minuteMs, kind: 'no-trades', attempts: 2 };
    await cold.writeCandles(series, '2026-11-20', candles(gap.toMs, todayMs, { close: 7 }));
    await hot.writeBlock(series, block('2026-11-20', emptyColumns, { gaps: [gap] }));
    expect(closes(await read(series, allTime))).toBe('7 x 1439');
  });

  it('are not looked for before the market was listed', async () => {
    await storeFourDays();
    await records.save({ ...record({ listedFromMs: firstMs + dayMs }), version: 1 });
    expect(closes(await read(series, { fromMs: 0, toMs: nowMs }))).toBe('2 x 2880, 3 x 40');
  });

  it('fail as the store fails, and at once for a series that nobody collects', async () => {
    await storeFourDays();
    const broken = { ...hot, readLane: async () => Promise.reject(new Error('the table is gone')) };
    const reading = createCandleReader({ candles: broken, cold, series: records });
    await expect(all(reading.read(series, allTime))).rejects.toThrow('the table is gone');
    await expect(read({ ...series, symbol: 'ETH/USDT' }, allTime)).rejects.toThrow(
      'binance#ETH/USDT#1m is not collected',
    );
    await expect(read({ ...series, timeframe: '30s' }, allTime)).rejects.toThrow('is not collected');
    await expect(reader().gapsIn({ ...series, timeframe: '30s' }, allTime, nowMs)).rejects.toThrow(RangeError);
  });

  it('are none where a file was removed since it was listed', async () => {
    await storeFourDays();
    const forgetful = { ...cold, readCandles: async () => undefined };
    const reading = createCandleReader({ candles: hot, cold: forgetful, series: records });
    expect(await all(reading.read(series, { fromMs: firstMs, toMs: firstMs + dayMs }))).toEqual([]);
  });

  it('of a year come in order, read some batches ahead and no more', async () => {
    await records.save(record());
    const periods = periodsOf('1m', { fromMs: todayMs - 365 * dayMs, toMs: todayMs });
    for (const period of periods) {
      await hot.writeBlock(series, block(period, columnsOf([candle(spanOfPeriod(period).fromMs)])));
    }
    let [begun, most, seen] = [0, 0, 0];
    const counting = {
      ...hot,
      readBlocks: (of: CandleSeries, range: { from: string; to: string }) => {
        begun += periods.filter((period) => period >= range.from && period <= range.to).length;
        return hot.readBlocks(of, range);
      },
    };
    const reading = createCandleReader({ candles: counting, cold, series: records });
    const times: number[] = [];
    for await (const { openMs } of reading.read(series, { fromMs: todayMs - 365 * dayMs, toMs: todayMs })) {
      seen += 1;
      most = Math.max(most, begun - seen);
      times.push(...openMs);
    }
    expect(times).toEqual(periods.map((period) => spanOfPeriod(period).fromMs));
    expect(most).toBeLessThan(200);
  });
});

describe('rows of a lane', () => {
  /** Which rows are read for a span, and of which series. */
  async function rowsRead(of: Partial<SeriesRecord>, span: Span): Promise<string[]> {
    await records.save(record(of));
    const read: string[] = [];
    const watched: Pick<MemoryCandles, 'readBlocks' | 'readLane'> = {
      readBlocks: hot.readBlocks,
      async readLane(number, { fromMs, toMs }, symbols) {
        const text = (atMs: number) => new Date(Math.min(atMs, at('9999-01-01T00:00'))).toISOString().slice(0, 16);
        read.push(`${text(fromMs)} ${text(toMs)} ${[...(symbols ?? [])]}`);
        return hot.readLane(number, { fromMs, toMs }, symbols);
      },
    };
    await all(createCandleReader({ candles: watched, cold, series: records }).read(series, span));
    return read;
  }
  const lastMinutes: Span = { fromMs: todayMs + 30 * minuteMs, toMs: nowMs };

  it.each<[string, Partial<SeriesRecord>, Span, string[]]>([
    ['of the day, where all of it is wanted', {}, allTime, ['2026-11-20T23:45 9999-01-01T00:00 BTC/USDT']],
    ['since the first candle that is wanted', {}, lastMinutes, ['2026-11-21T00:15 9999-01-01T00:00 BTC/USDT']],
    ['none, where all that is wanted is sealed', {}, { fromMs: firstMs, toMs: todayMs }, []],
    ['none of a series that only a backfill fetched', { status: 'kept' }, allTime, []],
    ['none of a series that is sealed as far as it was collected', { status: 'kept', untilMs: todayMs }, allTime, []],
    [
      'those that its last day was brought by, of a series that is not collected any more',
      { status: 'kept', untilMs: todayMs - 1, sealed: '2026-11-19' },
      allTime,
      ['2026-11-19T23:45 2026-11-22T00:00 BTC/USDT'],
    ],
  ])('are read only where they may have what is wanted: %s', async (_, of, span, expected) => {
    expect(await rowsRead(of, span)).toEqual(expected);
  });

  it('bring a candle that opened while their run went on', async () => {
    await records.save(record());
    await collect(todayMs - 20_000, candles(todayMs - minuteMs, todayMs + minuteMs), todayMs + minuteMs);
    expect(opens(await read(series, { fromMs: todayMs, toMs: nowMs }))).toEqual(['11-21T00:00']);
  });
});

describe('a timeframe that is not stored', () => {
  it('is made of the shortest one that is, wherever its parts are', async () => {
    await storeFourDays();
    const rows = await read({ ...series, timeframe: '4h' }, allTime);
    expect(opens(rows.slice(0, 2))).toEqual(['11-18T00:00', '11-18T04:00']);
    expect(rows.map(({ volume }) => volume)).toEqual(Array.from({ length: 18 }, () => 240));
    const days = await read({ ...series, timeframe: '3d' }, allTime);
    expect(days.map(({ volume }) => volume)).toEqual([3 * 1_440].slice(0, days.length));
  });

  it('has a candle once all of its parts were asked for, and not before', async () => {
    await storeFourDays();
    const quarters = () => read({ ...series, timeframe: '15m' }, { fromMs: todayMs, toMs: nowMs });
    expect(opens(await quarters())).toEqual(['11-21T00:00', '11-21T00:15']);
    // Nothing was traded in the last minutes, which the venue was asked for.
    await collect(nowMs, emptyColumns, todayMs + 45 * minuteMs);
    expect(opens(await quarters())).toEqual(['11-21T00:00', '11-21T00:15', '11-21T00:30']);
  });

  it('has no candle of which a part was before collecting began, until that is sealed', async () => {
    const { sealed: _, ...unsealed } = record({ sinceMs: todayMs + 7 * minuteMs });
    await records.save(unsealed);
    await collect(nowMs, candles(todayMs + 7 * minuteMs, todayMs + 40 * minuteMs), todayMs + 40 * minuteMs);
    const quarters = async () => opens(await read({ ...series, timeframe: '15m' }, { fromMs: todayMs, toMs: nowMs }));
    expect(await quarters()).toEqual(['11-21T00:15']);
    await hot.writeBlock(
      series,
      block('2026-11-21', candles(todayMs, todayMs + 7 * minuteMs), { checkedToMs: todayMs + 7 * minuteMs }),
    );
    expect(await quarters()).toEqual(['11-21T00:00', '11-21T00:15']);
  });

  it('has a first candle that begins before the market was listed', async () => {
    const { sealed: _, ...unsealed } = record({
      sinceMs: todayMs + 7 * minuteMs,
      listedFromMs: todayMs + 7 * minuteMs,
    });
    await records.save(unsealed);
    await collect(nowMs, candles(todayMs + 7 * minuteMs, todayMs + 40 * minuteMs), todayMs + 40 * minuteMs);
    const rows = await read({ ...series, timeframe: '15m' }, { fromMs: todayMs, toMs: nowMs });
    expect(rows.map(({ volume }) => volume)).toEqual([8, 15]);
  });

  it('has no candle of days of which one was never asked for', async () => {
    await records.save(record({ sinceMs: todayMs - dayMs }));
    const monday = at('2026-11-09T00:00');
    for (const day of [0, 1, 2, 4, 5, 6, 7]) {
      const fromMs = monday + day * dayMs;
      const period = new Date(fromMs).toISOString().slice(0, 10);
      await hot.writeBlock(series, block(period, columnsOf([candle(fromMs, day + 1)])));
    }
    const span = { fromMs: monday, toMs: monday + 14 * dayMs };
    expect(await read({ ...series, timeframe: '1w' }, span)).toEqual([]);
    expect(await read({ ...series, timeframe: '1d' }, span)).toHaveLength(7);
  });

  it('has candles over the bounds of periods', async () => {
    await records.save(record());
    const monday = at('2026-11-09T00:00');
    for (let day = 0; day < 9; day += 1) {
      const fromMs = monday + day * dayMs;
      const period = new Date(fromMs).toISOString().slice(0, 10);
      await hot.writeBlock(
        series,
        block(period, columnsOf([candle(fromMs, day + 1), candle(fromMs + 1_439 * minuteMs, day + 1)])),
      );
    }
    const weeks = await read({ ...series, timeframe: '1w' }, { fromMs: monday - dayMs, toMs: monday + 7 * dayMs });
    expect(weeks).toMatchObject([{ openMs: monday, close: 7, volume: 14 }]);
    expect(await read({ ...series, timeframe: '1w' }, { fromMs: monday + 1, toMs: monday + 7 * dayMs })).toEqual([]);
    // The second week is not over, but the first day behind it was asked for.
    const both = await read({ ...series, timeframe: '1w' }, { fromMs: monday, toMs: monday + 8 * dayMs });
    expect(both.map(({ volume }) => volume)).toEqual([14]);
  });

  it('is made of what there is, whatever is missing, as if it were made at once', async () => {
    const minutes = fc.uniqueArray(fc.integer({ min: 0, max: 4 * 1_440 - 1 }), { minLength: 1, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(minutes, fc.constantFrom('5m', '1h', '1d'), async (indexes, timeframe) => {
        [hot, cold, records] = [createMemoryCandles(), createMemoryCold(), createMemorySeries()];
        await records.save(record());
        const stored = columnsOf(
          indexes.toSorted((a, b) => a - b).map((index) => candle(firstMs + index * minuteMs, index)),
        );
        for (const period of periodsOf('1m', { fromMs: firstMs, toMs: firstMs + 4 * dayMs })) {
          const { fromMs, toMs } = spanOfPeriod(period);
          const within = cutColumns(stored, { fromMs, toMs });
          await hot.writeBlock(series, block(period, within));
        }
        const rows = await read({ ...series, timeframe }, { fromMs: firstMs, toMs: firstMs + 4 * dayMs });
        expect(rows.reduce((sum, { volume = 0 }) => sum + volume, 0)).toBe(indexes.length);
        expect(new Set(rows.map(({ openMs }) => openMs)).size).toBe(rows.length);
      }),
      { numRuns: 25 },
    );
  });
});

describe('a timeframe that is stored for a part of the time', () => {
  const hourly: CandleSeries = { ...series, timeframe: '1h' };
  const hourMs = 60 * minuteMs;
  const month = spanOfPeriod('2026-11');
  const read1h = async (span: Span = allTime) => closes(await read(hourly, span));
  async function storeHours(span: Span, more: Partial<SeriesRecord>): Promise<void> {
    const { sealed: _, ...own } = record(more);
    await records.save({ ...own, series: hourly });
    const hours = candles(span.fromMs, span.toMs, { close: 5, stepMs: hourMs });
    await hot.writeBlock(hourly, block('2026-11', hours, { checkedToMs: span.toMs }));
  }

  it('is made of minutes before it was collected', async () => {
    await storeFourDays();
    await storeHours({ fromMs: todayMs - dayMs, toMs: todayMs }, { sinceMs: todayMs - dayMs });
    expect(await read1h()).toBe('1 x 24, 2 x 24, 5 x 24');
    expect(await read1h({ fromMs: todayMs - 26 * hourMs + 1, toMs: todayMs - 23 * hourMs })).toBe('2 x 1, 5 x 1');
    expect(await read1h({ fromMs: todayMs - dayMs, toMs: todayMs })).toBe('5 x 24');
  });

  it('is made of minutes since it is not collected any more', async () => {
    await storeFourDays();
    const untilMs = firstMs + 36 * hourMs + 1;
    await storeHours({ fromMs: firstMs + dayMs, toMs: untilMs }, { status: 'kept', sinceMs: firstMs + dayMs, untilMs });
    expect(await read1h()).toBe('1 x 24, 5 x 12, 2 x 36');
  });

  it('is itself where the minutes are not, as where somebody has fetched years of it', async () => {
    await storeFourDays();
    await storeHours({ fromMs: month.fromMs, toMs: firstMs + dayMs }, { status: 'kept' });
    expect(await read1h({ fromMs: month.fromMs, toMs: nowMs })).toBe('5 x 408, 1 x 24, 2 x 48');
  });

  it('is itself alone where there are no minutes, or where it cannot be made of them', async () => {
    await storeHours({ fromMs: firstMs, toMs: todayMs }, { status: 'kept', untilMs: todayMs });
    expect(await read1h({ fromMs: 0, toMs: nowMs })).toBe('5 x 72');
    await records.save(record({ series: { ...series, timeframe: '1s' }, status: 'kept' }));
    expect(await read({ ...series, timeframe: '1s' }, allTime)).toEqual([]);
  });

  it('has the gaps of both', async () => {
    await storeFourDays();
    await storeHours({ fromMs: todayMs - dayMs, toMs: todayMs - hourMs }, { sinceMs: todayMs - dayMs });
    const gap: Gap = { fromMs: firstMs + dayMs, toMs: firstMs + dayMs + 3 * hourMs, kind: 'outage', attempts: 2 };
    const day = candles(gap.toMs, firstMs + 2 * dayMs, { close: 2 });
    await hot.writeBlock(series, { ...block('2026-11-19', day, { gaps: [gap] }), version: 1 });
    expect(spans(await reader().gapsIn(hourly, allTime, nowMs))).toEqual([
      'outage 11-19T00:00 180',
      'open 11-20T23:00 60',
    ]);
  });
});

describe('gaps', () => {
  const missing = (hourMs: number, minutes: number, more: Partial<Gap> = {}): Gap => ({
    ...{ fromMs: hourMs, toMs: hourMs + minutes * minuteMs, kind: 'no-trades', attempts: 2, ...more },
  });
  const without = (columns: CandleColumns, gaps: readonly Gap[]): CandleColumns =>
    columnsOf(rowsOf(columns).filter(({ openMs }) => !gaps.some((gap) => openMs >= gap.fromMs && openMs < gap.toMs)));

  /** A sealed day with gaps, and today. */
  async function storeGaps(gaps: readonly Gap[], more: Partial<SeriesRecord> = {}): Promise<void> {
    await records.save(record({ sinceMs: todayMs - dayMs, ...more }));
    await hot.writeBlock(series, block('2026-11-20', without(candles(todayMs - dayMs, todayMs), gaps), { gaps }));
  }
  const gapsOf = (timeframe: string, span = allTime) => reader().gapsIn({ ...series, timeframe }, span, nowMs);

  it('of a block are as it knows them, within the span', async () => {
    await storeGaps([missing(todayMs - 600 * minuteMs, 30), missing(todayMs - 300 * minuteMs, 10, { kind: 'outage' })]);
    const span = { fromMs: todayMs - 580 * minuteMs, toMs: todayMs };
    expect(spans(await gapsOf('1m', span))).toEqual(['no-trades 11-20T14:20 10', 'outage 11-20T19:00 10']);
  });

  it('of what is not sealed are open, up to the last candle that has closed', async () => {
    await storeGaps([]);
    await collect(todayMs + 1, candles(todayMs, todayMs + 10 * minuteMs), todayMs + 10 * minuteMs);
    await collect(todayMs + 2, candles(todayMs + 12 * minuteMs, todayMs + 20 * minuteMs), todayMs + 20 * minuteMs);
    expect(spans(await gapsOf('1m', { ...allTime, toMs: nowMs + dayMs }))).toEqual([
      'open 11-21T00:10 2',
      'open 11-21T00:20 20',
    ]);
  });

  it('are not where nothing was collected, nor before the market was listed', async () => {
    await records.save(record({ sinceMs: todayMs + 30 * minuteMs + 7_000, sealed: '2026-11-20' }));
    expect(spans(await gapsOf('1m', { fromMs: 0, toMs: nowMs }))).toEqual(['open 11-21T00:30 10']);
    await records.save({ ...record({ sinceMs: firstMs, listedFromMs: todayMs + 35 * minuteMs }), version: 1 });
    expect(spans(await gapsOf('1m', { fromMs: 0, toMs: nowMs }))).toEqual(['open 11-21T00:35 5']);
  });

  it('of a series that is not collected any more end with what was asked for', async () => {
    await storeGaps([], { status: 'kept' });
    expect(await gapsOf('1m')).toEqual([]);
  });

  it('of a file whose block was removed are open, since nothing else is known of them', async () => {
    await records.save(record());
    const gap = missing(firstMs + 60 * minuteMs, 5);
    await cold.writeCandles(series, '2026-11-18', without(candles(firstMs, firstMs + dayMs), [gap]));
    expect(spans(await gapsOf('1m', { fromMs: firstMs, toMs: firstMs + dayMs }))).toEqual(['open 11-18T01:00 5']);
  });

  it('of a file are as the block knows them, where that was kept for it', async () => {
    await records.save(record());
    const gap = missing(firstMs + 60 * minuteMs, 5, { kind: 'outage' });
    await cold.writeCandles(series, '2026-11-18', without(candles(firstMs, firstMs + dayMs), [gap]));
    await hot.writeBlock(series, block('2026-11-18', emptyColumns, { gaps: [gap] }));
    const span = { fromMs: firstMs, toMs: firstMs + dayMs };
    expect(spans(await gapsOf('1m', span))).toEqual(['outage 11-18T01:00 5']);
    expect(await read(series, span)).toHaveLength(1_435);
  });

  it('over the end of a day are one', async () => {
    await records.save(record());
    const gap = missing(todayMs - dayMs - 10 * minuteMs, 20);
    const days = ['2026-11-19', '2026-11-20'].map(spanOfPeriod);
    for (const { fromMs, toMs } of days) {
      const ofDay = { ...gap, fromMs: Math.max(gap.fromMs, fromMs), toMs: Math.min(gap.toMs, toMs) };
      const period = new Date(fromMs).toISOString().slice(0, 10);
      await hot.writeBlock(series, block(period, without(candles(fromMs, toMs), [gap]), { gaps: [ofDay] }));
    }
    expect(spans(await gapsOf('1m', { fromMs: todayMs - 2 * dayMs, toMs: todayMs }))).toEqual([
      'no-trades 11-19T23:50 20',
    ]);
  });

  it.each<[string, Gap[], string[]]>([
    ['a part is there', [missing(todayMs - 60 * minuteMs, 14)], []],
    ['just one is missing', [missing(todayMs - 60 * minuteMs, 15)], ['no-trades 11-20T23:00 15']],
    ['more than one is missing', [missing(todayMs - 70 * minuteMs, 61)], ['no-trades 11-20T23:00 45']],
    [
      'neighbours differ at its bound',
      [missing(todayMs - 60 * minuteMs, 15), missing(todayMs - 45 * minuteMs, 15, { kind: 'outage' })],
      ['no-trades 11-20T23:00 15', 'outage 11-20T23:15 15'],
    ],
    [
      'neighbours differ within it',
      [missing(todayMs - 60 * minuteMs, 20), missing(todayMs - 40 * minuteMs, 25, { kind: 'open' })],
      ['no-trades 11-20T23:00 15', 'open 11-20T23:15 30'],
    ],
    [
      'it falls into three, of which one is within it',
      [
        missing(todayMs - 60 * minuteMs, 5),
        missing(todayMs - 55 * minuteMs, 5, { kind: 'outage' }),
        missing(todayMs - 50 * minuteMs, 6),
      ],
      ['outage 11-20T23:00 15'],
    ],
    ['the gap begins and ends within candles', [missing(todayMs - 59 * minuteMs, 20)], []],
    [
      'two gaps stand apart',
      [missing(todayMs - 60 * minuteMs, 15), missing(todayMs - 30 * minuteMs, 15)],
      ['no-trades 11-20T23:00 15', 'no-trades 11-20T23:30 15'],
    ],
  ])('of a timeframe that is made of another are where every part is missing: %s', async (_, gaps, expected) => {
    await storeGaps(gaps);
    expect(spans(await gapsOf('15m', { fromMs: todayMs - dayMs, toMs: todayMs }))).toEqual(expected);
  });

  it('and candles make up the whole span, for stored timeframes and for those made of them', async () => {
    const spots = fc.uniqueArray(fc.integer({ min: 0, max: 1_439 }), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(spots, fc.constantFrom('1m', '5m', '15m', '2h'), async (present, timeframe) => {
        [hot, cold, records] = [createMemoryCandles(), createMemoryCold(), createMemorySeries()];
        const all = columnsOf(
          present.toSorted((a, b) => a - b).map((index) => candle(todayMs - dayMs + index * minuteMs)),
        );
        await records.save(record({ sinceMs: todayMs - dayMs }));
        await hot.writeBlock(series, block('2026-11-20', mergeColumns(all, emptyColumns)));
        const span = { fromMs: todayMs - dayMs, toMs: todayMs };
        const rows = await read({ ...series, timeframe }, span);
        const gaps = await gapsOf(timeframe, span);
        const lengthMs = { '1m': 1, '5m': 5, '15m': 15, '2h': 120 }[timeframe] as number;
        const gone = gaps.reduce((sum, { fromMs, toMs }) => sum + (toMs - fromMs) / minuteMs / lengthMs, 0);
        expect(rows.length + gone).toBe(1_440 / lengthMs);
        for (const { openMs } of rows)
          expect(gaps.some(({ fromMs, toMs }) => openMs >= fromMs && openMs < toMs)).toBe(false);
      }),
      { numRuns: 40 },
    );
  });
});
