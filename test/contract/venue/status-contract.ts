import { expect, it } from 'vitest';
import type { VenueBench } from './venue-bench.ts';

/** What a venue says of itself. */
export function statusContract(bench: VenueBench): void {
  it('says what it offers, by sorted names', () => {
    const { methods, timeframes, requiredCredentials, rateLimitMs } = bench.venue.capabilities;
    expect(Object.keys(methods)).toEqual(Object.keys(methods).sort());
    expect(methods).toMatchObject({ createOrder: true });
    expect(timeframes).toContain('1m');
    expect(Array.isArray(requiredCredentials)).toBe(true);
    expect(rateLimitMs).toBeGreaterThan(0);
  });

  bench.testOf('probe')('is there, and tells how far our clock is ahead', async () => {
    const { status, latencyMs, aheadMs } = await bench.venue.probe();
    expect(status).toBe('ok');
    expect(latencyMs).toBeGreaterThanOrEqual(0);
    // Some tell their time in whole seconds.
    expect(Math.abs(aheadMs ?? 0)).toBeLessThan(2_000);
  });

  bench.testOf('probe')('is not there when nothing answers', async () => {
    await bench.harness.inject('no_answer_at_all');
    const { status, cause } = await bench.venue.probe();
    expect(status).toBe('unreachable');
    expect(cause?.code).toMatch(/^[a-z_]+$/);
  });
}
