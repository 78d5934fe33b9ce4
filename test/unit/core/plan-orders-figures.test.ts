/** What has to be asked before a signal can be planned, and how its prices are rounded. */
import { amount, figuresNeeded, type Market, price, type Signal, sideWanted } from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { btcUsdt, btcUsdtPerpetual, inverseByHundred } from '../../support/markets.ts';
import { base, contracts, figures, onlyOrder, plan, position, quote, signalOf } from '../../support/plans.ts';

const { notionalMin: _min, ...anyValue } = btcUsdt;
const limit = { type: 'limit', price: price('90') } as const;

describe('a signal', () => {
  it.each<[string, Partial<Signal>, Market, string]>([
    ['to buy at a limit asks for nothing', { action: 'buy', size: base('1'), ...limit }, btcUsdt, ''],
    ['to buy at market asks for the price', { action: 'buy', size: base('1') }, btcUsdt, 'price'],
    ['to sell at a limit asks for the price', { action: 'sell', size: base('1'), ...limit }, btcUsdt, 'price'],
    [
      'with a share of the equity asks for that',
      { action: 'buy', size: { percentEquity: '1' }, ...limit },
      btcUsdt,
      'equity',
    ],
    [
      'with a share of it at risk asks for that',
      { action: 'buy', size: { riskPercent: '1' } },
      btcUsdt,
      'price equity',
    ],
    [
      'with a share of the position asks for that',
      { action: 'buy', size: { percentPosition: '1' } },
      btcUsdt,
      'price position',
    ],
    ['to close a contract asks for the position alone', { action: 'close' }, btcUsdtPerpetual, 'position'],
    ['to close on spot asks for the price too', { action: 'close' }, btcUsdt, 'price position'],
    ['to close on spot of any value does not', { action: 'close' }, anyValue, 'position'],
    ['to close at a limit does not', { action: 'close', ...limit }, btcUsdt, 'position'],
    [
      'to close at a trigger does not',
      { action: 'close', type: 'stop', triggerPrice: price('90') },
      btcUsdt,
      'position',
    ],
    [
      'to close a size in quote asks for the price',
      { action: 'close', size: quote('1') },
      btcUsdtPerpetual,
      'price position',
    ],
    ['to close a size in base does not', { action: 'close', size: base('1') }, btcUsdtPerpetual, 'position'],
    ['to close a share does not', { action: 'close', size: { percentPosition: '50' } }, btcUsdtPerpetual, 'position'],
    ['to close contracts does not', { action: 'close', size: contracts('50') }, btcUsdtPerpetual, 'position'],
    [
      'to close a share of the equity does',
      { action: 'close', size: { percentEquity: '5' } },
      btcUsdtPerpetual,
      'price position equity',
    ],
    [
      'to close inverse contracts in quote does not',
      { action: 'close', size: quote('1') },
      inverseByHundred,
      'position',
    ],
    [
      'to close inverse contracts in base does',
      { action: 'close', size: base('1') },
      inverseByHundred,
      'price position',
    ],
    [
      'that may only reduce asks for the position',
      { action: 'sell', size: base('1'), reduceOnly: true },
      btcUsdtPerpetual,
      'position',
    ],
    ['to be flat asks for the position', { target: 'flat' }, btcUsdtPerpetual, 'position'],
    [
      'to be long at a limit asks for the position',
      { target: 'long', size: base('1'), ...limit },
      btcUsdtPerpetual,
      'position',
    ],
    [
      'to be long at a limit on spot asks for the price too',
      { target: 'long', size: base('1'), ...limit },
      btcUsdt,
      'price position',
    ],
    [
      'to be short at a limit asks for both',
      { target: 'short', size: base('1'), ...limit },
      btcUsdtPerpetual,
      'price position',
    ],
    ['to cancel asks for nothing', { action: 'cancel' }, btcUsdt, ''],
    ['to amend asks for nothing', { action: 'amend' }, btcUsdt, ''],
  ])('%s', (_name, signal, market, needed) => {
    const asked = Object.entries(figuresNeeded(signalOf(signal), market)).flatMap(([name, is]) => (is ? [name] : []));
    expect(asked.join(' ')).toBe(needed);
  });

  it.each<[string, Partial<Signal>, Parameters<typeof sideWanted>[1], string | undefined]>([
    ['buys', { action: 'buy' }, undefined, 'buy'],
    ['sells', { action: 'sell' }, undefined, 'sell'],
    ['buys to be long', { target: 'long' }, position('short', '1'), 'buy'],
    ['sells to be short', { target: 'short' }, undefined, 'sell'],
    ['sells to close a long', { action: 'close' }, position('long', '1'), 'sell'],
    ['buys to close a short', { target: 'flat' }, position('short', '1'), 'buy'],
    ['has no side to close nothing', { action: 'close' }, position('flat'), undefined],
    ['has no side to close what is not known', { action: 'close' }, undefined, undefined],
    ['has no side to cancel', { action: 'cancel' }, position('long', '1'), undefined],
  ])('%s', (_name, signal, held, side) => {
    expect(sideWanted(signalOf(signal), held)).toBe(side);
  });
});

