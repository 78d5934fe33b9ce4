/** What the archive must do, whatever it keeps its files in. */
import { amount, type ColdStore, type FundingPoint, type PublicTrade, price, type Span } from '@nightdesk/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  bitsOf,
  candleSeries,
  candles,
  day,
  dayMs,
  dayStartMs,
  kraken,
  minuteMs,
  noisyCandles,
  tickSeries,
} from '../../support/candle-series.ts';

export interface ColdStoreHarness {
  cold: ColdStore;
  close(): Promise<void>;
}

const series = candleSeries();
const trades = tickSeries('trades');
const funding = tickSeries('funding');
const everything: Span = { fromMs: dayStartMs - dayMs, toMs: dayStartMs + 3 * dayMs };

const span = (fromMinute: number, toMinute: number): Span => ({
  fromMs: dayStartMs + fromMinute * minuteMs,
  toMs: dayStartMs + toMinute * minuteMs,
});
/** Trade `number`, one each minute of the day. */
const trade = (number: number, fields: Partial<PublicTrade> = {}): PublicTrade => ({
  ...{ price: price(`90000.${String(number).padStart(2, '0')}1`), amount: amount('0.00000123') },
  ...{ atMs: dayStartMs + number * minuteMs, side: number % 2 === 0 ? ('buy' as const) : ('sell' as const) },
  tradeId: `t-${number}`,
  ...fields,
});
const numbered = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => trade(from + index));
/** As venues that number no trades and do not tell who took. */
const bare = (number: number, fields: Partial<PublicTrade> = {}): PublicTrade => {
  const { tradeId: _id, side: _side, ...rest } = trade(number, fields);
  return rest;
};
const point = (number: number, rate = '0.0001'): FundingPoint => ({
  ...{ atMs: Date.UTC(2026, 10, 1) + number * 8 * 3_600_000, rate, markPrice: price(`9000${number % 10}.5`) },
});

