import {
  type Amount,
  type CandleRow,
  candlesOfTrades,
  columnsOf,
  derivableFrom,
  deriveCandles,
  isAligned,
  isDerivable,
  openTimeOf,
  type Price,
  type PublicTrade,
  rowsOf,
} from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import fc from '../../../support/property.ts';

const minuteMs = 60_000;
const dayMs = 86_400_000;
const startMs = Date.UTC(2026, 10, 21);
const at = (text: string) => Date.parse(`${text}Z`);

/** A candle of one minute whose close is `price`, opened one below. */
const minute = (index: number, price: number, more: Partial<CandleRow> = {}): CandleRow => ({
  ...{
    openMs: startMs + index * minuteMs,
    open: price - 1,
    high: price + 2,
    low: price - 3,
    close: price,
    volume: 0.1,
  },
  ...more,
});
/** A candle of a day that says nothing of interest. */
const day = (text: string): CandleRow => ({ openMs: at(`${text}T00:00`), open: 1, high: 1, low: 1, close: 1 });

describe('a candle made of shorter ones', () => {
  it('opens with the first, closes with the last, reaches as far as any, and sums up the rest', () => {
    const told = (price: number) => ({ quoteVolume: price / 10, trades: price });
    const columns = columnsOf([
      minute(0, 10, told(10)),
      minute(1, 20, told(20)),
      minute(2, 5, told(5)),
      minute(7, 8, told(8)),
    ]);
    const derived = deriveCandles(columns, { from: '1m', to: '5m' });
    expect(rowsOf(derived.candles)).toEqual([
      { openMs: startMs, open: 9, high: 22, low: 2, close: 5, volume: 0.3, quoteVolume: 3.5, trades: 35 },
      { openMs: startMs + 5 * minuteMs, open: 7, high: 10, low: 5, close: 8, volume: 0.1, quoteVolume: 0.8, trades: 8 },
    ]);
    expect([...derived.parts]).toEqual([3, 1]);
    expect([...derived.partsWanted]).toEqual([5, 5]);
  });

  it('is not there where none of them is', () => {
    expect(deriveCandles(columnsOf([]), { from: '1m', to: '1h' }).candles.openMs).toHaveLength(0);
  });

  it('has no volume where that of a part is unknown, and keeps what is known', () => {
    const columns = columnsOf([minute(0, 10, { trades: 3 }), minute(1, 10, { volume: Number.NaN, trades: 4 })]);
    const [row] = rowsOf(deriveCandles(columns, { from: '1m', to: '1h' }).candles);
    expect(row?.volume).toBeUndefined();
    expect(row?.quoteVolume).toBeUndefined();
    expect(row?.trades).toBe(7);
  });

  it('has as volume the float nearest to the sum of the decimals', () => {
    const hundredths = fc.array(fc.integer({ min: 0, max: 10 ** 9 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(hundredths, fc.integer({ min: 0, max: 8 }), (integers, decimals) => {
        const volumeOf = (integer: number) => Number(`${integer}e-${decimals}`);
        const columns = columnsOf(integers.map((integer, index) => minute(index, 10, { volume: volumeOf(integer) })));
        const sum = integers.reduce((total, integer) => total + integer, 0);
        expect(deriveCandles(columns, { from: '1m', to: '1h' }).candles.volume[0]).toBe(volumeOf(sum));
      }),
      { numRuns: 60 },
    );
  });

  it.each([
    ['no short decimals', [Math.PI, Math.E, 1]],
    ['too long a sum of decimals', [1e15, 0.123456, 1e15]],
  ])('has the sum of the floats, with volumes of which it is %s', (_, volumes) => {
    const columns = columnsOf(volumes.map((volume, index) => minute(index, 10, { volume })));
    const { volume } = deriveCandles(columns, { from: '1m', to: '1h' }).candles;
    expect(volume[0]).toBeCloseTo(
      volumes.reduce((total, each) => total + each, 0),
      6,
    );
  });

  it.each([
    [
      '1w',
      ['2026-11-15', '2026-11-16', '2026-11-22', '2026-11-23'],
      ['2026-11-09', '2026-11-16', '2026-11-23'],
      [7, 7, 7],
    ],
    ['1M', ['2027-02-01', '2027-02-28', '2027-03-01'], ['2027-02-01', '2027-03-01'], [28, 31]],
    ['3M', ['2027-02-01', '2027-03-31', '2027-04-01'], ['2027-01-01', '2027-04-01'], [90, 91]],
    ['12M', ['2028-02-29', '2028-12-31'], ['2028-01-01'], [366]],
  ])('of %s begins where such a timeframe does', (to, days, opens, wanted) => {
    const derived = deriveCandles(columnsOf(days.map(day)), { from: '1d', to });
    expect([...derived.candles.openMs]).toEqual(opens.map((text) => at(`${text}T00:00`)));
    expect([...derived.partsWanted]).toEqual(wanted);
  });

  it('is the same, made at once or by way of a timeframe between', () => {
    const indexes = fc.uniqueArray(fc.integer({ min: 0, max: 3 * 1_440 }), { maxLength: 120 });
    const candles = indexes.map((all) =>
      columnsOf(
        all.toSorted((a, b) => a - b).map((index) => minute(index, 50 + (index % 40), { volume: (index % 977) / 100 })),
      ),
    );
    fc.assert(
      fc.property(candles, fc.constantFrom('5m', '15m', '1h', '4h'), (columns, between) => {
        const step = deriveCandles(columns, { from: '1m', to: between }).candles;
        const direct = deriveCandles(columns, { from: '1m', to: '1d' });
        expect(deriveCandles(step, { from: between, to: '1d' }).candles).toEqual(direct.candles);
        expect(direct.parts.reduce((sum, parts) => sum + parts, 0)).toBe(columns.openMs.length);
      }),
      { numRuns: 40 },
    );
  });

  it('of a timeframe that is no multiple is refused', () => {
    expect(() => deriveCandles(columnsOf([]), { from: '45m', to: '1h' })).toThrow(
      '1h candles cannot be made of 45m candles',
    );
    expect(() => deriveCandles(columnsOf([]), { from: '1m', to: '1y' })).toThrow('is no timeframe');
  });
});

describe('what a timeframe can be made of', () => {
  it.each([
    ['1m', '5m', true],
    ['1m', '1m', true],
    ['5m', '1m', false],
    ['30s', '1m', true],
    ['45m', '1h', false],
    ['1m', '1w', true],
    ['1d', '1w', true],
    ['4d', '4w', true],
    ['7d', '1w', false],
    ['8h', '1w', true],
    ['1w', '2w', true],
    ['2w', '3w', false],
    ['1w', '7d', false],
    ['1w', '1M', false],
    ['1d', '1M', true],
    ['3d', '1M', false],
    ['7h', '1M', false],
    ['1M', '3M', true],
    ['2M', '3M', false],
    ['1M', '1w', false],
    ['1M', '30d', false],
  ])('of %s candles, %s: %s', (from, to, expected) => expect(isDerivable({ from, to })).toBe(expected));

  it('is the shortest that is stored', () => {
    expect(derivableFrom('4h', ['1h', '1d', '1m', '45m'])).toBe('1m');
    expect(derivableFrom('1M', ['1d', '1w', '1M'])).toBe('1d');
    expect(derivableFrom('12M', ['6M', '1M', '3M'])).toBe('1M');
    expect(derivableFrom('1h', ['1h', '1d'])).toBeUndefined();
    expect(derivableFrom('1h', [])).toBeUndefined();
  });

  it('opens at every time at which the longer one opens', () => {
    const timeframes = ['1m', '3m', '45m', '7h', '8h', '1d', '3d', '4d', '1w', '2w', '1M', '3M', '4M'];
    const times = fc.integer({ min: at('2018-01-01T00:00'), max: at('2030-01-01T00:00') });
    fc.assert(
      fc.property(fc.constantFrom(...timeframes), fc.constantFrom(...timeframes), times, (from, to, atMs) => {
        fc.pre(isDerivable({ from, to }));
        expect(isAligned(from, openTimeOf(to, atMs))).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});

describe('candles of trades', () => {
  const span = { fromMs: startMs, toMs: startMs + dayMs };
  const trade = (seconds: number, price: string, more: Partial<PublicTrade> = {}): PublicTrade => ({
    ...{ atMs: startMs + seconds * 1_000, price: price as Price, amount: '0.1' as Amount },
    ...more,
  });

  it('are of what was traded within each, and none where nothing was', () => {
    const trades = [trade(0, '10'), trade(59.999, '10.5'), trade(30, '9.5'), trade(125, '7'), trade(126, '6')];
    expect(rowsOf(candlesOfTrades(trades, '1m', { ...span, amountUnit: 'base' }))).toEqual([
      { openMs: startMs, open: 10, high: 10.5, low: 9.5, close: 10.5, volume: 0.3, quoteVolume: 3 },
      { openMs: startMs + 2 * minuteMs, open: 7, high: 7, low: 6, close: 6, volume: 0.2, quoteVolume: 1.3 },
    ]);
  });

  it('count each trade once, and none outside the span', () => {
    const one = trade(1, '10', { tradeId: 'a' });
    const trades = [one, one, trade(-1, '1'), trade(86_400, '99'), trade(2, '11', { tradeId: 'b' })];
    expect(rowsOf(candlesOfTrades(trades, '1h', span))).toEqual([
      { openMs: startMs, open: 10, high: 11, low: 10, close: 11, volume: 0.2 },
    ]);
  });

  it('tell no quote volume where amounts are contracts', () => {
    const candles = candlesOfTrades([trade(1, '10')], '1m', { ...span, amountUnit: 'contracts' });
    expect(rowsOf(candles)[0]?.quoteVolume).toBeUndefined();
    expect([...candles.trades]).toEqual([Number.NaN]);
  });

  it('keep the order of trades of the same millisecond', () => {
    const [row] = rowsOf(candlesOfTrades([trade(1, '10'), trade(1, '12'), trade(1, '11')], '1m', span));
    expect(row).toMatchObject({ open: 10, high: 12, low: 10, close: 11 });
  });
});
