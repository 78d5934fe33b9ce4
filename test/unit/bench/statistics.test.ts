import { describe, expect, it } from 'vitest';
import { distributionOf, namedDistributionOf, spreadOver } from '../../../bench/statistics.ts';
import fc from '../../support/property.ts';

describe('a distribution', () => {
  it('tells the value that a share of all values does not exceed', () => {
    const values = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect(distributionOf(values)).toEqual({ count: 100, p50: 50, p90: 90, p99: 99, max: 100 });
  });

  it('of one value is that value', () => {
    expect(distributionOf([7.123])).toEqual({ count: 1, p50: 7.12, p90: 7.12, p99: 7.12, max: 7.12 });
  });

  it('of nothing is refused, since it would look like a very fast one', () => {
    expect(() => distributionOf([])).toThrow(RangeError);
    expect(() => namedDistributionOf([])).toThrow(RangeError);
  });

  it('names whose value is the largest', () => {
    const named = namedDistributionOf([
      ['kraken', 20],
      ['binance', 31],
      ['okx', 25],
    ]);
    expect(named).toEqual({ count: 3, p50: 25, p90: 31, p99: 31, max: 31, maxName: 'binance' });
  });

  it('names the first of those that share the largest', () => {
    const shared = [['okx', 2] as const, ['kraken', 5] as const, ['binance', 5] as const];
    expect(namedDistributionOf(shared).maxName).toBe('kraken');
  });
});

describe('a spread', () => {
  it('takes the first, the last and what lies evenly between', () => {
    expect(spreadOver([0, 1, 2, 3, 4, 5, 6, 7, 8], 3)).toEqual([0, 4, 8]);
  });

  it('has as many as asked for, or all, each once and in their order', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer()), fc.integer({ min: 1, max: 20 }), (values, count) => {
        const chosen = spreadOver(values, count);
        expect(chosen).toHaveLength(Math.min(count, values.length));
        expect(values.filter((value) => chosen.includes(value))).toEqual(chosen);
      }),
    );
  });

  it('takes everything where no end is set', () => {
    expect(spreadOver(['a', 'b', 'c'], Number.POSITIVE_INFINITY)).toEqual(['a', 'b', 'c']);
  });
});
