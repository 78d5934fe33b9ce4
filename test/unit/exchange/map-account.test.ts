import { UnparsableAnswerError } from '@nightdesk/exchange/fields.ts';
import { mapBalances } from '@nightdesk/exchange/map-balance.ts';
import { mapOpenOrder } from '@nightdesk/exchange/map-order.ts';
import { mapPosition } from '@nightdesk/exchange/map-position.ts';
import { describe, expect, it } from 'vitest';
import { btcUsdt, inverseByHundred, linearByHundredths } from '../../support/markets.ts';

/** As ccxt gives them: by asset, and by part. */
function balancesOf(parts: Record<string, Record<string, unknown>>) {
  const total = Object.fromEntries(Object.entries(parts).map(([asset, part]) => [asset, part.total]));
  return { info: {}, timestamp: undefined, free: {}, used: {}, total, ...parts };
}

describe('balances', () => {
  it('are sorted by asset, without those of which there is nothing', () => {
    const told = balancesOf({
      USDT: { free: '10.50', used: '2', total: '12.50' },
      DOGE: { free: '0', used: '0.0', total: '0' },
      BTC: { free: '1e-8', used: '0', total: '1e-8', debt: '0' },
    });
    expect(mapBalances(told)).toEqual([
      { asset: 'BTC', total: '0.00000001', free: '0.00000001', used: '0', borrowed: '0' },
      { asset: 'USDT', total: '12.5', free: '10.5', used: '2' },
    ]);
  });

  it('leave out the part that the venue does not tell, and do not make it zero', () => {
    expect(mapBalances(balancesOf({ BTC: { free: undefined, used: null, total: '3' } }))).toEqual([
      { asset: 'BTC', total: '3' },
    ]);
  });

  it('show what is owed, as the venue counts it', () => {
    const told = balancesOf({ ETH: { total: '0', debt: '0.5' }, USDT: { total: '-20' } });
    expect(mapBalances(told)).toEqual([
      { asset: 'ETH', total: '0', borrowed: '0.5' },
      { asset: 'USDT', total: '-20' },
    ]);
  });

  it.each([undefined, null, '', 'abc', Number.NaN, {}, '1e99'])('are not believed with %j as a whole', (total) => {
    expect(() => mapBalances(balancesOf({ BTC: { total } }))).toThrow(UnparsableAnswerError);
  });

  it.each([null, 'a web page', [], {}])('are not believed when the answer is %j', (answer) => {
    expect(() => mapBalances(answer)).toThrow(UnparsableAnswerError);
  });
});

describe('a position', () => {
  const position = {
    ...{ symbol: linearByHundredths.symbol, side: 'short', contracts: '150', entryPrice: '100.50', markPrice: 101 },
    ...{ liquidationPrice: '0', unrealizedPnl: '-7.5e-1', leverage: '10', marginMode: 'isolated' },
  };

  it('counts linear contracts in base asset, and as such', () => {
    expect(mapPosition(position, linearByHundredths)).toEqual({
      ...{ symbol: linearByHundredths.symbol, side: 'short', amount: '1.5', contracts: '150', entryPrice: '100.5' },
      ...{ markPrice: '101', unrealizedPnl: '-0.75', leverage: '10', marginMode: 'isolated' },
    });
  });

  it('tells margins where they make sense: ccxt works some out from profits', () => {
    for (const senseless of ['-0.5', 'NaN', Number.NaN, null, {}]) {
      const margins = { initialMargin: '15.0', maintenanceMargin: senseless };
      const told = mapPosition({ ...position, ...margins }, linearByHundredths);
      expect([told?.initialMargin, told?.maintenanceMargin]).toEqual(['15', undefined]);
    }
  });

  it('counts inverse contracts as such: what they are worth changes with the price', () => {
    expect(mapPosition(position, inverseByHundred)).toMatchObject({ amount: '150', contracts: '150' });
  });

  it.each(['0', '0.000', 0])('of %j contracts is none', (contracts) => {
    expect(mapPosition({ ...position, contracts, side: undefined }, linearByHundredths)).toBeUndefined();
  });

  it.each([
    ['contracts', undefined],
    ['contracts', '-150'],
    ['contracts', 'many'],
    ['side', undefined],
    ['side', 'both'],
    ['entryPrice', '-1'],
    ['unrealizedPnl', 'null'],
    ['leverage', '-3'],
    ['marginMode', 'portfolio?'],
  ])('is not believed with %s %j', (field, value) => {
    expect(() => mapPosition({ ...position, [field]: value }, linearByHundredths)).toThrow(UnparsableAnswerError);
  });
});

describe('an open order', () => {
  const order = {
    ...{ id: 'v1', clientOrderId: 'web_1', status: 'open', side: 'sell', amount: '200', filled: '50', price: '100' },
    ...{ trades: [], timestamp: 1_795_000_000_000 },
  };

  it('is told as it was placed', () => {
    expect(mapOpenOrder(order, linearByHundredths)).toEqual({
      ...{ venueOrderId: 'v1', clientOrderId: 'web_1', status: 'open', fills: [], symbol: linearByHundredths.symbol },
      ...{ side: 'sell', amount: '2', filled: '0.5', price: '100', placedAtMs: 1_795_000_000_000 },
    });
  });

  it('may have no price', () => {
    expect(mapOpenOrder({ ...order, price: '0' }, btcUsdt)).not.toHaveProperty('price');
  });

  it.each(['side', 'amount', 'filled', 'id', 'status'])('is not believed without %s', (field) => {
    expect(() => mapOpenOrder({ ...order, [field]: undefined }, btcUsdt)).toThrow(UnparsableAnswerError);
  });
});
