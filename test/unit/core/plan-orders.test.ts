/** What each kind of signal comes to, as a table: sizes, closes, targets and what the venue cannot keep. */
import { amount, type Market, price, type Signal, zeroNotional } from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { btcUsdt, btcUsdtPerpetual, inverseByHundred, linearByHundredths } from '../../support/markets.ts';
import { base, type Case, contracts, figures, onlyOrder, plan, position, quote } from '../../support/plans.ts';

const perpetual = { ...btcUsdtPerpetual, amountMax: undefined } as Market;
const quanto: Market = { ...inverseByHundred, symbol: 'ETH/USD:BTC', contractType: 'quanto' };
const stopAt = (at: string, rest: object = {}): NonNullable<Signal['exitPlan']> => ({
  takeProfits: [],
  stopLoss: { level: { price: price(at) } },
  onFailure: 'keep',
  ...rest,
});

describe('an order of a size', () => {
  it.each<[string, Case, object]>([
    [
      'in base',
      { signal: { action: 'buy', size: base('0.123456') }, market: btcUsdt, figures: figures('100') },
      { amount: '0.12345', notional: '12.345' },
    ],
    [
      'in quote',
      { signal: { action: 'buy', size: quote('100') }, market: btcUsdt, figures: figures('3') },
      { amount: '33.33333' },
    ],
    [
      'at a buying limit, without a price',
      { signal: { action: 'buy', size: base('1'), type: 'limit', price: price('99.999') }, market: btcUsdt },
      { amount: '1', notional: '99.99', terms: { type: 'limit', price: '99.99' } },
    ],
    [
      'at a selling limit is worth the market where that pays more',
      {
        signal: { action: 'sell', size: base('1'), type: 'limit', price: price('90') },
        market: btcUsdt,
        figures: figures('100'),
      },
      { notional: '100' },
    ],
    [
      'in linear contracts',
      { signal: { action: 'buy', size: contracts('250') }, market: linearByHundredths, figures: figures('100') },
      { amount: '2.5', notional: '250' },
    ],
    [
      'in inverse contracts',
      { signal: { action: 'buy', size: contracts('7') }, market: inverseByHundred, figures: figures('50000') },
      { amount: '7', notional: '700' },
    ],
    [
      'in quote, of inverse contracts',
      { signal: { action: 'buy', size: quote('750') }, market: inverseByHundred, figures: figures('50000') },
      { amount: '7', notional: '700' },
    ],
    [
      'in base, of inverse contracts',
      { signal: { action: 'buy', size: base('0.02') }, market: inverseByHundred, figures: figures('50000') },
      { amount: '10' },
    ],
    [
      'in equity',
      {
        signal: { action: 'buy', size: { percentEquity: '25' } },
        market: perpetual,
        figures: figures('100', undefined, '10000'),
      },
      { amount: '25', notional: '2500' },
    ],
    [
      'in equity, whatever the leverage',
      {
        signal: { action: 'buy', size: { percentEquity: '25' }, leverage: '5', marginMode: 'isolated' },
        market: perpetual,
        figures: figures('100', undefined, '10000'),
      },
      { amount: '25', leverage: '5', marginMode: 'isolated' },
    ],
    [
      'in equity above all of it',
      {
        signal: { action: 'sell', size: { percentEquity: '200' } },
        market: perpetual,
        figures: figures('100', undefined, '10000'),
      },
      { side: 'sell', amount: '200' },
    ],
    [
      'in equity in bitcoin, of inverse contracts',
      {
        signal: { action: 'buy', size: { percentEquity: '50' } },
        market: inverseByHundred,
        figures: figures('50000', undefined, '2'),
      },
      { amount: '500' },
    ],
    [
      'in risk',
      {
        signal: { action: 'buy', size: { riskPercent: '1' }, exitPlan: stopAt('95') },
        market: perpetual,
        figures: figures('100', undefined, '10000'),
      },
      { amount: '20', exitPlan: stopAt('95') },
    ],
    [
      'in risk, of a short',
      {
        signal: { action: 'sell', size: { riskPercent: '1' }, exitPlan: stopAt('104') },
        market: perpetual,
        figures: figures('100', undefined, '10000'),
      },
      { side: 'sell', amount: '25' },
    ],
    [
      'in risk against a percentage',
      {
        signal: {
          action: 'buy',
          size: { riskPercent: '1' },
          exitPlan: stopAt('1', { stopLoss: { level: { percent: '5' } } }),
        },
        market: perpetual,
        figures: figures('100', undefined, '10000'),
      },
      { amount: '20' },
    ],
    [
      'in risk against a trail in percent',
      {
        signal: {
          action: 'sell',
          size: { riskPercent: '1' },
          exitPlan: stopAt('1', { stopLoss: { trail: { percent: '5' } } }),
        },
        market: perpetual,
        figures: figures('100', undefined, '10000'),
      },
      { amount: '20' },
    ],
    [
      'in risk against a trail',
      {
        signal: {
          action: 'sell',
          size: { riskPercent: '1' },
          exitPlan: stopAt('1', { stopLoss: { trail: { distance: price('10') } } }),
        },
        market: perpetual,
        figures: figures('100', undefined, '10000'),
      },
      { amount: '10' },
    ],
    [
      'in risk against a trail below',
      {
        signal: {
          action: 'buy',
          size: { riskPercent: '1' },
          exitPlan: stopAt('1', { stopLoss: { trail: { distance: price('10') } } }),
        },
        market: perpetual,
        figures: figures('100', undefined, '10000'),
      },
      { amount: '10' },
    ],
    [
      'in risk, of inverse contracts, lost in bitcoin',
      {
        signal: { action: 'buy', size: { riskPercent: '1' }, exitPlan: stopAt('40000') },
        market: inverseByHundred,
        figures: figures('50000', undefined, '2'),
      },
      { amount: '40' },
    ],
    [
      'in risk, from the limit',
      {
        signal: {
          action: 'buy',
          size: { riskPercent: '1' },
          type: 'limit',
          price: price('99'),
          exitPlan: stopAt('95'),
        },
        market: perpetual,
        figures: figures(undefined, undefined, '10000'),
      },
      { amount: '25' },
    ],
    [
      'in a share of the position it adds to',
      {
        signal: { action: 'buy', size: { percentPosition: '50' } },
        market: perpetual,
        figures: figures('100', position('long', '3')),
      },
      { amount: '1.5', terms: { type: 'market' }, notional: '150' },
    ],
    [
      'of a buying stop fills at its trigger',
      {
        signal: { action: 'buy', size: quote('1000'), type: 'stop', triggerPrice: price('200') },
        market: perpetual,
        figures: figures('100'),
      },
      { amount: '5', notional: '1000' },
    ],
    [
      'of a buying stop beyond its trigger fills at the market',
      {
        signal: { action: 'buy', size: quote('1000'), type: 'stop', triggerPrice: price('50') },
        market: perpetual,
        figures: figures('100'),
      },
      { amount: '10', notional: '1000' },
    ],
    [
      'of a selling stop is worth the market now',
      {
        signal: { action: 'sell', size: base('10'), type: 'stop', triggerPrice: price('50') },
        market: perpetual,
        figures: figures('100'),
      },
      { notional: '1000' },
    ],
    [
      'of a buying take-profit fills at its trigger',
      {
        signal: { action: 'buy', size: quote('1000'), type: 'take_profit', triggerPrice: price('50') },
        market: perpetual,
        figures: figures('100'),
      },
      { amount: '20', notional: '2000' },
    ],
  ])('%s', (_name, planned, expected) => {
    expect(onlyOrder(plan(planned))).toMatchObject({ role: 'entry', ...expected });
  });
});

