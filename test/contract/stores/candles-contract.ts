/** What a store of candles must do, whatever it keeps them in. */
import type { CandleBlock, CandleStore, Lane, LaneMember, LaneRow, QuarantinedCandle } from '@nightdesk/core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  binance,
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
const lane: Lane = { venue: binance, part: '1m', number: 0 };
const neverMs = dayStartMs + 4_000 * dayMs;
const conflict = { name: 'VersionConflictError' };

const periodAfter = (days: number): string => new Date(dayStartMs + days * dayMs).toISOString().slice(0, 10);
const member = (symbol: string, count: number, fromMs = dayStartMs): LaneMember => ({
  symbol,
  candles: candles(count, { fromMs }),
  untilMs: fromMs + count * minuteMs,
});
const laneRow = (minute: number, members = [member('BTC/USDT', 1), member('ETH/USDT', 2)]): LaneRow => ({
  plannedAtMs: dayStartMs + minute * minuteMs,
  members,
});
const quarantined = (minute: number, fields: Partial<QuarantinedCandle> = {}): QuarantinedCandle => ({
  ...{
    series,
    openMs: dayStartMs + minute * minuteMs,
    reason: 'inconsistent',
    message: 'the high 1 is below the low 2',
  },
  ...{ values: [dayStartMs + minute * minuteMs, 1.5, 1, 2, 1.5, null], atMs: dayStartMs + dayMs },
  ...fields,
});

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const collected: Item[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

export function candleStoreContract(name: string, open: () => Promise<CandleStoreHarness>): void {
  describe(`the store of candles, ${name}`, () => {
    let harness: CandleStoreHarness;
    let store: CandleStore;
    beforeEach(async () => {
      harness = await open();
      store = harness.candles;
    });
    afterEach(() => harness.close());

    const blocks = (from = '0000', to = '9999') => collect(store.readBlocks(series, { from, to }));

    describe('of blocks', () => {
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

    describe('of lanes', () => {
      const rowsOf = (fromMinute: number, toMinute: number) =>
        store.readLane(lane, { fromMs: dayStartMs + fromMinute * minuteMs, toMs: dayStartMs + toMinute * minuteMs });

      it('has no rows before the first is written', async () => {
        expect(await rowsOf(0, 10)).toEqual([]);
        expect(await store.lastOfLane(lane)).toBeUndefined();
      });

      it('shows a row as it was written, with all its members', async () => {
        const row = laneRow(1, [member('BTC/USDT', 3), member('币安人生/USDT', 0), member('ETH/USDT:USDT-270326', 1)]);
        expect((await store.writeLane(lane, row, neverMs)).bytes).toBeGreaterThan(0);
        expect(await rowsOf(0, 10)).toEqual([row]);
        expect(await store.lastOfLane(lane)).toEqual(row);
      });

      it('reads rows by when they were planned, oldest first, the end of the span not included', async () => {
        for (const minute of [5, 1, 20, 9, 10]) await store.writeLane(lane, laneRow(minute), neverMs);
        const planned = async (from: number, to: number) =>
          (await rowsOf(from, to)).map(({ plannedAtMs }) => (plannedAtMs - dayStartMs) / minuteMs);
        expect(await planned(0, 60)).toEqual([1, 5, 9, 10, 20]);
        expect(await planned(5, 10)).toEqual([5, 9]);
        expect(await planned(11, 20)).toEqual([]);
        expect(await planned(7, 7)).toEqual([]);
        expect(await store.lastOfLane(lane)).toEqual(laneRow(20));
      });

      it('replaces a row that was planned at the same time', async () => {
        await store.writeLane(lane, laneRow(1), neverMs);
        const again = laneRow(1, [member('BTC/USDT', 4)]);
        await store.writeLane(lane, again, neverMs);
        expect(await rowsOf(0, 10)).toEqual([again]);
      });

      it('keeps rows that are larger than any that DynamoDB stores, and replaces them by smaller ones', async () => {
        const large = laneRow(1, [{ symbol: 'BTC/USDT', candles: noisyCandles(9_000, 1_000), untilMs: dayStartMs }]);
        await store.writeLane(lane, laneRow(0), neverMs);
        const { bytes } = await store.writeLane(lane, large, neverMs);
        expect(bytes).toBeGreaterThan(400 * 1_024);
        const [read] = await rowsOf(1, 2);
        expect(read?.members.map((each) => bitsOf(each.candles))).toEqual(
          large.members.map((each) => bitsOf(each.candles)),
        );
        expect((await store.lastOfLane(lane))?.plannedAtMs).toBe(large.plannedAtMs);
        expect((await rowsOf(0, 9)).map(({ members }) => members.length)).toEqual([2, 1]);
        await store.writeLane(lane, laneRow(1), neverMs);
        expect(await store.lastOfLane(lane)).toEqual(laneRow(1));
        expect(await rowsOf(0, 9)).toEqual([laneRow(0), laneRow(1)]);
      });

      it('forgets rows in time', async () => {
        await store.writeLane(lane, laneRow(0), dayStartMs + dayMs);
        await store.writeLane(lane, laneRow(1), dayStartMs + 9 * dayMs);
        await vi.waitFor(async () => {
          await harness.passTo(dayStartMs + 5 * dayMs);
          expect(await rowsOf(0, 9)).toEqual([laneRow(1)]);
        });
      });

      it('keeps lanes apart', async () => {
        await store.writeLane(lane, laneRow(1), neverMs);
        for (const other of [{ number: 1 }, { number: 10 }, { part: '5m' }, { venue: kraken }]) {
          expect(await store.lastOfLane({ ...lane, ...other })).toBeUndefined();
        }
      });

      it('hands out copies', async () => {
        const row = laneRow(1);
        await store.writeLane(lane, row, neverMs);
        for (const each of row.members) each.candles.open.fill(1);
        for (const each of (await store.lastOfLane(lane))?.members ?? []) each.candles.open.fill(2);
        expect(await store.lastOfLane(lane)).toEqual(laneRow(1));
      });
    });

    describe('of candles in quarantine', () => {
      const read = (fromMinute: number, toMinute: number) =>
        store.readQuarantine(series, {
          fromMs: dayStartMs + fromMinute * minuteMs,
          toMs: dayStartMs + toMinute * minuteMs,
        });

      it('shows them as they came, by when they open, the end of the span not included', async () => {
        await store.quarantine([quarantined(5), quarantined(1, { reason: 'outlier', values: [] }), quarantined(9)]);
        expect(await read(0, 60)).toEqual([
          quarantined(1, { reason: 'outlier', values: [] }),
          quarantined(5),
          quarantined(9),
        ]);
        expect(await read(1, 9)).toHaveLength(2);
        expect(await read(2, 5)).toEqual([]);
        expect(await read(5, 5)).toEqual([]);
      });

      it('takes none, more than a batch holds, and one twice: the later counts', async () => {
        await store.quarantine([]);
        const many = Array.from({ length: 60 }, (_, minute) => quarantined(minute));
        const later = quarantined(3, { reason: 'duplicate' });
        await store.quarantine([...many, later]);
        expect(await read(0, 60)).toEqual(many.with(3, later));
        await store.quarantine([quarantined(3)]);
        expect(await read(3, 4)).toEqual([quarantined(3)]);
      });

      it('releases those that came right', async () => {
        await store.quarantine([quarantined(1), quarantined(2), quarantined(3)]);
        const at = (minute: number) => dayStartMs + minute * minuteMs;
        await store.releaseQuarantine(series, [at(1), at(3), at(3), at(7)]);
        await store.releaseQuarantine(series, []);
        expect(await read(0, 9)).toEqual([quarantined(2)]);
      });

      it('keeps series apart, and blocks and candles in quarantine', async () => {
        const other = candleSeries({ symbol: 'ETH/USDT' });
        await store.writeBlock(series, candleBlock());
        await store.quarantine([quarantined(1), quarantined(2, { series: other })]);
        expect(await read(0, 9)).toEqual([quarantined(1)]);
        expect(await blocks()).toHaveLength(1);
        expect(await collect(store.readBlocks(other, { from: '0000', to: '9999' }))).toEqual([]);
      });
    });
  });
}