describe('prices of an order', () => {
  const held = figures('100', position('long', '5'));
  const heldShort = figures('100', position('short', '5'));
  it.each<[string, Partial<Signal>, typeof held, object]>([
    [
      'a buying stop that opens rises up',
      { action: 'buy', type: 'stop', triggerPrice: price('100.001') },
      held,
      { triggerPrice: '100.01' },
    ],
    [
      'a selling stop that opens goes down',
      { action: 'sell', type: 'stop', triggerPrice: price('99.999') },
      held,
      { triggerPrice: '99.99' },
    ],
    [
      'a selling stop that reduces goes up',
      { action: 'sell', reduceOnly: true, type: 'stop', triggerPrice: price('99.991') },
      held,
      { triggerPrice: '100' },
    ],
    [
      'a buying stop that reduces goes down',
      { action: 'buy', reduceOnly: true, type: 'stop', triggerPrice: price('99.999') },
      heldShort,
      { triggerPrice: '99.99' },
    ],
    [
      'a buying take-profit that opens goes down',
      { action: 'buy', type: 'take_profit', triggerPrice: price('99.999') },
      held,
      { triggerPrice: '99.99' },
    ],
    [
      'a selling take-profit that reduces goes down',
      { action: 'sell', reduceOnly: true, type: 'take_profit', triggerPrice: price('99.999') },
      held,
      { triggerPrice: '99.99' },
    ],
    [
      'a buying take-profit that reduces goes up',
      { action: 'buy', reduceOnly: true, type: 'take_profit', triggerPrice: price('99.991') },
      heldShort,
      { triggerPrice: '100' },
    ],
    [
      'a trail that opens is longer',
      { action: 'buy', type: 'trailing_stop', trail: { distance: price('1.001') } },
      held,
      { trail: { distance: '1.01' } },
    ],
    [
      'a trail that reduces is shorter',
      { action: 'sell', reduceOnly: true, type: 'trailing_stop', trail: { distance: price('1.009') } },
      held,
      { trail: { distance: '1' } },
    ],
    [
      'a trail in percent is as it was',
      { action: 'sell', type: 'trailing_stop', trail: { percent: '1.23456' } },
      held,
      { trail: { percent: '1.23456' } },
    ],
    [
      'an iceberg shows less',
      { action: 'buy', ...limit, displayAmount: amount('1.0009') },
      held,
      { displayAmount: '1' },
    ],
    [
      'both prices of a stop-limit',
      { action: 'buy', type: 'stop_limit', price: price('100.019'), triggerPrice: price('100.001') },
      held,
      { price: '100.01', triggerPrice: '100.01' },
    ],
  ])('%s', (_name, signal, known, terms) => {
    const planned = plan({ signal: { size: base('5'), ...signal }, market: btcUsdtPerpetual, figures: known });
    expect(onlyOrder(planned).terms).toMatchObject(terms);
  });
});
