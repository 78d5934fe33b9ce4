import { expect, it } from 'vitest';
import { runCandlesSoak, violationsOf } from '../soak/candles/candles-soak.ts';

it('collects every candle of five venues once and as it was, whatever goes wrong with their answers', async () => {
  const report = await runCandlesSoak({
    ...{ minutes: 15, symbols: 6, every: '1m', factor: 500, seed: 3 },
    log: () => undefined,
  });
  expect(violationsOf(report)).toEqual([]);
  expect(report.failures).toEqual([]);
  expect(report.verdict.series).toBe(30);
  expect(report.verdict.traded).toBeGreaterThan(200);
  // None of it proves anything where nothing went wrong.
  expect(report.told['candles.quarantined']).toBeGreaterThan(0);
  expect(report.told['candles.revised']).toBeGreaterThan(0);
}, 120_000);
