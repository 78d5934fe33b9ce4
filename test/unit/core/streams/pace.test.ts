import {
  Backoff,
  backoffMs,
  backoffMsMax,
  backoffMsMin,
  healthyAfterMs,
  SilenceWatch,
  silenceMsMax,
  silenceMsMin,
} from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import fc from '../../../support/property.ts';

describe('the silence of a stream', () => {
  /** Heard so many times, each so long after the last. */
  function watchOf(pauseMs: number, count = 20) {
    const watch = new SilenceWatch(0);
    for (let number = 1; number <= count; number += 1) watch.heard(number * pauseMs);
    return { watch, heardMs: count * pauseMs };
  }

  it('is expected by nobody before its pace is known', () => {
    const { watch, heardMs } = watchOf(100, 4);
    expect(watch.pauseMsMax).toBe(silenceMsMax);
    expect(watch.isSilent(heardMs + silenceMsMax)).toBe(false);
    expect(watch.isSilent(heardMs + silenceMsMax + 1)).toBe(true);
    watch.heard(heardMs + 100);
    expect(watch.pauseMsMax).toBe(silenceMsMin);
  });

  it.each([
    [100, silenceMsMin],
    [7_500, 30_000],
    [20_000, 80_000],
    [150_000, 600_000],
    [400_000, silenceMsMax],
  ])('is a pause beyond what comes every %s ms', (pauseMs, pauseMsMax) => {
    const { watch, heardMs } = watchOf(pauseMs);
    expect(watch.pauseMsMax).toBe(pauseMsMax);
    expect([watch.isSilent(heardMs + pauseMsMax), watch.isSilent(heardMs + pauseMsMax + 1)]).toEqual([false, true]);
  });

  it('follows a market that becomes quiet, and one that wakes up', () => {
    const { watch, heardMs } = watchOf(1_000);
    let atMs = heardMs;
    for (const pauseMs of [29_000, 90_000]) {
      atMs += pauseMs;
      expect(watch.isSilent(atMs)).toBe(false);
      watch.heard(atMs);
    }
    expect(watch.pauseMsMax).toBe(360_000);
    for (let count = 1; count <= 100; count += 1) watch.heard(atMs + count * 100);
    expect(watch.pauseMsMax).toBe(silenceMsMin);
  });

  it('is not told again at once of a market that is merely quiet', () => {
    const { watch, heardMs } = watchOf(1_000);
    let atMs = heardMs;
    const pauses: number[] = [];
    for (let count = 0; count < 4; count += 1) {
      const limitMs = watch.pauseMsMax;
      atMs += limitMs + 1;
      expect(watch.isSilent(atMs)).toBe(true);
      watch.mended(atMs);
      expect(watch.isSilent(atMs)).toBe(false);
      // It is fetched anew, which tells that nothing else is new.
      watch.heard(atMs);
      pauses.push(Math.round(limitMs / 1_000));
    }
    expect(pauses).toEqual([30, 114, 433, 600]);
  });

  it('is between its bounds, whatever came when', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(2_000_000)), (pauses) => {
        const watch = new SilenceWatch(0);
        let atMs = 0;
        for (const pauseMs of pauses) {
          atMs += pauseMs;
          watch.heard(atMs);
        }
        expect(watch.pauseMsMax).toBeGreaterThanOrEqual(silenceMsMin);
        expect(watch.pauseMsMax).toBeLessThanOrEqual(silenceMsMax);
      }),
    );
  });
});

describe('how long is waited before what failed is tried again', () => {
  it.each([
    [1, 500],
    [2, 1_000],
    [3, 2_000],
    [6, 16_000],
    [7, backoffMsMax],
    [1_000_000, backoffMsMax],
  ])('after %s failures up to %s ms', (failures, delayMs) => {
    expect([backoffMs(failures, 0), backoffMs(failures, 0.5), backoffMs(failures, 1)]).toEqual([
      ...[0, delayMs / 2, delayMs],
    ]);
  });

  it('grows with failures in a row, and begins anew after what held for long', () => {
    const backoff = new Backoff(() => 1);
    expect([backoff.failed(0), backoff.failed(0), backoff.failed(0)]).toEqual([500, 1_000, 2_000]);
    backoff.opened(10_000);
    // It opened, and broke again soon: that is no health.
    expect(backoff.failed(10_000 + healthyAfterMs - 1)).toBe(4_000);
    backoff.opened(100_000);
    expect(backoff.failed(100_000 + healthyAfterMs)).toBe(backoffMsMin);
    // What was not open since then cannot have been healthy.
    expect(backoff.failed(100_000 + 10 * healthyAfterMs)).toBe(2 * backoffMsMin);
  });

  it('is drawn anew each time', () => {
    const draws = [0.1, 0.9];
    const backoff = new Backoff(() => draws.shift() ?? 0);
    expect([backoff.failed(0), backoff.failed(0)]).toEqual([50, 900]);
  });
});
