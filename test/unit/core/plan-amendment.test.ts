import {
  type AmendmentContext,
  amount,
  isAsWanted,
  type Market,
  notional,
  type Order,
  type OrderAbilities,
  type OrderChange,
  planAmendment,
  price,
  remainderAfter,
} from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { fakeAbilities } from '../../support/fake-order.ts';
import { btcUsdt, btcUsdtPerpetual } from '../../support/markets.ts';
import { intended, observed, orderAfter } from '../../support/orders.ts';

const base = orderAfter(intended, observed('open', '0'));
const limit: Order = { ...base, type: 'limit', price: price('90'), reserved: notional('180') };
const context = (
  changes: Partial<AmendmentContext> = {},
  abilities: Partial<OrderAbilities> = {},
): AmendmentContext => ({
  market: btcUsdt,
  abilities: { ...fakeAbilities(btcUsdt), ...abilities },
  ...changes,
});
const plan = (order: Order, change: OrderChange, given = context()) => planAmendment(order, change, given);

describe('a change in place', () => {
  it.each<[string, Order, OrderChange, OrderChange]>([
    ['a buying limit, rounded down', limit, { price: price('80.019') }, { price: price('80.01') }],
    ['an amount, rounded down', limit, { amount: amount('1.000019') }, { amount: amount('1.00001') }],
    [
      'what fills at any price',
      { ...base, reserved: notional('200') },
      { amount: amount('1') },
      { amount: amount('1') },
    ],
    ['both', limit, { amount: amount('1'), price: price('100') }, { amount: amount('1'), price: price('100') }],
    [
      'what only reduces, however much: it reserves nothing',
      { ...limit, side: 'sell', reduceOnly: true, reserved: notional('0') },
      { amount: amount('50') },
      { amount: amount('50') },
    ],
    [
      'the trigger of what waits here',
      { ...base, state: 'waiting', type: 'stop', triggerPrice: price('120'), reserved: notional('400') },
      { triggerPrice: price('130') },
      { triggerPrice: price('130') },
    ],
    [
      'the size of what waits here',
      { ...base, state: 'waiting', type: 'stop', triggerPrice: price('120'), reserved: notional('400') },
      { amount: amount('3') },
      { amount: amount('3') },
    ],
    [
      'where a trailing stop begins',
      { ...base, state: 'waiting', type: 'trailing_stop', trail: { percent: '1' }, triggerPrice: price('120') },
      { triggerPrice: price('99') },
      { triggerPrice: price('99') },
    ],
  ])('is that of %s', (_, order, change, expected) => {
    const given = context({ marketPrice: price('100') }, { amends: order.state !== 'waiting' });
    expect(plan(order, change, given)).toEqual({ kind: 'in_place', change: expected });
  });

  it('is none where the order is like that already', () => {
    expect(plan(limit, { price: price('90.001'), amount: amount('2.000001') })).toEqual({ kind: 'nothing' });
  });
});

describe('an order is replaced', () => {
  it.each<[string, Order, OrderChange, AmendmentContext, string]>([
    ['where more has to be reserved', limit, { amount: amount('3') }, context(), '270'],
    [
      'where it is to become larger, since what is filled of it until then counts as position',
      limit,
      { amount: amount('4'), price: price('45') },
      context(),
      '180',
    ],
    ['where the venue cannot change it', limit, { price: price('80') }, context({}, { amends: false }), '160'],
    [
      'where the market makes a sale worth more than its limit',
      { ...limit, side: 'sell' },
      { price: price('80') },
      context({ marketPrice: price('100') }),
      '200',
    ],
  ])('%s', (_, order, change, given, reserved) => {
    expect(plan(order, change, given)).toEqual({ kind: 'replace', change, reserved });
  });
});

describe('a change is refused', () => {
  const stop: Order = { ...base, type: 'stop', triggerPrice: price('120') };
  it.each<[string, Order, OrderChange, string, string]>([
    ['of a price that there is not', stop, { price: price('1') }, 'price', 'not_supported'],
    ['of a trigger that there is not', limit, { triggerPrice: price('1') }, 'triggerPrice', 'not_supported'],
    ['below the smallest price', limit, { price: price('0.001') }, 'price', 'price_below_step'],
    [
      'below the smallest trigger',
      { ...stop, reduceOnly: true },
      { triggerPrice: price('0.001') },
      'triggerPrice',
      'price_below_step',
    ],
    ['below the smallest amount', limit, { amount: amount('0.000001') }, 'amount', 'amount_below_minimum'],
    ['to what is filled', { ...limit, filled: amount('1') }, { amount: amount('1') }, 'amount', 'amount_filled'],
    ['to less than is worth an order', limit, { amount: amount('0.01') }, 'amount', 'notional_below_minimum'],
    ['to a price at which it is worth too little', limit, { price: price('1') }, 'price', 'notional_below_minimum'],
  ])('%s', (_, order, change, field, code) => {
    expect(plan(order, change, context({ marketPrice: price('100') }))).toMatchObject({
      kind: 'refused',
      field,
      cause: { code },
    });
  });

  it('of what has ended, and of what was never an order', () => {
    const ended = { ...limit, state: 'filled' as const };
    const { side: _side, ...never } = limit;
    const { amount: _amount, ...unsized } = limit;
    for (const order of [ended, never, unsized]) {
      expect(plan(order, { price: price('80') })).toMatchObject({ kind: 'refused', cause: { code: 'order_final' } });
    }
  });

  it('says the field and the figures', () => {
    const refused = plan({ ...limit, filled: amount('1.5') }, { amount: amount('1') });
    const message = 'amount is 1, and 1.5 of it is filled already; cancel the rest';
    expect(refused).toMatchObject({ cause: { message } });
  });
});

describe('a price is needed', () => {
  it.each<[string, Order, Market]>([
    ['to value a sale', { ...limit, side: 'sell' }, btcUsdt],
    ['to value what has no limit', { ...base, type: 'stop', triggerPrice: price('120') }, btcUsdt],
    [
      'and of no use where an amount has no worth in quote currency',
      limit,
      { ...btcUsdtPerpetual, contractType: 'quanto' },
    ],
  ])('%s', (_, order, market) => {
    expect(plan(order, { amount: amount('1') }, context({ market }))).toEqual({ kind: 'price_needed' });
  });
});

it.each<[OrderChange, OrderChange, boolean]>([
  [{}, {}, true],
  [{ amount: amount('1') }, { amount: amount('1.0') }, true],
  [{}, { amount: amount('1') }, false],
  [{ price: price('1') }, { price: price('2') }, false],
  [{ triggerPrice: price('1') }, { triggerPrice: price('2') }, false],
])('an order that is %j is as wanted by %j: %s', (is, wanted, expected) => {
  expect(isAsWanted(is, wanted)).toBe(expected);
});

it.each([
  ['1', '3', '2'],
  ['3', '3', undefined],
  ['4', '3', undefined],
])('with %s filled of %s wanted, %s is left', (filled, wanted, left) => {
  expect(remainderAfter(amount(filled), amount(wanted))).toBe(left);
});
