import {
  amount,
  type Balance,
  equityCurrencyOf,
  equityOf,
  type Market,
  type Position,
  positionOf,
  price,
} from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { btcUsdt, btcUsdtPerpetual, inverseByHundred } from '../../support/markets.ts';

const has = (asset: string, total: string, rest: Partial<Balance> = {}): Balance => ({
  asset,
  total: amount(total),
  ...rest,
});
const open = (side: 'long' | 'short', size: string, rest: Partial<Position> = {}): Position => ({
  symbol: 'BTC/USDT:USDT',
  side,
  amount: amount(size),
  contracts: amount(size),
  ...rest,
});
const quotes = ['USDT', 'USDC'];

describe('equity', () => {
  it.each<[string, Market, Balance[], string | undefined]>([
    ['is what there is of the currency', btcUsdtPerpetual, [has('USDT', '100')], '100'],
    ['counts the other limit currencies one to one', btcUsdtPerpetual, [has('USDT', '100'), has('USDC', '50')], '150'],
    ['counts nothing that cannot be valued', btcUsdtPerpetual, [has('USDT', '100'), has('BTC', '2')], '100'],
    ['counts the base asset on spot', btcUsdt, [has('USDT', '100'), has('BTC', '2')], '300'],
    [
      'counts the settlement asset alone on inverse contracts',
      inverseByHundred,
      [has('USDT', '100'), has('BTC', '2')],
      '2',
    ],
    ['takes off what is owed', btcUsdt, [has('USDT', '100', { borrowed: amount('30') })], '70'],
    [
      'takes off what is owed once',
      btcUsdt,
      [has('USDT', '100'), has('USDC', '-30', { borrowed: amount('30') })],
      '70',
    ],
    ['takes off base asset that is owed', btcUsdt, [has('USDT', '500'), has('BTC', '-2')], '300'],
    [
      'is not known with a debt that cannot be valued',
      btcUsdtPerpetual,
      [has('USDT', '500'), has('BTC', '-2')],
      undefined,
    ],
    ['is not below zero', btcUsdt, [has('USDT', '-5')], '0'],
    ['of nothing is nothing', btcUsdt, [], '0'],
  ])('%s', (_name, market, balances, expected) => {
    expect(equityOf(market, { balances, quotes, price: price('100') })).toBe(expected);
  });

  it('counts a currency that no limit is in by itself', () => {
    const balances = [has('USDT', '100'), has('USDC', '50')];
    expect(equityOf(btcUsdt, { balances, quotes: ['USDC'] })).toBe('100');
  });

  it('does not count base asset without a price', () => {
    expect(equityOf(btcUsdt, { balances: [has('USDT', '1'), has('BTC', '2')], quotes })).toBe('1');
  });

  it('takes off open losses and counts no open gains', () => {
    const positions = [
      open('long', '1', { unrealizedPnl: amount('-20') }),
      open('long', '1', { unrealizedPnl: amount('9') }),
    ];
    const balances = [has('USDT', '100')];
    expect(equityOf(btcUsdtPerpetual, { balances, quotes, positions: [...positions, open('long', '1')] })).toBe('80');
  });

  it.each<[Market, string]>([
    [btcUsdt, 'USDT'],
    [btcUsdtPerpetual, 'USDT'],
    [inverseByHundred, 'BTC'],
    [{ ...inverseByHundred, settle: undefined } as unknown as Market, 'USD'],
  ])('is counted in what the market settles in (%#)', (market, currency) => {
    expect(equityCurrencyOf(market)).toBe(currency);
  });
});

describe('the position', () => {
  const flat = { side: 'flat', amount: '0' };
  it.each<[string, string | undefined, Balance[], object]>([
    ['is what the desk has bought', '2', [has('BTC', '5')], { side: 'long', amount: '2' }],
    ['is no more than the account has', '2', [has('BTC', '1.5')], { side: 'long', amount: '1.5' }],
    [
      'is no more than is free or in orders',
      '2',
      [has('BTC', '9', { free: amount('0.5'), used: amount('0.4') })],
      { side: 'long', amount: '0.9' },
    ],
    [
      'is no more than the whole',
      '2',
      [has('BTC', '1', { free: amount('1'), used: amount('1') })],
      { side: 'long', amount: '1' },
    ],
    ['is none where the account has none', '2', [has('USDT', '5')], flat],
    ['is none where the account owes', '2', [has('BTC', '-1')], flat],
    ['is none where the desk has bought none', undefined, [has('BTC', '5')], flat],
    ['is none where the desk has sold more than it bought', '-1', [has('BTC', '5')], flat],
  ])('on spot %s', (_name, ledgerQuantity, balances, expected) => {
    const figures = { balances, ...(ledgerQuantity !== undefined && { ledgerQuantity }) };
    expect(positionOf(btcUsdt, figures)).toEqual(expected);
  });

  it.each<[string, Position[], object | undefined]>([
    ['is the venue’s word', [open('short', '3')], { side: 'short', amount: '3' }],
    ['is none where the venue shows none', [], flat],
    ['is that of the market', [open('long', '3', { symbol: 'ETH/USDT:USDT' })], flat],
    ['is none where nothing is left of it', [open('long', '0')], flat],
    ['cannot be told where there are two', [open('long', '3'), open('short', '1')], undefined],
  ])('in a contract %s', (_name, positions, expected) => {
    expect(positionOf(btcUsdtPerpetual, { positions })).toEqual(expected);
  });

  it('cannot be told where nobody was asked', () => {
    expect(positionOf(btcUsdt, { ledgerQuantity: '2' })).toBeUndefined();
    expect(positionOf(btcUsdtPerpetual, {})).toBeUndefined();
  });
});
