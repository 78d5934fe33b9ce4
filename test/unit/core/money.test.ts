import {
  add,
  amount,
  amountFor,
  averagePrice,
  compare,
  divideBy,
  isDecimal,
  isNegative,
  isPositive,
  maximum,
  notional,
  notionalOf,
  price,
  roundToStep,
  shareOf,
  subtract,
} from '@nightdesk/core';
import Big from 'big.js';
import { describe, expect, it } from 'vitest';
import fc from '../../support/property.ts';

/** A decimal with up to 12 places, made from whole numbers so that no float is involved. */
const decimal = fc
  .tuple(fc.bigInt({ min: 0n, max: 10n ** 15n }), fc.integer({ min: 0, max: 12 }))
  .map(([digits, places]) => {
    const text = digits.toString().padStart(places + 1, '0');
    return places === 0 ? text : `${text.slice(0, -places)}.${text.slice(-places)}`;
  });
const step = fc.constantFrom('1', '0.1', '0.5', '0.00001', '0.00000001', '5', '10', '0.025', '3', '0.7');

describe('a decimal', () => {
  it.each(['0', '1', '-1', '0.10', '1e-8', '12345678901234567890.123456789'])('is %s', (text) => {
    expect(isDecimal(text)).toBe(true);
  });

  it.each(['', ' ', 'NaN', 'Infinity', '1,000', '0x10', '1 ', '.5', '1.', '--1', '1e999', '9'.repeat(41)])(
    'is not %j',
    (text) => {
      expect(isDecimal(text)).toBe(false);
      expect(() => amount(text)).toThrow(RangeError);
    },
  );

  it.each([
    ['1.500', '1.5'],
    ['1e-8', '0.00000001'],
    ['1E3', '1000'],
    ['-0', '0'],
    ['000.10', '0.1'],
  ])('%s is spelt %s', (text, spelt) => {
    expect([amount(text), price(text), notional(text)]).toEqual([spelt, spelt, spelt]);
  });
});

describe('arithmetic', () => {
  it.each(['', 'NaN', '1,5', 'null', '9'.repeat(161)])('refuses %j, however it came to be there', (text) => {
    expect(() => compare(text, '1')).toThrow('not a decimal number');
  });

  it('keeps what floats lose', () => {
    expect(add(amount('0.1'), amount('0.2'))).toBe('0.3');
    expect(subtract(amount('100000000000000000.1'), amount('0.1'))).toBe('100000000000000000');
    expect(notionalOf(amount('0.00000001'), price('0.00000001'))).toBe('0.0000000000000001');
  });

  it('compares values, not spellings', () => {
    expect([compare('1.0', '1'), compare('2', '10'), compare('-1', '0')]).toEqual([0, -1, -1]);
    expect([isPositive('0'), isPositive('0.1'), isNegative('-0.1'), isNegative('0')]).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect([maximum(amount('2'), amount('10')), maximum(amount('3'), amount('1'))]).toEqual(['10', '3']);
  });

  it('adds and takes away without a trace', () => {
    fc.assert(
      fc.property(
        decimal,
        decimal,
        (left, right) => subtract(add(amount(left), amount(right)), amount(right)) === amount(left),
      ),
    );
  });

  it('buys no more than the quote amount pays for', () => {
    fc.assert(
      fc.property(decimal, decimal.filter(isPositive), (quote, at) => {
        const bought = amountFor(notional(quote), price(at));
        expect(compare(notionalOf(bought, price(at)), quote)).toBeLessThanOrEqual(0);
      }),
    );
  });

  it('refuses to divide by a price of zero', () => {
    expect(() => amountFor(notional('1'), price('0'))).toThrow('price must be above zero');
  });

  it.each(['0', '-2'])('refuses to divide by %s', (divisor) => {
    expect(divideBy(amount('1'), '4')).toBe('0.25');
    expect(() => divideBy(amount('1'), divisor)).toThrow('divisor must be above zero');
  });

  it('refuses a share of nothing', () => {
    expect(shareOf(amount('6'), '1', '4')).toBe('1.5');
    expect(() => shareOf(amount('1'), '1', '0.0')).toThrow(RangeError);
  });

  it('averages to 18 places, ties to even', () => {
    expect(averagePrice(notional('1'), amount('3'))).toBe('0.333333333333333333');
  });
});

