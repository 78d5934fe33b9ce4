import {
  type CandleColumns,
  columnsOf,
  emptyColumns,
  PackedBytesError,
  packColumns,
  packedCandlesMax,
  sliceColumns,
  unpackColumns,
  valueColumns,
} from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import fc from '../../../support/property.ts';

const minuteMs = 60_000;
const startMs = Date.UTC(2026, 10, 21);
const names = ['openMs', ...valueColumns] as const;

/** The bytes of each column: equal where every float is the very same, NaN and negative zero included. */
const bitsOf = (columns: CandleColumns) =>
  Object.fromEntries(names.map((name) => [name, [...new BigUint64Array(columns[name].slice().buffer)]]));
function roundTrip(columns: CandleColumns): void {
  expect(bitsOf(unpackColumns(packColumns(columns)))).toEqual(bitsOf(columns));
}

const unknown = (count: number) => new Float64Array(count).fill(Number.NaN);
/** Candles whose values are all alike, with some columns replaced. */
function flat(count: number, columns: Partial<Record<(typeof names)[number], readonly number[]>> = {}): CandleColumns {
  const rows = Array.from({ length: count }, (_, index) => ({
    ...{ openMs: startMs + index * minuteMs, open: 10, high: 10, low: 10, close: 10, volume: 1 },
  }));
  const replaced = Object.entries(columns).map(([name, values]) => [name, Float64Array.from(values)]);
  return { ...columnsOf(rows), ...Object.fromEntries(replaced) };
}

/** Numbers of one bit, of two, and so on, as many of each as of both before: 1,596, for which a code without bounds is long. */
function byFibonacci(): number[] {
  const volumes: number[] = [];
  for (let [length, count, next] = [1, 1, 1]; volumes.length + count <= 1_596; length += 1) {
    volumes.push(...Array.from({ length: count }, () => 2 ** length + 1));
    [count, next] = [next, count + next];
  }
  return [...volumes, ...Array.from({ length: 1_596 - volumes.length }, () => 0)];
}

/** A walk such as a market's, without chance: as many candles as wanted, of prices and volumes of several lengths. */
function market(count: number): CandleColumns {
  const rows = Array.from({ length: count }, (_, index) => {
    const middle = 46_000 + Math.round(300 * Math.sin(index / 37));
    const [open, close] = [middle + ((index * 7) % 13), middle + ((index * 11) % 17)];
    const [high, low] = [Math.max(open, close) + (index % 5), Math.min(open, close) - (index % 3)];
    const volume = ((index * 7_919) % 100_003) / 10_000;
    const quoteVolume = Math.round(volume * (high + low) * 50 + (index % 977)) / 100;
    return {
      ...{ openMs: startMs + index * minuteMs, open, high, low, close, volume, quoteVolume },
      trades: index % 211,
    };
  });
  return columnsOf(rows);
}

