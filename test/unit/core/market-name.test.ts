import { chooseMarket, type Market, marketName, RequestError } from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { btcUsdt } from '../../support/markets.ts';

describe('the name by which a chart and a market find each other', () => {
  it.each([
    ['BTC/USDT', 'BTCUSDT'],
    ['btc-usdt', 'BTCUSDT'],
    ['1000SATS/USDT', '1000SATSUSDT'],
    ['BTC_USDT.P', 'BTCUSDTP'],
  ])('leaves separators out: %s is %s', (text, name) => {
    expect(marketName(text)).toBe(name);
  });

  it.each(['币安人生/USDT', 'Ж/USDT', '€/USDT'])(
    'keeps every letter of %s, so that the coin is part of it',
    (symbol) => {
      expect(marketName(symbol)).toBe(symbol.replace('/', ''));
      expect(marketName(symbol)).not.toBe(marketName('USDT'));
    },
  );
});

describe('a name that fits a market', () => {
  it('is that market', () => {
    expect(chooseMarket('BTCUSDT', [btcUsdt], undefined)).toBe(btcUsdt);
  });

  it('is refused where there is none', () => {
    expect(() => chooseMarket('XYZUSDT', [], undefined)).toThrow(RequestError);
  });

  it('is refused where that is an option', () => {
    const option: Market = { ...btcUsdt, symbol: 'BTC/USDT:USDT-261225-90000-C', kind: 'option' };
    expect(() => chooseMarket(option.symbol, [option], undefined)).toThrow(
      expect.objectContaining({ code: 'unsupported', issues: [expect.objectContaining({ path: 'symbol' })] }),
    );
  });
});