describe('a close', () => {
  const long = figures('100', position('long', '3.0007'));
  it.each<[string, Case, object]>([
    [
      'is all of a long, at market and reduce-only',
      { signal: { action: 'close' }, market: perpetual, figures: long },
      { side: 'sell', amount: '3', terms: { type: 'market', reduceOnly: true } },
    ],
    [
      'is all of a short',
      { signal: { action: 'close' }, market: perpetual, figures: figures('100', position('short', '2')) },
      { side: 'buy', amount: '2' },
    ],
    [
      'of a share is that share',
      { signal: { action: 'close', size: { percentPosition: '50' } }, market: perpetual, figures: long },
      { amount: '1.5' },
    ],
    [
      'of a size is that size',
      { signal: { action: 'close', size: base('1') }, market: perpetual, figures: long },
      { amount: '1' },
    ],
    [
      'of a size in quote is measured at the market',
      { signal: { action: 'close', size: quote('100') }, market: perpetual, figures: long },
      { amount: '1' },
    ],
    [
      'of a size in quote is measured at its limit',
      {
        signal: { action: 'close', size: quote('100'), type: 'limit', price: price('50') },
        market: perpetual,
        figures: figures(undefined, position('long', '3')),
      },
      { amount: '2', terms: { type: 'limit', price: '50', reduceOnly: true } },
    ],
    [
      'of more than there is closes what there is',
      { signal: { action: 'close', size: base('99') }, market: perpetual, figures: long },
      { amount: '3' },
    ],
    [
      'of inverse contracts',
      {
        signal: { action: 'close', size: contracts('5') },
        market: inverseByHundred,
        figures: figures(undefined, position('short', '9')),
      },
      { side: 'buy', amount: '5' },
    ],
    [
      'of quanto contracts, whose worth nobody knows',
      { signal: { action: 'close' }, market: quanto, figures: figures(undefined, position('long', '9')) },
      { side: 'sell', amount: '9' },
    ],
    [
      'below the smallest value is left to the venue on contracts',
      { signal: { action: 'close' }, market: perpetual, figures: figures('100', position('long', '0.002')) },
      { amount: '0.002' },
    ],
    [
      'on spot',
      { signal: { action: 'close' }, market: btcUsdt, figures: figures('100', position('long', '0.5')) },
      { side: 'sell', amount: '0.5' },
    ],
    [
      'by reduceOnly, capped to the position',
      { signal: { action: 'sell', size: base('9'), reduceOnly: true }, market: perpetual, figures: long },
      { side: 'sell', amount: '3' },
    ],
    [
      'by a share against the side',
      { signal: { action: 'sell', size: { percentPosition: '50' } }, market: perpetual, figures: long },
      { side: 'sell', amount: '1.5', terms: { type: 'market', reduceOnly: true } },
    ],
    ['by target flat', { signal: { target: 'flat' }, market: perpetual, figures: long }, { side: 'sell', amount: '3' }],
  ])('%s', (_name, planned, expected) => {
    expect(onlyOrder(plan(planned))).toMatchObject({ role: 'entry', notional: zeroNotional, ...expected });
  });

  it('leaves out the leverage and the exits of what opens', () => {
    const order = onlyOrder(plan({ signal: { action: 'close', leverage: '3' }, market: perpetual, figures: long }));
    for (const field of ['leverage', 'exitPlan']) expect(order).not.toHaveProperty(field);
  });
});

