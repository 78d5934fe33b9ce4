import { labelsPixels } from '@nightdesk/local/candles/plot/chart-option.ts';
import { describe, expect, it } from 'vitest';

describe('the labels beside a chart', () => {
  /** What a digit takes at this size. */
  const digitPixels = 8;

  it.each([
    ['1,500,000,000', [1e-5, 1.1e-5, 1e-5, 1.2e-5], 1.4e9],
    ['0.00000000075', [7e-10, 7.5e-10, 7e-10, 7.5e-10], 5],
    ['64,000', [63_000, 63_500, 62_900, 64_000], 12],
  ] as const)('have room for %s', (label, price, volume) => {
    expect(labelsPixels({ prices: [price, undefined], volumes: [volume, undefined] })).toBeGreaterThan(
      label.length * digitPixels + digitPixels,
    );
  });

  it('have some room where nothing was traded', () => {
    expect(labelsPixels({ prices: [undefined], volumes: [undefined] })).toBe(96);
  });
});