describe('packed candles', () => {
  it.each<[string, CandleColumns]>([
    ['none', emptyColumns],
    ['one', market(1)],
    ['two', market(2)],
    ['a day', market(1_440)],
    ['one whose values are all 0', flat(1, { open: [0], high: [0], low: [0], close: [0], volume: [0] })],
    ['without any volume', flat(3, { volume: [Number.NaN, Number.NaN, Number.NaN] })],
    ['of which some volumes are unknown', flat(3, { volume: [Number.NaN, 0, 2.5] })],
    ['of which some volumes are unknown, and some negative', flat(3, { volume: [Number.NaN, -1.5, 2.5] })],
    ['of whose quote volumes some are unknown', flat(3, { quoteVolume: [10.01, Number.NaN, 9.99] })],
    ['of an unknown price', flat(2, { high: [11, Number.NaN] })],
    ['of prices that are no short decimals', flat(2, { high: [Math.PI * 10, 11.25] })],
    ['of prices that are infinite', flat(2, { high: [Number.POSITIVE_INFINITY, 11.25] })],
    ['of prices below 0, and whose high and low are within', flat(2, { open: [-1, -2], high: [-3, -1], low: [5, 9] })],
    ['of a negative zero', flat(2, { low: [-0, 10], volume: [-0, 1] })],
    ['of prices of 15 digits', flat(2, { open: [2 ** 50 - 1, 2], close: [2 ** 50 - 3, 2 ** 50] })],
    ['of huge values', flat(2, { volume: [1e300, 2 ** 53], quoteVolume: [2 ** 50, 2 ** 50 + 1] })],
    ['of values that are whole in units too large to be told with decimals', flat(2, { volume: [2 ** 49, 0.125] })],
    ['of tiny values', flat(2, { open: [1e-12, 3e-12], volume: [5e-324, 1e-22] })],
    ['of tiny prices beside usual ones', flat(2, { low: [1e-12, 9.5] })],
    ['of lots of 25', flat(3, { volume: [25, 75, 1_000_000] })],
    ['whose times lie apart', flat(4, { openMs: [startMs, startMs + 1, startMs + 7_000, startMs + 7_001] })],
    ['whose times are no order', flat(3, { openMs: [startMs, startMs, startMs - 5] })],
    ['of which two are of one time', flat(2, { openMs: [startMs, startMs] })],
    ['whose times are no whole numbers', flat(2, { openMs: [0.5, 2e300] })],
    ['whose times have a sign without a value', flat(2, { openMs: [-0, 1] })],
    ['whose times are before the epoch', flat(2, { openMs: [-120_000, -60_000] })],
    ['whose turnover is too large to be told from their volume', flat(2, { volume: [1e200, 1], quoteVolume: [1, 2] })],
    ['of lengths of which each is far rarer than the next', flat(1_596, { volume: byFibonacci() })],
    [
      'of turnovers of 16 digits, and one more than that',
      flat(3, { quoteVolume: [12_345_678.12345678, 89_999_999.87654321, 1e8] }),
    ],
    ['of turnovers that are far from what volumes say', flat(2, { volume: [2 ** 45, 1], quoteVolume: [1, 2 ** 52] })],
    ['of turnovers that are unknown here and there', flat(3, { quoteVolume: [12_345_678.12345678, Number.NaN, 10] })],
    ['of volumes below 0 that are large', flat(2, { volume: [-(2 ** 52), 1] })],
    ['many of one length', flat(300, { volume: Array.from({ length: 300 }, (_, index) => 1_024 + (index % 1_000)) })],
  ])('come back as the same floats: %s', (_, columns) => roundTrip(columns));

  it('come back as the same floats, whatever they are', () => {
    const decimal = fc
      .tuple(fc.integer({ min: 0, max: 10 ** 12 }), fc.integer({ min: 0, max: 12 }))
      .map(([digits, decimals]) => Number(`${digits}e-${decimals}`));
    const value = fc.oneof({ weight: 8, arbitrary: decimal }, { weight: 1, arbitrary: fc.double() });
    const column = (one: fc.Arbitrary<number>, count: number) => {
      const many = fc.array(one, { minLength: count, maxLength: count }).map((values) => Float64Array.from(values));
      return fc.oneof({ weight: 5, arbitrary: many }, { weight: 1, arbitrary: fc.constant(unknown(count)) });
    };
    const candles = fc.integer({ min: 0, max: 90 }).chain((count) =>
      fc.record({
        openMs: fc
          .array(fc.integer({ min: 1, max: 5 }), { minLength: count, maxLength: count })
          .map((steps) => Float64Array.from(steps, (step, index) => startMs + (index * 5 + step) * minuteMs)),
        ...{ open: column(value, count), high: column(value, count), low: column(value, count) },
        ...{ close: column(decimal, count), volume: column(decimal, count), quoteVolume: column(value, count) },
        trades: column(fc.nat(), count),
      }),
    );
    fc.assert(fc.property(candles, roundTrip), { numRuns: 200 });
  });

  it('take a few bytes, where there is little to tell', () => {
    expect(packColumns(emptyColumns).length).toBeLessThanOrEqual(2);
    expect(packColumns(flat(1_440)).length).toBeLessThanOrEqual(40);
  });

  it('take fewer bytes where quote volume follows from volume', () => {
    const told = market(1_440);
    const shuffled = { ...told, quoteVolume: told.quoteVolume.slice().reverse() };
    expect(packColumns(told).length).toBeLessThan(packColumns(shuffled).length * 0.9);
  });

  it('take fewer bytes of quote volume, too, where that has 16 digits', () => {
    const told = market(1_440);
    const bytes = (columns: CandleColumns) => packColumns(columns).length / 1_440;
    const large = told.volume.map((volume) => Number((12_000_000.12345678 + volume * 7_000_000.00000001).toFixed(8)));
    expect(bytes({ ...told, quoteVolume: large }) - bytes({ ...told, quoteVolume: unknown(1_440) })).toBeLessThan(7.9);
  });

  it('that end early, or after their end, are told from whole ones', () => {
    const columns = market(80);
    for (const each of [columns, flat(5, { volume: [Math.PI, 1, 2, 3, 4] }), sliceColumns(columns, 0, 3)]) {
      const bytes = packColumns(each);
      for (let length = 0; length < bytes.length; length += 1) {
        expect(() => unpackColumns(bytes.subarray(0, length))).toThrow(PackedBytesError);
      }
      expect(() => unpackColumns(Uint8Array.from([...bytes, 0]))).toThrow('belong to nothing');
    }
  });

  it('that are damaged give candles or an error, and nothing else', () => {
    const bytes = packColumns(market(40));
    const damage = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(damage, (changes) => {
        const damaged = bytes.slice();
        for (const [index, value] of changes) damaged[index] = value;
        try {
          unpackColumns(damaged);
        } catch (error) {
          expect(error).toBeInstanceOf(PackedBytesError);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('of a version that is not known are refused with what to look for', () => {
    const bytes = packColumns(market(2));
    bytes[0] = 2;
    expect(() => unpackColumns(bytes)).toThrow('of version 2, and only version 1 is known');
    expect(() => unpackColumns(new Uint8Array())).toThrow('there are none');
  });

  it('are at most so many', () => {
    const many = new Float64Array(packedCandlesMax + 1);
    const columns = Object.fromEntries(names.map((name) => [name, many])) as unknown as CandleColumns;
    expect(() => packColumns(columns)).toThrow(RangeError);
  });
});
