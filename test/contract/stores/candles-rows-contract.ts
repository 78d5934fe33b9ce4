/** What a store of candles must do with rows of lanes and candles in quarantine, whatever it keeps them in. */
import type { CandleStore, Lane, LaneMember, LaneRow, QuarantinedCandle } from '@nightdesk/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  binance,
  bitsOf,
  candleBlock,
  candleSeries,
  candles,
  dayMs,
  dayStartMs,
  kraken,
  minuteMs,
  noisyCandles,
} from '../../support/candle-series.ts';
import { waitFor } from '../../support/waiting.ts';
import type { CandleStoreHarness } from './candles-contract.ts';

const series = candleSeries();
const lane: Lane = { venue: binance, part: '1m', number: 0 };
const neverMs = dayStartMs + 4_000 * dayMs;

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

export function candleRowsContract(name: string, open: () => Promise<CandleStoreHarness>): void {
  describe(`the store of candles, ${name}`, () => {
    let harness: CandleStoreHarness;
    let store: CandleStore;
    beforeEach(async () => {
      harness = await open();
      store = harness.candles;
    });
    afterEach(() => harness.close());

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

      it('shows only the members that are asked for', async () => {
        const row = laneRow(1, [member('BTC/USDT', 3), member('ETH/USDT', 2), member('XRP/USDT', 1)]);
        await store.writeLane(lane, row, neverMs);
        const shown = async (...symbols: string[]) =>
          store.readLane(lane, { fromMs: 0, toMs: neverMs }, new Set(symbols));
        expect(await shown('ETH/USDT')).toEqual([{ ...row, members: [member('ETH/USDT', 2)] }]);
        expect(await shown('XRP/USDT', 'BTC/USDT')).toEqual([
          { ...row, members: [member('BTC/USDT', 3), member('XRP/USDT', 1)] },
        ]);
        expect(await shown('SOL/USDT')).toEqual([{ ...row, members: [] }]);
      });

      it('reads rows by when they were planned, oldest first, the end of the span not included', async () => {
        for (const minute of [5, 1, 20, 9, 10]) await store.writeLane(lane, laneRow(minute), neverMs);
        const planned = async (from: number, to: number) =>
          (await rowsOf(from, to)).map(({ plannedAtMs }) => (plannedAtMs - dayStartMs) / minuteMs);
        expect(await planned(0, 60)).toEqual([1, 5, 9, 10, 20]);
        expect(await planned(5, 10)).toEqual([5, 9]);
        expect(await planned(11, 20)).toEqual([]);
        expect(await planned(7, 7)).toEqual([]);
        expect(await planned(9, 5)).toEqual([]);
        expect(await planned(Number.NEGATIVE_INFINITY, 2)).toEqual([1]);
        expect(await planned(10, Number.POSITIVE_INFINITY)).toEqual([10, 20]);
        const toEnd = { fromMs: dayStartMs + 11 * minuteMs, toMs: Number.MAX_SAFE_INTEGER };
        expect(await store.readLane(lane, toEnd)).toEqual([laneRow(20)]);
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
        await waitFor(async () => {
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
        expect(await read(Number.NEGATIVE_INFINITY, 5)).toHaveLength(1);
        expect(await read(5, Number.POSITIVE_INFINITY)).toHaveLength(2);
      });

      it('keeps every number that a venue can send, as exactly as it came', async () => {
        const values = [dayStartMs, 5e-324, Number.MAX_VALUE, 0.1 + 0.2, -123_456_789_012_345_680_000, null];
        await store.quarantine([quarantined(1, { values }), quarantined(2, { values: [-0.5, 0, 1e15] })]);
        expect(await read(0, 9)).toEqual([quarantined(1, { values }), quarantined(2, { values: [-0.5, 0, 1e15] })]);
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
        for await (const block of store.readBlocks(series, { from: '0000', to: '9999' })) {
          expect(block).toEqual(candleBlock({ version: 1 }));
        }
        for await (const block of store.readBlocks(other, { from: '0000', to: '9999' })) expect(block).toBeUndefined();
      });
    });
  });
}
