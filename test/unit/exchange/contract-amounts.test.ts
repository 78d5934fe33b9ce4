import { amount } from '@nightdesk/core';
import { fromContracts, toContracts } from '@nightdesk/exchange/contract-amounts.ts';
import { describe, expect, it } from 'vitest';
import { btcUsdt, inverseByHundred, linearByHundredths } from '../../support/markets.ts';
import fc from '../../support/property.ts';

describe('amounts between contracts and base asset', () => {
  it('stay as they are on spot and on inverse contracts', () => {
    for (const market of [btcUsdt, inverseByHundred]) {
      expect(fromContracts('3.50', market)).toBe('3.5');
      expect(toContracts(amount('3.5'), market)).toBe('3.5');
    }
  });

  it('are multiples of the contract on linear ones', () => {
    expect(fromContracts('150', linearByHundredths)).toBe('1.5');
    expect(toContracts(amount('1.5'), linearByHundredths)).toBe('150');
    expect(toContracts(amount('0.005'), linearByHundredths)).toBe('0.5');
  });

  it('are refused where no number of contracts is exactly as much', () => {
    expect(toContracts(amount('1'), { contractType: 'linear', contractSize: amount('3') })).toBeUndefined();
  });

  it('come back the same from every number of contracts', () => {
    const sizes = fc.constantFrom('0.0001', '0.01', '0.1', '1', '10', '1000', '0.3');
    fc.assert(
      fc.property(fc.nat(1_000_000_000), sizes, (contracts, size) => {
        const terms = { contractType: 'linear', contractSize: amount(size) } as const;
        expect(toContracts(fromContracts(String(contracts), terms), terms)).toBe(String(contracts));
      }),
    );
  });
});
