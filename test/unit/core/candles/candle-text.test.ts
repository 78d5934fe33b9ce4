import { type CandleColumns, CandleText, candleTextColumns, columnsOf, sliceColumns } from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import fc from '../../../support/property.ts';

const decoder = new TextDecoder();

/** Candles of one column of values; the others are as they are. */
const withCloses = (closes: readonly number[]): CandleColumns => ({
  ...columnsOf(closes.map((_, index) => ({ openMs: index * 60_000, open: 1, high: 1, low: 1, close: 1 }))),
  close: Float64Array.from(closes),
});

function jsonOf(columns: CandleColumns): (number | null)[][] {
  const text = new CandleText('json');
  text.add(columns);
  return JSON.parse(`[${decoder.decode(text.view())}]`);
}

function closeTexts(closes: readonly number[]): string[] {
  const text = new CandleText('csv', { columns: ['close'] });
  text.add(withCloses(closes));
  return decoder.decode(text.view()).split('\n').slice(0, -1);
}

/** Digits of a decimal without zeros around them. */
const digitsOf = (text: string): string =>
  text
    .replace(/e.*$/, '')
    .replace(/[-.]/g, '')
    .replace(/^0+|0+$/g, '');

describe('numbers', () => {
  it.each([
    [0, '0'],
    [7, '7'],
    [10, '10'],
    [100_000, '100000'],
    [0.1, '0.1'],
    [46_319.5, '46319.5'],
    [0.000_012_34, '0.00001234'],
    [0.000_000_000_000_001, '0.000000000000001'],
    [1_640_995_200_000, '1640995200000'],
    [999_999_999, '999999999'],
    [1_000_000_000, '1000000000'],
    [1_000_000_001.5, '1000000001.5'],
    [123_456_789.000_001, '123456789.000001'],
    [999_999_999_999_999, '999999999999999'],
    [0.1 + 0.2, '0.30000000000000004'],
    [1_234_567_890.123_456_7, '1234567890.1234567'],
    [1e21, '1e+21'],
    [5e-324, '5e-324'],
    [-0.0001, '-0.0001'],
    [-0, '-0'],
    [-5e-324, '-5e-324'],
  ])('%d is written as %s', (value, text) => {
    expect(closeTexts([value])).toEqual([text]);
    expect(closeTexts([0.123_456_789_012_345, value, 1e300, value])[1]).toBe(text);
  });

  it('any double reads back as itself, and no decimal with fewer digits would', () => {
    const double = fc.double({ noNaN: true, noDefaultInfinity: true });
    const priced = fc.tuple(fc.nat({ max: 2 ** 31 - 1 }), fc.nat({ max: 12 })).map(([n, scale]) => n / 10 ** scale);
    fc.assert(
      fc.property(fc.array(fc.oneof(double, priced), { maxLength: 30 }), (values) => {
        const texts = closeTexts(values);
        expect(texts.map(Number)).toEqual(values);
        expect(texts.map(digitsOf)).toEqual(values.map((value) => digitsOf(String(value))));
      }),
      { numRuns: 500 },
    );
  });
});

describe('rows', () => {
  const candles = columnsOf([
    { openMs: 0, open: 1.5, high: 2, low: 1, close: 1.75, volume: 0, quoteVolume: 12.5, trades: 3 },
    { openMs: 60_000, open: 1.75, high: 1.75, low: 1.75, close: 1.75 },
  ]);

  it('have every column, and null for what the venue does not tell', () => {
    expect(candleTextColumns).toEqual(['openMs', 'open', 'high', 'low', 'close', 'volume', 'quoteVolume', 'trades']);
    expect(jsonOf(candles)).toEqual([
      [0, 1.5, 2, 1, 1.75, 0, 12.5, 3],
      [60_000, 1.75, 1.75, 1.75, 1.75, null, null, null],
    ]);
  });

  it('of CSV are lines, with nothing for what the venue does not tell', () => {
    const text = new CandleText('csv');
    text.add(candles);
    expect(decoder.decode(text.view())).toBe('0,1.5,2,1,1.75,0,12.5,3\n60000,1.75,1.75,1.75,1.75,,,\n');
  });

  it('may be taken away piece by piece, and follow each other all the same', () => {
    const text = new CandleText('json', { columns: ['openMs', 'close'] });
    let taken = '';
    for (const index of [0, 1]) {
      expect(text.add(sliceColumns(candles, index, index + 1))).toBe(1);
      taken += decoder.decode(text.view());
      text.clear();
      expect(text.byteLength).toBe(0);
    }
    expect(JSON.parse(`[${taken}]`)).toEqual([
      [0, 1.75],
      [60_000, 1.75],
    ]);
  });

  it('are as many as fit, and at least one more byte than that is not passed by a whole row', () => {
    const many = withCloses(Array.from({ length: 1_000 }, (_, index) => index / 8));
    const text = new CandleText('csv', { bytesExpected: 10 });
    const added = text.add(many, 500);
    expect(added).toBeGreaterThan(10);
    expect(added).toBeLessThan(30);
    expect(text.byteLength).toBeGreaterThanOrEqual(500);
    expect(text.byteLength).toBeLessThan(540);
    expect(text.add(many, 500)).toBe(0);
    expect(text.add(sliceColumns(many, added, 1_000))).toBe(1_000 - added);
    expect(decoder.decode(text.view()).split('\n')).toHaveLength(1_001);
  });
});
