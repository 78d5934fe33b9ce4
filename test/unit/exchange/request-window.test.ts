import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RequestWindow } from '../../../layers/exchange/src/request-window.ts';

/** Ten units within any second. */
function tenPerSecond(): RequestWindow {
  const window = new RequestWindow(1_000);
  window.setRate(100);
  return window;
}

describe('the window of requests', () => {
  it('lets a burst through at once, up to the limit', () => {
    const window = tenPerSecond();
    const delays = Array.from({ length: 10 }, () => window.reserve(1, 5_000, 0));
    expect(delays).toEqual(Array(10).fill(0));
    expect(window.reserve(1, 5_000, 0)).toBeUndefined();
  });

  it('says how long the next one waits, and lets it through when that is over', () => {
    const window = tenPerSecond();
    for (let count = 0; count < 10; count += 1) window.reserve(1, 5_000 + count, 0);
    expect(window.reserve(1, 5_500, 1_000)).toBe(500);
    expect(window.reserve(2, 6_000, 1_000)).toBe(2);
  });

  it('has forgotten everything after a silence', () => {
    const window = tenPerSecond();
    for (let count = 0; count < 10; count += 1) window.reserve(1, 5_000, 0);
    expect(window.reserve(10, 6_000, 0)).toBe(0);
  });

  it('lets a single request pass that costs more than the whole window', () => {
    expect(tenPerSecond().reserve(50, 5_000, 0)).toBe(0);
  });

  it('never lets more through within any window, whatever the costs and times', () => {
    const step = fc.record({ cost: fc.integer({ min: 1, max: 10 }), afterMs: fc.integer({ min: 0, max: 400 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const window = tenPerSecond();
        const sent: { atMs: number; cost: number }[] = [];
        let nowMs = 0;
        for (const { cost, afterMs } of steps) {
          nowMs += afterMs;
          const delayMs = window.reserve(cost, nowMs, 2_000);
          if (delayMs !== undefined) sent.push({ atMs: nowMs + delayMs, cost });
        }
        for (const { atMs } of sent) {
          const within = sent.filter((other) => other.atMs > atMs - 1_000 && other.atMs <= atMs);
          expect(within.reduce((sum, { cost }) => sum + cost, 0)).toBeLessThanOrEqual(10);
        }
      }),
    );
  });
});
