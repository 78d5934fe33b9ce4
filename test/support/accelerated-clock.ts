/** Time that passes faster than the machine's, evenly, for a desk and the venues around it. */
import type { Clock } from '@nightdesk/core';
import type { VenueClock } from '../../local/simulators/clock.ts';

export interface AcceleratedClock {
  readonly desk: Clock;
  /** The same time for simulated venues. */
  readonly venue: VenueClock;
}

/**
 * Unlike time that leaps, nobody who waits wakes before those who wait for less, and what takes time at a venue takes it here:
 * request limits that fill over a minute can be kept and overrun as they can be in life.
 *
 * @param factor how many milliseconds pass in one of the machine's
 */
export function createAcceleratedClock({ startMs, factor }: { startMs: number; factor: number }): AcceleratedClock {
  const begunMs = performance.now();
  const nowMs = () => startMs + (performance.now() - begunMs) * factor;
  return {
    desk: {
      nowMs: () => Math.floor(nowMs()),
      sleep: (delayMs) => new Promise((resolve) => setTimeout(resolve, delayMs / factor)),
    },
    venue: {
      nowMs,
      after(delayMs, action) {
        const timer = setTimeout(action, delayMs / factor);
        timer.unref();
        return () => clearTimeout(timer);
      },
    },
  };
}
