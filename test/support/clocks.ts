/** Clocks for tests. */
import type { Clock } from '@nightdesk/core';

/** The machine's own time. */
export const realClock: Clock = {
  nowMs: () => Date.now(),
  sleep: (delayMs) => new Promise((resolve) => setTimeout(resolve, delayMs)),
};

export interface ManualClock extends Clock {
  advance(byMs: number): void;
}

/** Stands still until it is moved; sleeping moves it. */
export function createManualClock(startMs = Date.UTC(2026, 10, 21)): ManualClock {
  let nowMs = startMs;
  return {
    nowMs: () => nowMs,
    async sleep(delayMs) {
      nowMs += delayMs;
    },
    advance(byMs) {
      nowMs += byMs;
    },
  };
}

export interface PassingClock extends Clock {
  passMinute(): void;
}

/** The machine's own time, and further ahead by every sleep and every minute that is made to pass. */
export function createPassingClock(): PassingClock {
  let aheadMs = 0;
  return {
    nowMs: () => Date.now() + aheadMs,
    async sleep(delayMs) {
      aheadMs += delayMs;
    },
    passMinute() {
      aheadMs += 60_000;
    },
  };
}
