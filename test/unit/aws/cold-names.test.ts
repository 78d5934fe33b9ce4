import { symbolFolder } from '@nightdesk/aws/candles/cold-names.ts';
import { describe, expect, it } from 'vitest';
import fc from '../../support/property.ts';

describe('folders of symbols', () => {
  it.each([
    ['BTC/USDT', 'BTC-USDT'],
    ['BTC/USDT:USDT', 'BTC-USDT_USDT'],
    ['1000PEPE/USDT:USDT', '1000PEPE-USDT_USDT'],
    ['BTC/USDT:USDT-270326', 'BTC-USDT_USDT-270326'],
    ['BTC/USD:BTC-261127-50000-C', 'BTC-USD_BTC-261127-50000-C'],
    ['XYZ-TSLA/USDC:USDC', 'XYZ%2DTSLA-USDC_USDC'],
    ['$PAC/USDT', '%24PAC-USDT'],
    ['%2F/USDT', '%252F-USDT'],
    ['../USDT', '..-USDT'],
    ['币安人生/USDT', '%E5%B8%81%E5%AE%89%E4%BA%BA%E7%94%9F-USDT'],
  ])('%s is in %s', (symbol, folder) => {
    expect(symbolFolder(symbol)).toBe(folder);
  });

  it('are never shared by two symbols', () => {
    const symbols = fc.string({
      unit: fc.constantFrom('A', 'a', '/', ':', '-', '_', '%', '2', 'D', '*'),
      maxLength: 6,
    });
    fc.assert(
      fc.property(symbols, symbols, (one, other) => {
        expect(symbolFolder(one) === symbolFolder(other)).toBe(one === other);
        expect(symbolFolder(one)).not.toMatch(/[/:*]/);
      }),
      { numRuns: 2_000 },
    );
  });
});