export function coldStoreContract(name: string, open: () => Promise<ColdStoreHarness>): void {
  describe(`the archive, ${name}`, () => {
    let harness: ColdStoreHarness;
    let cold: ColdStore;
    beforeEach(async () => {
      harness = await open();
      cold = harness.cold;
    });
    afterEach(() => harness.close());

    describe('of candles', () => {
      it('has none before the first is written', async () => {
        expect(await cold.readCandles(series, day)).toBeUndefined();
        expect(await cold.listCandles(series)).toEqual([]);
      });

      it('keeps every bit of every float, and what the venue does not tell', async () => {
        const written = noisyCandles(300, minuteMs);
        written.open[0] = 0.1 + 0.2;
        written.close[1] = 5e-324;
        written.high[2] = Number.MAX_VALUE;
        written.low[3] = -0;
        for (const column of [written.volume, written.quoteVolume, written.trades]) column[4] = Number.NaN;
        written.trades[5] = Number.MAX_SAFE_INTEGER;
        expect((await cold.writeCandles(series, day, written)).bytes).toBeGreaterThan(0);
        const read = await cold.readCandles(series, day);
        expect(read && bitsOf(read)).toEqual(bitsOf(written));
      });

      it.each([0, 1, 1_440])('keeps %i candles, also where a column is told of none', async (count) => {
        const { volume, ...told } = candles(count);
        const written = { ...told, volume: volume.fill(Number.NaN), trades: new Float64Array(count).fill(Number.NaN) };
        await cold.writeCandles(series, day, written);
        const read = await cold.readCandles(series, day);
        expect(read && bitsOf(read)).toEqual(bitsOf(written));
      });

      it('replaces a file as a whole', async () => {
        await cold.writeCandles(series, day, candles(5));
        const { bytes } = await cold.writeCandles(series, day, candles(2));
        expect((await cold.readCandles(series, day))?.openMs).toHaveLength(2);
        expect(await cold.listCandles(series)).toEqual([{ period: day, bytes }]);
      });

      it.each([
        ['1s', ['2026-11-19', '2026-11-20']],
        ['1m', ['2026-02-28', '2026-10-31', '2026-11-01']],
        ['4h', ['2025-12', '2026-01']],
        ['1w', ['2024', '2025']],
        ['1M', ['2024', '2025']],
      ])('lists what there is of %s, oldest first', async (timeframe, periods) => {
        const listed = candleSeries({ timeframe });
        for (const period of periods.toReversed()) await cold.writeCandles(listed, period, candles(1));
        expect((await cold.listCandles(listed)).map(({ period }) => period)).toEqual(periods);
        expect(await cold.readCandles(listed, periods[0] ?? '')).toEqual(candles(1));
      });

      it('keeps series apart, whatever their symbols are made of', async () => {
        const symbols = [
          'BTC/USDT',
          'BTC/USDT:USDT',
          'BTC/USDT:USDT-270326',
          'BTC/USD:BTC-261127-50000-C',
          '币安人生/USDT',
        ];
        const odd = ['$PAC/USDT', 'A+B/USDT', '1000*X/USDT', 'A B/USDT', '%2F/USDT', "O'X/USDT", '.../USDT'];
        const alike = [
          'A-B/C',
          'A/B-C',
          'A/B:C',
          'A/B_C',
          'A_B/C',
          'A:B/C',
          'A-B',
          'A_B',
          'A/B',
          'A:B',
          'A/B/C',
          'a/b',
        ];
        const all = [...symbols, ...odd, ...alike].map((symbol) => candleSeries({ symbol }));
        const others = [candleSeries({ timeframe: '1M' }), candleSeries({ venue: kraken })];
        for (const [index, each] of [...all, ...others].entries())
          await cold.writeCandles(each, '2026', candles(index));
        for (const [index, each] of [...all, ...others].entries()) {
          expect((await cold.readCandles(each, '2026'))?.openMs.length).toBe(index);
          expect(await cold.listCandles(each)).toHaveLength(1);
        }
      });

      it('hands out copies', async () => {
        const written = candles(2);
        await cold.writeCandles(series, day, written);
        written.open[0] = 1;
        (await cold.readCandles(series, day))?.open.fill(2);
        expect(await cold.readCandles(series, day)).toEqual(candles(2));
      });
    });

    describe('of trades', () => {
      const read = async (within = everything) => {
        const lists: PublicTrade[][] = [];
        for await (const list of cold.readTrades(trades, within)) lists.push(list);
        return lists.flat();
      };

      it('has none before the first are written, and makes no file of none', async () => {
        expect(await read()).toEqual([]);
        expect(await cold.compactTrades(trades, day)).toEqual({ bytes: 0, trades: 0 });
        await cold.writeTrades(trades, span(0, 1), []);
        expect(await read()).toEqual([]);
      });

      it('shows trades as they were written, in order of time', async () => {
        const brief = [bare(7), trade(8, { price: price('0.00000000123'), amount: amount('123456789012345') })];
        expect((await cold.writeTrades(trades, span(5, 10), [...numbered(5, 7), ...brief])).bytes).toBeGreaterThan(0);
        await cold.writeTrades(trades, span(0, 5), numbered(0, 5));
        expect(await read()).toEqual([...numbered(0, 7), ...brief]);
        expect(await read(span(3, 7))).toEqual(numbered(3, 7));
        expect(await read(span(3, 3))).toEqual([]);
      });

      it('shows them alike when their day is one file', async () => {
        await cold.writeTrades(trades, span(0, 5), numbered(0, 5));
        await cold.writeTrades(trades, span(5, 9), numbered(5, 9));
        const compacted = await cold.compactTrades(trades, day);
        expect(compacted).toEqual({ bytes: expect.any(Number), trades: 9 });
        expect(await read()).toEqual(numbered(0, 9));
        expect(await cold.compactTrades(trades, day)).toEqual(compacted);
        expect(await read()).toEqual(numbered(0, 9));
      });

      it('adds to the file of a day what comes late', async () => {
        await cold.writeTrades(trades, span(0, 5), numbered(0, 5));
        await cold.compactTrades(trades, day);
        await cold.writeTrades(trades, span(3, 9), numbered(3, 9));
        expect(await read()).toEqual(numbered(0, 9));
        expect(await cold.compactTrades(trades, day)).toMatchObject({ trades: 9 });
        expect(await read()).toEqual(numbered(0, 9));
      });

      it('replaces what a run has brought of a span when the run is repeated', async () => {
        await cold.writeTrades(trades, span(0, 5), numbered(0, 3));
        await cold.writeTrades(trades, span(0, 5), numbered(0, 5));
        expect(await read()).toEqual(numbered(0, 5));
      });

      it('shows a trade with an id once, however many runs have brought it', async () => {
        await cold.writeTrades(trades, span(0, 5), [...numbered(0, 5), trade(4)]);
        await cold.writeTrades(trades, span(0, 7), numbered(0, 7));
        await cold.writeTrades(trades, span(2, 6), numbered(2, 6));
        expect(await read()).toEqual(numbered(0, 7));
        await cold.compactTrades(trades, day);
        expect(await read()).toEqual(numbered(0, 7));
      });

      it('shows trades without ids as often as the run that saw most of them, since some are alike', async () => {
        const alike = [bare(1), bare(1), bare(1)];
        await cold.writeTrades(trades, span(0, 2), [bare(0), bare(1), bare(1)]);
        await cold.writeTrades(trades, span(1, 3), [...alike, bare(2)]);
        await cold.writeTrades(trades, span(1, 2), [bare(1)]);
        const whole = [bare(0), ...alike, bare(2)];
        expect(await read()).toEqual(whole);
        expect(await cold.compactTrades(trades, day)).toMatchObject({ trades: 5 });
        await cold.writeTrades(trades, span(0, 3), whole);
        expect(await read()).toEqual(whole);
        await cold.compactTrades(trades, day);
        expect(await read()).toEqual(whole);
      });

      it('cuts what a run has brought at midnight', async () => {
        const [before, after] = [trade(1, { atMs: dayStartMs - 1 }), trade(0)];
        await cold.writeTrades(trades, span(-5, 5), [before, after]);
        expect(await cold.compactTrades(trades, day)).toMatchObject({ trades: 1 });
        expect(await read()).toEqual([before, after]);
        expect(await cold.compactTrades(trades, '2026-11-19')).toMatchObject({ trades: 1 });
        expect(await read()).toEqual([before, after]);
        expect(await read(span(0, 5))).toEqual([after]);
      });

      it('loses no trade and shows none twice, whoever compacts, writes and reads at the same time', async () => {
        await cold.writeTrades(trades, span(0, 10), numbered(0, 10));
        const seen = await Promise.all([
          read(),
          cold.compactTrades(trades, day).then(() => []),
          cold.writeTrades(trades, span(10, 20), numbered(10, 20)).then(() => []),
          cold.compactTrades(trades, day).then(() => []),
          read(),
          cold.writeTrades(trades, span(5, 20), numbered(5, 20)).then(() => []),
          cold.compactTrades(trades, day).then(() => []),
          read(),
        ]);
        for (const list of seen.filter((each) => each.length > 0)) {
          expect(list.slice(0, 10)).toEqual(numbered(0, 10));
          expect(new Set(list.map(({ tradeId }) => tradeId)).size).toBe(list.length);
        }
        expect(await read()).toEqual(numbered(0, 20));
        await cold.compactTrades(trades, day);
        expect(await read()).toEqual(numbered(0, 20));
      });

      it('keeps series apart', async () => {
        const others = [tickSeries('trades', { symbol: 'BTC/USDT' }), tickSeries('trades', { venue: kraken })];
        await cold.writeTrades(trades, span(0, 5), numbered(0, 5));
        for (const other of others) {
          expect(await cold.compactTrades(other, day)).toEqual({ bytes: 0, trades: 0 });
          for await (const list of cold.readTrades(other, everything)) expect(list).toEqual([]);
        }
        expect(await read()).toHaveLength(5);
      });
    });

    describe('of funding', () => {
      const whole: Span = { fromMs: 0, toMs: Date.UTC(2027, 0) };
      const read = (within: Span = { fromMs: Date.UTC(2026, 8), toMs: whole.toMs }) =>
        cold.readFunding(funding, within);

      it('has none before the first is written, and makes no file of none', async () => {
        expect(await read()).toEqual([]);
        expect(await cold.writeFunding(funding, '2026-11', [])).toEqual({ bytes: 0 });
        expect(await read()).toEqual([]);
      });

      it('keeps what is there, and replaces what is of the same time', async () => {
        const { markPrice: _price, ...plain } = point(3, '-0.00000125');
        expect((await cold.writeFunding(funding, '2026-11', [point(1), plain])).bytes).toBeGreaterThan(0);
        await cold.writeFunding(funding, '2026-11', [point(2), point(1, '0.0003'), point(0, '0')]);
        expect(await read()).toEqual([point(0, '0'), point(1, '0.0003'), point(2), plain]);
      });

      it('reads a span over months, its end not included', async () => {
        const october = { atMs: Date.UTC(2026, 9, 31, 16), rate: '0.0005' };
        await cold.writeFunding(funding, '2026-11', [point(0), point(1), point(2)]);
        await cold.writeFunding(funding, '2026-10', [october]);
        expect(await read()).toEqual([october, point(0), point(1), point(2)]);
        expect(await read({ fromMs: october.atMs, toMs: point(1).atMs })).toEqual([october, point(0)]);
        expect(await read({ fromMs: october.atMs + 1, toMs: point(0).atMs })).toEqual([]);
        expect(await read({ fromMs: point(1).atMs, toMs: point(1).atMs })).toEqual([]);
      });

      it('loses nothing of many writers', async () => {
        const writers = Array.from({ length: 4 }, (_, index) => cold.writeFunding(funding, '2026-11', [point(index)]));
        await Promise.all(writers);
        expect(await read()).toEqual([0, 1, 2, 3].map((number) => point(number)));
      });

      it('keeps series apart', async () => {
        await cold.writeFunding(funding, '2026-11', [point(0)]);
        for (const other of [{ symbol: 'ETH/USDT:USDT' }, { venue: kraken }]) {
          expect(
            await cold.readFunding(tickSeries('funding', other), { fromMs: point(0).atMs, toMs: whole.toMs }),
          ).toEqual([]);
        }
      });
    });
  });
}
