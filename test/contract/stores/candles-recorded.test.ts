/** Recorded candles through the table and the archive, and back. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CandleRow, columnsOf, emptyColumns, mergeColumns, periodOf } from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { bitsOf, candleBlock, candleSeries } from '../../support/candle-series.ts';
import { hasRecordings, recording, skippedWithout } from '../../support/recorded-payloads.ts';
import { openArchive } from './candles-bucket.ts';
import { openCandleTable } from './candles-cloud.ts';

const folder = join(import.meta.dirname, '../../../../shared/data/candles');

type Values = [openMs: number, open: number, high: number, low: number, close: number, volume: number];
const rowOf = ([openMs, open, high, low, close, volume]: Values): CandleRow => ({
  openMs,
  open,
  high,
  low,
  close,
  volume,
});

function readCsv(): CandleRow[] {
  const [, ...lines] = readFileSync(join(folder, 'btc-perp-1m-2022-01.csv'), 'utf8').trim().split('\n');
  return lines.map((line) => {
    const [time = '', ...values] = line.split(',');
    return rowOf([Date.parse(`${time.replace(' ', 'T')}Z`), ...values.map(Number)] as Values);
  });
}

const readJson = (): CandleRow[] => (recording('candles/unittest-btc-1m-2018.json') as Values[]).map(rowOf);

const markets: [string, () => CandleRow[], number][] = [
  ['of a perpetual that is traded all the time', readCsv, 45_031],
  ['of a thin market', readJson, 13_681],
];
const series = candleSeries();
const daysOf = (rows: readonly CandleRow[]) => [...Map.groupBy(rows, ({ openMs }) => periodOf('1m', openMs))];

describe.skipIf(!hasRecordings)(`recorded candles${skippedWithout}`, () => {
  it.each(markets)(
    '%s come out of the table with every bit they had, and take at most 12 bytes there',
    async (_what, read, count) => {
      const rows = read();
      expect(rows).toHaveLength(count);
      const table = await openCandleTable();
      try {
        let bytes = 0;
        for (const [period, ofDay] of daysOf(rows)) {
          bytes += (await table.candles.writeBlock(series, candleBlock({ period, candles: columnsOf(ofDay) }))).bytes;
        }
        let all = emptyColumns;
        for await (const { candles } of table.candles.readBlocks(series, { from: '2017', to: '2023' })) {
          all = mergeColumns(all, candles);
        }
        expect(bitsOf(all)).toEqual(bitsOf(columnsOf(rows)));
        expect(bytes / count).toBeLessThan(12);
      } finally {
        await table.close();
      }
    },
  );

  it.each(markets)('%s come out of the archive with every bit they had', async (_what, read) => {
    const rows = read();
    const { cold, close } = await openArchive();
    try {
      for (const [period, ofDay] of daysOf(rows)) await cold.writeCandles(series, period, columnsOf(ofDay));
      const files = await cold.listCandles(series);
      expect(files.map(({ period }) => period)).toEqual(daysOf(rows).map(([period]) => period));
      let all = emptyColumns;
      for (const { period } of files) all = mergeColumns(all, (await cold.readCandles(series, period)) ?? emptyColumns);
      expect(bitsOf(all)).toEqual(bitsOf(columnsOf(rows)));
    } finally {
      await close();
    }
  });
});