describe('a target', () => {
  const target = (to: 'long' | 'short', change: Partial<Signal> = {}): Partial<Signal> => ({
    target: to,
    size: base('2'),
    ...change,
  });
  const held = (side: 'long' | 'short' | 'flat', size?: string) => figures('100', position(side, size));
  it.each<[string, Case, object]>([
    [
      'opens from nothing',
      { signal: target('long'), market: perpetual, figures: held('flat') },
      { side: 'buy', amount: '2', notional: '200' },
    ],
    [
      'opens a short',
      { signal: target('short'), market: perpetual, figures: held('flat') },
      { side: 'sell', amount: '2' },
    ],
    [
      'counts dust towards the size',
      { signal: target('long'), market: btcUsdt, figures: held('long', '0.00002') },
      { side: 'buy', amount: '1.99998' },
    ],
    [
      'adds the difference',
      { signal: target('long', { exitPlan: stopAt('90') }), market: perpetual, figures: held('long', '0.5') },
      { side: 'buy', amount: '1.5', exitPlan: stopAt('90') },
    ],
    [
      'adds the difference of a short',
      { signal: target('short'), market: perpetual, figures: held('short', '0.5') },
      { side: 'sell', amount: '1.5' },
    ],
    [
      'gives up what is too much at market',
      { signal: target('long', { type: 'limit', price: price('90') }), market: perpetual, figures: held('long', '5') },
      { side: 'sell', amount: '3', notional: zeroNotional, terms: { type: 'market', reduceOnly: true } },
    ],
    [
      'gives up inverse contracts',
      { signal: target('short', { size: contracts('2') }), market: inverseByHundred, figures: held('short', '5') },
      { side: 'buy', amount: '3' },
    ],
  ])('%s', (_name, planned, expected) => {
    expect(onlyOrder(plan(planned))).toMatchObject({ role: 'entry', ...expected });
  });

  it.each([
    ['on the other side', 'short', '0.0004'],
    ['on the same side', 'long', '0.0004'],
  ] as const)('takes dust %s for none', (_where, side, size) => {
    const dust = figures('100', position(side, size));
    expect(onlyOrder(plan({ signal: target('long'), market: perpetual, figures: dust }))).toMatchObject({
      side: 'buy',
    });
    const unsized = plan({ signal: { target: 'long' }, market: perpetual, figures: dust });
    expect(unsized).toMatchObject({ kind: 'denied', field: 'size' });
  });

  it('on the other side is closed at market before it is opened as asked for', () => {
    const signal = target('short', { type: 'limit', price: price('101') });
    expect(plan({ signal, market: perpetual, figures: held('long', '3') })).toMatchObject({
      kind: 'orders',
      orders: [
        {
          role: 'reduce',
          side: 'sell',
          amount: '3',
          notional: zeroNotional,
          terms: { type: 'market', reduceOnly: true },
        },
        { role: 'entry', side: 'sell', amount: '2', terms: { type: 'limit', price: '101' } },
      ],
    });
  });
});

