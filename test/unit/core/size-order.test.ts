import {
  amount,
  compare,
  measureSize,
  notional,
  notionalOf,
  price,
  type SizeRequest,
  sizeOrder,
} from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { btcUsdt } from '../../support/markets.ts';
import fc from '../../support/property.ts';

const base = (text: string): SizeRequest => ({ side: 'buy', size: { base: amount(text) } });
const quote = (text: string): SizeRequest => ({ side: 'buy', size: { quote: notional(text) } });

describe('a size', () => {
  it.each<[string, SizeRequest, object]>([
    [
      'in base is rounded down to the step',
      { ...base('0.123456789'), marketPrice: price('100') },
      { amount: '0.12345', notional: '12.345' },
    ],
    [
      'in quote is what it buys, rounded down',
      { ...quote('100'), marketPrice: price('3') },
      { amount: '33.33333', notional: '99.99999' },
    ],
    ['in base needs no price to be checked as far as it can', base('1'), { kind: 'sized', amount: '1' }],
    ['in quote needs a price', quote('100'), { kind: 'figure_needed', figure: 'price' }],
    [
      'of a buying limit has its price rounded down',
      { ...base('1'), limitPrice: price('99.999') },
      { price: '99.99', notional: '99.99' },
    ],
    [
      'of a selling limit has its price rounded up',
      { ...base('1'), side: 'sell', limitPrice: price('99.991') },
      { price: '100' },
    ],
    [
      'at a limit is valued at the limit',
      { ...base('1'), limitPrice: price('50'), marketPrice: price('100') },
      { notional: '50' },
    ],
    [
      'of a selling limit is valued at the market where that pays more',
      { ...base('1'), side: 'sell', limitPrice: price('50'), marketPrice: price('100') },
      { price: '50', notional: '100' },
    ],
    [
      'below the step is too small',
      base('0.000009'),
      { kind: 'refused', code: 'amount_below_minimum', field: 'size.base' },
    ],
    [
      'in quote below the smallest value is too small at any price',
      quote('1'),
      { code: 'notional_below_minimum', field: 'size.quote' },
    ],
    [
      'in quote that buys less than the step is too small',
      { ...quote('0.0001'), marketPrice: price('100') },
      { code: 'amount_below_minimum', field: 'size.quote' },
    ],
    ["above the venue's largest is too large", base('9000.1'), { code: 'amount_above_maximum', field: 'size.base' }],
    [
      'worth less than the venue takes is too small',
      { ...base('0.04'), marketPrice: price('100') },
      { code: 'notional_below_minimum' },
    ],
    ['worth exactly what the venue takes will do', { ...base('0.05'), marketPrice: price('100') }, { kind: 'sized' }],
    [
      'at a price below the step has no price',
      { ...base('1'), limitPrice: price('0.001') },
      { code: 'price_below_step', field: 'price' },
    ],
  ])('%s', (_name, request, expected) => {
    expect(sizeOrder(request, btcUsdt)).toMatchObject(expected);
  });

  it('as a share of the position is not measured before that is known', () => {
    expect(measureSize({ percentPosition: '50' }, {}, btcUsdt)).toEqual({ kind: 'missing', figure: 'position' });
  });

  it.each([
    ['90', { kind: 'measured', amount: '10' }],
    ['100', { kind: 'unsupported', message: expect.stringContaining('the stop-loss is at the price of the entry') }],
  ])('at risk with an entry at 100 and a stop-loss at %s', (stopPrice, expected) => {
    const figures = { price: price('100'), stopPrice: price(stopPrice), equity: notional('10000') };
    expect(measureSize({ riskPercent: '1' }, figures, btcUsdt)).toEqual(expected);
  });

  it('takes the step for the minimum where a market states none, and has no maximum then', () => {
    const { amountMin: _min, amountMax: _max, notionalMin: _notional, ...bare } = btcUsdt;
    expect(sizeOrder({ ...base('0.00001'), marketPrice: price('1') }, bare)).toMatchObject({ kind: 'sized' });
    expect(sizeOrder(base('0.000001'), bare)).toMatchObject({ code: 'amount_below_minimum' });
    expect(sizeOrder(base('1000000'), bare)).toMatchObject({ kind: 'sized' });
  });

  it('is never worth more than was asked for', () => {
    const cents = fc
      .integer({ min: 1, max: 10 ** 9 })
      .map((value) => `${Math.floor(value / 100)}.${String(value % 100).padStart(2, '0')}`);
    fc.assert(
      fc.property(
        cents.filter((text) => Number(text) > 0),
        cents.filter((text) => Number(text) > 0),
        (spend, at) => {
          const sized = sizeOrder({ ...quote(spend), marketPrice: price(at) }, btcUsdt);
          if (sized.kind !== 'sized') return;
          expect(compare(notionalOf(sized.amount, price(at)), spend)).toBeLessThanOrEqual(0);
        },
      ),
    );
  });
});
