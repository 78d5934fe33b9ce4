import { setImmediate as turn } from 'node:timers/promises';
import type { Clock } from '@nightdesk/core';
import type { ManualClock } from './clocks.ts';

export interface WakingClock extends Clock {
  /** Waits for what is under way; while nothing else goes on, time passes until the next one who sleeps wakes. */
  drive<Result>(work: Promise<Result>): Promise<Result>;
}

/** Turns of the event loop after which nothing but sleep is left of work that is all in memory. */
const turnsMax = 20;

/** Unlike a manual clock, sleeping here moves no time: of two who sleep, the one with less to sleep wakes first. */
export function createWakingClock(time: ManualClock): WakingClock {
  const sleeping: { wakesAtMs: number; wake(): void }[] = [];
  return {
    nowMs: () => time.nowMs(),
    sleep: (delayMs) =>
      new Promise((wake) => {
        sleeping.push({ wakesAtMs: time.nowMs() + delayMs, wake });
      }),
    async drive(work) {
      let isOver = false;
      const ended = work.finally(() => {
        isOver = true;
      });
      for (;;) {
        for (let count = 0; count < turnsMax && !isOver; count++) await turn();
        if (isOver) return ended;
        const [next] = sleeping.sort((left, right) => left.wakesAtMs - right.wakesAtMs);
        if (next === undefined) throw new Error('nobody sleeps, and the work does not end');
        sleeping.shift();
        time.advance(Math.max(0, next.wakesAtMs - time.nowMs()));
        next.wake();
      }
    },
  };
}
