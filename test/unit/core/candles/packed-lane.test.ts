import {
  columnsOf,
  emptyColumns,
  type LaneMember,
  PackedBytesError,
  packMembers,
  unpackMembers,
  valueColumns,
} from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import fc from '../../../support/property.ts';

const minuteMs = 60_000;
const startMs = Date.UTC(2026, 10, 21, 12);

/** As many candles as wanted from a minute on, of prices and volumes that differ from member to member. */
function member(symbol: string, { count = 5, fromMs = startMs, seed = 1 } = {}): LaneMember {
  const rows = Array.from({ length: count }, (_, index) => {
    const open = 100 * seed + ((index * 7) % 13) / 10;
    const close = 100 * seed + ((index * 11) % 17) / 10;
    const [high, low] = [Math.max(open, close) + 0.1, Math.min(open, close)];
    return { openMs: fromMs + index * minuteMs, open, high, low, close, volume: ((index + seed) * 7_919) / 1_000 };
  });
  return { symbol, candles: columnsOf(rows), untilMs: fromMs + count * minuteMs };
}

const bitsOf = ({ symbol, candles, untilMs }: LaneMember) => ({
  ...{ symbol, untilMs },
  columns: (['openMs', ...valueColumns] as const).map((name) => [...new BigUint64Array(candles[name].slice().buffer)]),
});
function roundTrip(members: readonly LaneMember[]): void {
  expect(unpackMembers(packMembers(members)).map(bitsOf)).toEqual(members.map(bitsOf));
}

const symbols = Array.from({ length: 25 }, (_, index) => `${String.fromCharCode(65 + index)}OIN/USDT`);

describe('a packed lane', () => {
  it.each<[string, LaneMember[]]>([
    ['without members', []],
    ['of one member', [member('BTC/USDT')]],
    ['of 25 members', symbols.map((symbol, index) => member(symbol, { seed: index + 1 }))],
    ['of one candle each', symbols.map((symbol, index) => member(symbol, { count: 1, seed: index + 1 }))],
    ['of members that have nothing new', symbols.map((symbol) => ({ ...member(symbol), candles: emptyColumns }))],
    ['of one member that has nothing new', [member('A/B'), { ...member('B/B'), candles: emptyColumns }, member('C/B')]],
    [
      'of members that are at other times',
      [member('A/B'), member('C/B', { fromMs: startMs - minuteMs }), member('D/B')],
    ],
    ['of members of other numbers of candles', [member('A/B', { count: 3 }), member('C/B', { count: 4 })]],
    ['of perpetuals and spot', [member('BTC/USDT:USDT'), member('BTC/USDT'), member('ETH/USDT:USDT'), member('A/USD')]],
    ['of odd symbols', [member(''), member('1000x波/₿'), member('nothing'), member('/'), member('Zz/😀')]],
  ])('comes back as it was: %s', (_, members) => roundTrip(members));

  it('shows some of its members without the others', () => {
    const members = symbols.slice(0, 5).map((symbol, index) => member(symbol, { seed: index + 1, count: index }));
    const [first, second, third, , last] = members as [LaneMember, LaneMember, LaneMember, LaneMember, LaneMember];
    for (const wanted of [[], [first], [third], [second, last], members]) {
      const shown = unpackMembers(packMembers(members), new Set(wanted.map(({ symbol }) => symbol)));
      expect(shown.map(bitsOf)).toEqual(wanted.map(bitsOf));
    }
    expect(unpackMembers(packMembers(members), new Set(['NOT/HERE', third.symbol])).map(bitsOf)).toEqual([
      bitsOf(third),
    ]);
  });

  it('comes back as it was, whatever the symbols and times are', () => {
    const symbol = fc.oneof(fc.string({ unit: 'binary', maxLength: 12 }), fc.constantFrom(...symbols));
    const one = fc
      .record({
        count: fc.integer({ min: 0, max: 4 }),
        minutes: fc.nat(3),
        seed: fc.integer({ min: 1, max: 1_000_000 }),
      })
      .map(({ count, minutes, seed }) => ({ count, seed, fromMs: startMs + minutes * minuteMs }));
    const members = fc.array(
      fc.tuple(symbol, one).map(([name, shape]) => member(name, shape)),
      { maxLength: 12 },
    );
    fc.assert(fc.property(members, roundTrip), { numRuns: 100 });
  });

  it('says little of each member beside its candles', () => {
    const bytesOf = (count: number) =>
      packMembers(symbols.map((symbol) => member(symbol, { count: 1 })).slice(0, count)).length;
    expect((bytesOf(25) - bytesOf(1)) / 24).toBeLessThanOrEqual(20);
    const idle = symbols.map((symbol) => ({ ...member(symbol), candles: emptyColumns }));
    expect(packMembers(idle).length).toBeLessThanOrEqual(130);
  });

  it('that ends early, or after its end, is told from a whole one', () => {
    const bytes = packMembers([member('BTC/USDT'), member('ETH/USDT', { count: 2 })]);
    for (let length = 0; length < bytes.length; length += 1) {
      expect(() => unpackMembers(bytes.subarray(0, length))).toThrow(PackedBytesError);
    }
    expect(() => unpackMembers(Uint8Array.from([...bytes, 0]))).toThrow('belong to nothing');
  });

  it('that is damaged gives members or an error, and nothing else', () => {
    const bytes = packMembers([member('BTC/USDT'), member('ETH/USDT:USDT')]);
    const damage = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(damage, (changes) => {
        const damaged = bytes.slice();
        for (const [index, value] of changes) damaged[index] = value;
        try {
          unpackMembers(damaged);
        } catch (error) {
          expect(error).toBeInstanceOf(PackedBytesError);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('of a version that is not known is refused', () => {
    expect(() => unpackMembers(Uint8Array.from([9, 0]))).toThrow('of version 9, and only version 1 is known');
  });

  it('whose bytes claim to have more than can be is refused', () => {
    expect(() => unpackMembers(Uint8Array.of(1, 0b1101_0011, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff))).toThrow(
      'packed members of a lane are more than 4096',
    );
  });

  it('has at most so many members, of names and candles that are not too many', () => {
    expect(() => packMembers(Array.from({ length: 4_097 }, () => member('A/B', { count: 0 })))).toThrow(RangeError);
    expect(() => packMembers([member('A'.repeat(1_025))])).toThrow('has 1025 letters');
    const long = { ...emptyColumns, openMs: new Float64Array(131_073) };
    expect(() => packMembers([{ symbol: 'A/B', untilMs: 0, candles: long }])).toThrow('too many to pack at once');
  });
});
