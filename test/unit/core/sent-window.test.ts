import { describe, expect, it } from 'vitest';
import { SentWindow } from '../../../layers/core/src/limits/sent-window.ts';
import fc from '../../support/property.ts';

const windowMs = 1_000;

/** Sends one unit at each of these times, without asking. */
function sentAt(...times: number[]): SentWindow {
  const window = new SentWindow(windowMs);
  for (const atMs of times) window.add(1, atMs);
  return window;
}

describe('the window of what was sent', () => {
  it('lets a burst through at once, up to the limit', () => {
    expect(sentAt(...Array(9).fill(5_000)).delayMs(1, 10, 5_000)).toBe(0);
    expect(sentAt(...Array(10).fill(5_000)).delayMs(1, 10, 5_000)).toBe(windowMs);
  });

  it('says how long the next one waits: until enough has left the window', () => {
    const window = sentAt(5_000, 5_001, 5_002);
    expect(window.delayMs(1, 3, 5_500)).toBe(500);
    expect(window.delayMs(2, 3, 5_500)).toBe(501);
  });

  it('has forgotten everything after a silence', () => {
    expect(sentAt(5_000, 5_000).delayMs(2, 2, 6_000)).toBe(0);
  });

  it('lets a request that is larger than the limit through when nothing else was sent', () => {
    expect(new SentWindow(windowMs).delayMs(50, 10, 5_000)).toBe(0);
    expect(sentAt(5_000).delayMs(50, 10, 5_100)).toBe(900);
  });

  it('says how long until nothing was sent for a time, which may be longer than the window', () => {
    expect(new SentWindow(windowMs).silenceMs(3_000, 5_000)).toBe(0);
    const window = sentAt(5_000, 5_100);
    expect(window.delayMs(1, 10, 7_000)).toBe(0);
    expect(window.silenceMs(3_000, 7_000)).toBe(1_100);
    expect(window.silenceMs(3_000, 8_100)).toBe(0);
  });

  it('takes a tenth ten times for one', () => {
    const window = new SentWindow(windowMs);
    for (let count = 0; count < 9; count += 1) window.add(0.1, 5_000);
    expect(window.delayMs(0.1, 1, 5_000)).toBe(0);
  });

  it('never lets more through within any window, whatever the units and times', () => {
    const step = fc.record({ units: fc.integer({ min: 1, max: 10 }), afterMs: fc.integer({ min: 0, max: 400 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const window = new SentWindow(windowMs);
        const sent: { atMs: number; units: number }[] = [];
        let nowMs = 0;
        for (const { units, afterMs } of steps) {
          nowMs += afterMs;
          nowMs += window.delayMs(units, 10, nowMs);
          window.add(units, nowMs);
          sent.push({ atMs: nowMs, units });
        }
        for (const { atMs } of sent) {
          const within = sent.filter((other) => other.atMs > atMs - windowMs && other.atMs <= atMs);
          expect(within.reduce((sum, { units }) => sum + units, 0)).toBeLessThanOrEqual(10);
        }
      }),
    );
  });
});