describe('rounding to a step', () => {
  it.each([
    ['1.29', '0.1', 'down', '1.2'],
    ['1.21', '0.1', 'up', '1.3'],
    ['1.2', '0.1', 'up', '1.2'],
    ['-1.21', '0.1', 'up', '-1.3'],
    ['-1.29', '0.1', 'down', '-1.2'],
    ['1.25', '0.1', 'halfEven', '1.2'],
    ['1.35', '0.1', 'halfEven', '1.4'],
    ['7', '3', 'down', '6'],
    ['7', '3', 'up', '9'],
    ['0.3', '0.1', 'down', '0.3'],
    // 2.99…9 thirds of a step must not become three by the division being rounded.
    ['2.9999999999999999999999999999999', '1', 'down', '2'],
    ['3.0000000000000000000000000000001', '1', 'up', '4'],
  ] as const)('%s by %s %s is %s', (value, by, mode, rounded) => {
    expect(roundToStep(amount(value), by, mode)).toBe(rounded);
  });

  it('never goes above when rounding down, nor below when rounding up, and never by a whole step', () => {
    fc.assert(
      fc.property(decimal, step, (value, by) => {
        const down = roundToStep(amount(value), by, 'down');
        const up = roundToStep(amount(value), by, 'up');
        expect(compare(down, value)).toBeLessThanOrEqual(0);
        expect(compare(up, value)).toBeGreaterThanOrEqual(0);
        expect(compare(subtract(amount(value), down), by)).toBe(-1);
        expect(compare(subtract(up, amount(value)), by)).toBe(-1);
      }),
    );
  });

  it('leaves a rounded value as it is', () => {
    fc.assert(
      fc.property(decimal, step, fc.constantFrom('down', 'up', 'halfEven' as const), (value, by, mode) => {
        const once = roundToStep(amount(value), by, mode as 'down');
        expect(roundToStep(once, by, mode as 'down')).toBe(once);
      }),
    );
  });

  it.each(['0', '-0.1'])('refuses the step %s', (by) => {
    expect(() => roundToStep(amount('1'), by, 'down')).toThrow('step must be above zero');
  });
});

describe('what is told from the text alone', () => {
  const Exact = Big();
  const spelled = fc
    .tuple(
      fc.constantFrom('', '-'),
      fc.stringMatching(/^\d{1,12}$/),
      fc.option(fc.stringMatching(/^\d{1,12}$/)),
      fc.option(fc.integer({ min: -9, max: 9 })),
    )
    .map(
      ([sign, whole, part, power]) =>
        `${sign}${whole}${part === null ? '' : `.${part}`}${power === null ? '' : `e${power}`}`,
    );

  it('is what calculating would tell', () => {
    fc.assert(
      fc.property(spelled, spelled, (left, right) => {
        expect(compare(left, right)).toBe(new Exact(left).cmp(new Exact(right)));
        expect(isPositive(left)).toBe(new Exact(left).gt('0'));
        expect(isNegative(left)).toBe(new Exact(left).lt('0'));
      }),
      { numRuns: 2_000 },
    );
  });

  it('holds for those that are spelled plainly, too', () => {
    const plainly = spelled.map((text) => amount(text.replace('-', '')));
    fc.assert(
      fc.property(plainly, plainly, (left, right) => {
        expect(amount(left)).toBe(left);
        expect(compare(left, right)).toBe(new Exact(left).cmp(new Exact(right)));
        expect(compare(left, left)).toBe(0);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['9', '10', -1],
    ['10', '9', 1],
    ['1.05', '1.5', -1],
    ['1', '1.5', -1],
    ['0.3', '0.03', 1],
  ] as const)('%s and %s compare as numbers do: %i', (left, right, order) => {
    expect(compare(left, right)).toBe(order);
  });

  it('refuses what is longer than any result', () => {
    expect(() => compare('1'.repeat(161), '1')).toThrow(RangeError);
    expect(() => compare('1', '1'.repeat(161))).toThrow(RangeError);
    expect(() => isPositive('1'.repeat(161))).toThrow(RangeError);
    expect(() => isNegative('x')).toThrow(RangeError);
  });
});
