/** What a store of candles must do with blocks, whatever it keeps them in. */
import type { CandleBlock, CandleStore } from '@nightdesk/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  bitsOf,
  candleBlock,
  candleSeries,
  candles,
  day,
  dayMs,
  dayStartMs,
  gap,
  kraken,
  minuteMs,
  noisyCandles,
} from '../../support/candle-series.ts';

export interface CandleStoreHarness {
  candles: CandleStore;
  /** Lets time pass, and what is to be forgotten by then is. */
  passTo(atMs: number): Promise<void>;
  close(): Promise<void>;
}

const series = candleSeries();
const conflict = { name: 'VersionConflictError' };

const periodAfter = (days: number): string => new Date(dayStartMs + days * dayMs).toISOString().slice(0, 10);
async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const collected: Item[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

export function candleBlocksContract(name: string, open: () => Promise<CandleStoreHarness>): void {
  describe(`the store of candles, ${name}: blocks`, () => {
    let harness: CandleStoreHarness;
    let store: CandleStore;
    beforeEach(async () => {
      harness = await open();
      store = harness.candles;
    });
    afterEach(() => harness.close());

    const blocks = (from = '0000', to = '9999') => collect(store.readBlocks(series, { from, to }));

    it('has none before the first is written', async () => {
      expect(await store.readBlock(series, day)).toBeUndefined();
      expect(await blocks()).toEqual([]);
    });

    it('shows a block as it was written, under the next version', async () => {
      const block = candleBlock({
        gaps: [
          gap(),
          gap({ fromMs: dayStartMs + 4 * minuteMs, toMs: dayStartMs + 9 * minuteMs, kind: 'no-trades', attempts: 2 }),
          gap({
            ...{ fromMs: dayStartMs + 9 * minuteMs, toMs: dayStartMs + 10 * minuteMs, kind: 'outage', attempts: 3 },
            ...{
              checkedAtMs: dayStartMs + dayMs,
              by: 'trades',
              incident: { fromMs: dayStartMs, toMs: dayStartMs + 7 },
            },
          }),
          gap({
            fromMs: dayStartMs + 20 * minuteMs,
            toMs: dayStartMs + 21 * minuteMs,
            kind: 'quarantined',
            by: 'candles',
          }),
        ],
        rebuilt: [{ fromMs: dayStartMs + minuteMs, toMs: dayStartMs + 3 * minuteMs }],
        revised: 7,
        checkedToMs: dayStartMs + dayMs,
      });
      const written = await store.writeBlock(series, block);
      expect(written).toEqual({ version: 1, bytes: expect.any(Number) });
      expect(written.bytes).toBeGreaterThan(0);
      expect(await store.readBlock(series, day)).toEqual({ ...block, version: 1 });
      expect(await blocks()).toEqual([{ ...block, version: 1 }]);
    });

    it('keeps a block without candles, and gaps that are not in order', async () => {
      const gaps = [gap({ fromMs: dayStartMs + dayMs, toMs: dayStartMs + 2 * dayMs }), gap(), gap()];
      await store.writeBlock(series, candleBlock({ candles: candles(0), gaps }));
      expect(await store.readBlock(series, day)).toEqual(candleBlock({ candles: candles(0), gaps, version: 1 }));
    });

    it('keeps every bit of every float', async () => {
      const written = noisyCandles(1_440, minuteMs);
      written.open[0] = 0.1 + 0.2;
      written.close[1] = 5e-324;
      written.high[2] = Number.MAX_VALUE;
      written.volume[3] = Number.NaN;
      written.quoteVolume[4] = -0;
      await store.writeBlock(series, candleBlock({ candles: written }));
      const read = await store.readBlock(series, day);
      expect(read && bitsOf(read.candles)).toEqual(bitsOf(written));
    });

    it('writes nothing over a version that it was not read with', async () => {
      await expect(store.writeBlock(series, candleBlock({ version: 1 }))).rejects.toMatchObject(conflict);
      expect(await store.readBlock(series, day)).toBeUndefined();
      await store.writeBlock(series, candleBlock());
      await store.writeBlock(series, candleBlock({ candles: candles(5), version: 1 }));
      for (const version of [0, 1, 3]) {
        await expect(store.writeBlock(series, candleBlock({ version }))).rejects.toMatchObject(conflict);
      }
      expect(await store.readBlock(series, day)).toEqual(candleBlock({ candles: candles(5), version: 2 }));
    });

    it('lets one of many writers of one version win', async () => {
      const writes = [1, 2, 3, 4, 5].map((revised) => store.writeBlock(series, candleBlock({ revised })));
      const ends = await Promise.allSettled(writes);
      expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect((await store.readBlock(series, day))?.version).toBe(1);
    });

    it('reads blocks of a range, its ends included, oldest first, and leaves out what is not there', async () => {
      for (const days of [3, 0, 11, 1, 4]) {
        await store.writeBlock(series, candleBlock({ period: periodAfter(days), revised: days }));
      }
      const revised = async (from: number, to: number) =>
        (await blocks(periodAfter(from), periodAfter(to))).map((block) => block.revised);
      expect(await revised(0, 11)).toEqual([0, 1, 3, 4, 11]);
      expect(await revised(1, 3)).toEqual([1, 3]);
      expect(await revised(2, 2)).toEqual([]);
      expect(await revised(4, 4)).toEqual([4]);
      expect(await revised(4, 3)).toEqual([]);
    });

    it.each([
      ['1h', ['2025-12', '2026-01', '2026-02']],
      ['1d', ['2024', '2025', '2026']],
      ['1M', ['2024', '2025', '2026']],
    ])('keeps periods of %s apart, and reads them as ranges', async (timeframe, periods) => {
      const long = candleSeries({ timeframe });
      for (const period of periods) await store.writeBlock(long, candleBlock({ period }));
      const read = await collect(store.readBlocks(long, { from: periods[0] ?? '', to: periods[1] ?? '' }));
      expect(read.map(({ period }) => period)).toEqual(periods.slice(0, 2));
    });

    it('removes blocks, which then begin anew at version 0', async () => {
      for (const days of [0, 1, 2]) await store.writeBlock(series, candleBlock({ period: periodAfter(days) }));
      await store.deleteBlocks(series, [periodAfter(0), periodAfter(2), periodAfter(7)]);
      await store.deleteBlocks(series, []);
      expect((await blocks()).map(({ period }) => period)).toEqual([periodAfter(1)]);
      await expect(store.writeBlock(series, candleBlock({ version: 1 }))).rejects.toMatchObject(conflict);
      expect(await store.writeBlock(series, candleBlock())).toMatchObject({ version: 1 });
    });

    it('keeps series apart', async () => {
      await store.writeBlock(series, candleBlock());
      const others = [{ symbol: 'BTC/USDT:USDT' }, { symbol: 'BTC/USD' }, { timeframe: '1M' }, { venue: kraken }];
      for (const other of others.map(candleSeries)) expect(await store.readBlock(other, day)).toBeUndefined();
      for (const other of others.map(candleSeries))
        expect(await store.writeBlock(other, candleBlock())).toMatchObject({ version: 1 });
      expect(await blocks()).toHaveLength(1);
    });

    it('hands out copies', async () => {
      const block = candleBlock({ gaps: [gap()] });
      await store.writeBlock(series, block);
      block.candles.open[0] = 1;
      const read = await store.readBlock(series, day);
      if (read === undefined) throw new Error('there is no block');
      expect(bitsOf(read.candles)).toEqual(bitsOf(candles(3)));
      read.candles.open[0] = 2;
      (read.gaps as CandleBlock['gaps'][number][])[0] = gap({ attempts: 9 });
      expect(await store.readBlock(series, day)).toEqual(candleBlock({ gaps: [gap()], version: 1 }));
    });
  });
}