describe('nothing is ordered', () => {
  const dust = figures('100', position('long', '0.0004'));
  it.each<[string, Case, string]>([
    [
      'to close nothing',
      { signal: { action: 'close' }, market: perpetual, figures: figures('100', position('flat')) },
      'no_position',
    ],
    [
      'to be flat already',
      { signal: { target: 'flat' }, market: perpetual, figures: figures('100', position('flat')) },
      'already_there',
    ],
    [
      'to reduce the other side',
      {
        signal: { action: 'buy', size: base('1'), reduceOnly: true },
        market: perpetual,
        figures: figures('100', position('long', '1')),
      },
      'no_position',
    ],
    [
      'for a share of nothing',
      {
        signal: { action: 'buy', size: { percentPosition: '50' } },
        market: perpetual,
        figures: figures('100', position('flat')),
      },
      'no_position',
    ],
    [
      'to close less than a step',
      { signal: { action: 'close' }, market: perpetual, figures: dust },
      'position_too_small',
    ],
    [
      'to close less than the smallest value on spot',
      { signal: { action: 'close' }, market: btcUsdt, figures: figures('100', position('long', '0.04')) },
      'position_too_small',
    ],
    [
      'to be long already, of any size',
      { signal: { target: 'long' }, market: perpetual, figures: figures('100', position('long', '1')) },
      'already_there',
    ],
    [
      'to have the size already',
      {
        signal: { target: 'long', size: base('2') },
        market: perpetual,
        figures: figures('100', position('long', '2')),
      },
      'already_there',
    ],
    [
      'for a difference that is too small to add',
      {
        signal: { target: 'long', size: base('2') },
        market: perpetual,
        figures: figures('100', position('long', '1.5')),
      },
      'already_there',
    ],
    [
      'for a difference that is less than one order may be',
      {
        signal: { target: 'long', size: base('1.005') },
        market: { ...perpetual, amountStep: amount('0.001'), amountMin: amount('0.01') },
        figures: figures('100', position('long', '1')),
      },
      'already_there',
    ],
    [
      'for a difference that is too small to give up',
      {
        signal: { target: 'long', size: base('1') },
        market: btcUsdt,
        figures: figures('100', position('long', '1.03')),
      },
      'already_there',
    ],
  ])('%s', (_name, planned, code) => {
    expect(plan(planned)).toMatchObject({ kind: 'nothing', cause: { code, message: expect.stringMatching(/\w/) } });
  });
});
