/** What a store of series must do, whatever it keeps them in. */
import {
  noTotals,
  type Series,
  type SeriesRecord,
  type SeriesStore,
  type VenueId,
  type VenueIncident,
} from '@nightdesk/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { binance, candleSeries, dayMs, dayStartMs, kraken, tickSeries } from '../../support/candle-series.ts';

export interface SeriesStoreHarness {
  series: SeriesStore;
  close(): Promise<void>;
}

const bitmex = 'bitmex' as VenueId;
const conflict = { name: 'VersionConflictError' };
const recordOf = (series: Series, fields: Partial<SeriesRecord> = {}): SeriesRecord => ({
  ...{ series, lane: 0, status: 'collected', sinceMs: dayStartMs, totals: noTotals, version: 0 },
  ...fields,
});
const outage = (fromMs: number, toMs?: number): VenueIncident => ({
  ...{ fromMs, ...(toMs !== undefined && { toMs }) },
  ...{ code: 'venue_unavailable', message: 'no answer in 5 s' },
});

export function seriesStoreContract(name: string, open: () => Promise<SeriesStoreHarness>): void {
  describe(`the store of series, ${name}`, () => {
    let harness: SeriesStoreHarness;
    let store: SeriesStore;
    beforeEach(async () => {
      harness = await open();
      store = harness.series;
    });
    afterEach(() => harness.close());

    describe('of records', () => {
      it('has none, and no venues, before the first is saved', async () => {
        expect(await store.get(candleSeries())).toBeUndefined();
        expect(await store.list(binance)).toEqual([]);
        expect(await store.venues()).toEqual([]);
      });

      it('shows a record as it was saved, under the next version', async () => {
        const record = recordOf(candleSeries(), {
          ...{ lane: 3, status: 'kept', listedFromMs: 1, sealed: '2026-11-19', cursor: { atMs: 5, id: 'a-7' } },
          failure: { ...{ code: 'rate_limited', message: 'wait' }, sinceMs: 2, attempts: 4, retryAtMs: 9 },
          backfill: {
            ...{ fromMs: 0, toMs: dayMs, doneToMs: 7, startedAtMs: 3, endedAtMs: 8, candles: 6, requests: 2 },
            ...{ askedBy: 'person', cause: { code: 'venue_unavailable', message: 'no answer' } },
          },
          totals: { ...noTotals, candles: 1_440, missing: { open: 1, noTrades: 2, outage: 3, quarantined: 4 } },
        });
        expect(await store.save(record)).toEqual({ ...record, version: 1 });
        expect(await store.get(record.series)).toEqual({ ...record, version: 1 });
        const { failure: _failure, ...mended } = { ...record, version: 1 };
        expect(await store.save(mended)).toEqual({ ...mended, version: 2 });
        expect(await store.get(record.series)).toEqual({ ...mended, version: 2 });
      });

      it('writes nothing over a version that it was not read with', async () => {
        const series = candleSeries();
        await expect(store.save(recordOf(series, { version: 1 }))).rejects.toMatchObject(conflict);
        await store.save(recordOf(series));
        await store.save(recordOf(series, { lane: 1, version: 1 }));
        for (const version of [0, 1, 3]) {
          await expect(store.save(recordOf(series, { lane: 9, version }))).rejects.toMatchObject(conflict);
        }
        expect(await store.get(series)).toEqual(recordOf(series, { lane: 1, version: 2 }));
      });

      it('lets one of many writers of one version win', async () => {
        const saves = [1, 2, 3, 4, 5].map((lane) => store.save(recordOf(candleSeries(), { lane })));
        const ends = await Promise.allSettled(saves);
        expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
        expect(await store.list(binance)).toHaveLength(1);
      });

      it('lists the series of a venue by their keys, and the venues that have any', async () => {
        const symbols = ['XRP/USDT', 'BTC/USDT', 'ETH/USDT:USDT', '币安人生/USDT', 'ETH/USDT'];
        for (const symbol of symbols) await store.save(recordOf(candleSeries({ symbol })));
        await store.save(recordOf(candleSeries({ symbol: 'BTC/USDT', timeframe: '1h' })));
        await store.save(recordOf(tickSeries('trades', { symbol: 'BTC/USDT' })));
        await store.save(recordOf(tickSeries('funding', { venue: kraken })));
        const listed = await store.list(binance);
        expect(
          listed.map(({ series }) => `${series.symbol} ${'timeframe' in series ? series.timeframe : series.kind}`),
        ).toEqual([
          'BTC/USDT 1h',
          'BTC/USDT 1m',
          'BTC/USDT trades',
          'ETH/USDT 1m',
          'ETH/USDT:USDT 1m',
          'XRP/USDT 1m',
          '币安人生/USDT 1m',
        ]);
        expect(await store.list(kraken)).toEqual([recordOf(tickSeries('funding', { venue: kraken }), { version: 1 })]);
        expect(await store.list(bitmex)).toEqual([]);
        expect(await store.venues()).toEqual([binance, kraken]);
      });

      it('hands out copies', async () => {
        const record = recordOf(candleSeries());
        const saved = await store.save(record);
        record.lane = 7;
        saved.lane = 8;
        for (const listed of await store.list(binance)) listed.lane = 9;
        expect((await store.get(candleSeries()))?.lane).toBe(0);
      });
    });

    describe('of incidents', () => {
      const all = { fromMs: 0, toMs: dayStartMs * 2 };

      it('has none before the first, and ends none that does not last', async () => {
        await store.closeIncident(binance, 5);
        expect(await store.incidents(binance, all)).toEqual([]);
      });

      it('begins one unless one lasts, and ends the one that lasts', async () => {
        await store.openIncident(binance, outage(1_000));
        await store.openIncident(binance, outage(2_000));
        expect(await store.incidents(binance, all)).toEqual([outage(1_000)]);
        await store.closeIncident(binance, 3_000);
        await store.closeIncident(binance, 4_000);
        expect(await store.incidents(binance, all)).toEqual([outage(1_000, 3_000)]);
        await store.openIncident(binance, outage(5_000));
        expect(await store.incidents(binance, all)).toEqual([outage(1_000, 3_000), outage(5_000)]);
      });

      it('never lets one end before it began', async () => {
        await store.openIncident(binance, outage(1_000));
        await store.closeIncident(binance, 500);
        expect(await store.incidents(binance, all)).toEqual([outage(1_000, 1_000)]);
      });

      it('begins one and ends it once, however many see it at the same moment', async () => {
        await Promise.all([1, 2, 3, 4, 5].map((fromMs) => store.openIncident(binance, outage(fromMs))));
        expect(await store.incidents(binance, all)).toHaveLength(1);
        await Promise.all([11, 12, 13, 14, 15].map((atMs) => store.closeIncident(binance, atMs)));
        const ended = await store.incidents(binance, all);
        expect(ended).toHaveLength(1);
        expect(ended[0]?.toMs).toBeGreaterThan(10);
      });

      it('shows those that touch a span, oldest first', async () => {
        for (const [fromMs, toMs] of [
          [9_000, 10_000],
          [12_000, 15_000],
          [100_000, 200_000],
        ] as const) {
          await store.openIncident(binance, outage(fromMs));
          await store.closeIncident(binance, toMs);
        }
        await store.openIncident(binance, outage(300_000));
        const begun = async (fromMs: number, toMs: number) =>
          (await store.incidents(binance, { fromMs, toMs })).map((incident) => incident.fromMs);
        expect(await begun(0, 9_000)).toEqual([]);
        expect(await begun(0, 9_001)).toEqual([9_000]);
        expect(await begun(9_999, 12_001)).toEqual([9_000, 12_000]);
        expect(await begun(10_000, 12_000)).toEqual([]);
        expect(await begun(13_000, 14_000)).toEqual([12_000]);
        expect(await begun(199_999, 300_000)).toEqual([100_000]);
        expect(await begun(400_000, 400_001)).toEqual([300_000]);
      });

      it('keeps venues apart, and makes none of them a venue that has series', async () => {
        await store.openIncident(binance, outage(1_000));
        expect(await store.incidents(kraken, all)).toEqual([]);
        await store.closeIncident(kraken, 2_000);
        expect(await store.incidents(binance, all)).toEqual([outage(1_000)]);
        expect(await store.venues()).toEqual([]);
        expect(await store.list(binance)).toEqual([]);
      });
    });

    describe('of rankings', () => {
      it('shows what was saved last, of each venue, however many symbols it has', async () => {
        expect(await store.ranking(binance)).toBeUndefined();
        const symbols = Array.from({ length: 3_000 }, (_, index) => ({
          symbol: `COIN${(index * 7_919) % 3_000}/USDT:USDT`,
          quoteVolume: 1e9 / (index + 1),
        }));
        await store.saveRanking(binance, { atMs: 1, symbols: [] });
        await store.saveRanking(binance, { atMs: 2, symbols });
        expect(await store.ranking(binance)).toEqual({ atMs: 2, symbols });
        expect(await store.ranking(kraken)).toBeUndefined();
      });
    });
  });
}
