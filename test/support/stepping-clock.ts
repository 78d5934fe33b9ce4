import { setImmediate as turn } from 'node:timers/promises';
import type { Clock } from '@nightdesk/core';

export interface SteppingClock extends Clock {
  /** The same time as a clock that never goes back. */
  monotonicMs(): number;
  /** Lets so much time pass: who sleeps wakes in order, and has done what it does in memory before the next one wakes. */
  pass(byMs: number): Promise<void>;
}

/** Turns of the event loop after which nothing but sleep is left of work that is all in memory. */
const turns = 6;

/** Stands still until it is told how much time passes. Sleeping moves no time. */
export function createSteppingClock(startMs = Date.UTC(2026, 10, 21)): SteppingClock {
  let nowMs = startMs;
  let sleeping: { wakesAtMs: number; wake(): void }[] = [];
  const settle = async () => {
    for (let count = 0; count < turns; count += 1) await turn();
  };
  return {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs - startMs,
    sleep: (delayMs) =>
      new Promise((wake) => {
        sleeping.push({ wakesAtMs: nowMs + delayMs, wake });
      }),
    async pass(byMs) {
      const targetMs = nowMs + byMs;
      await settle();
      for (;;) {
        const nextMs = Math.min(...sleeping.map(({ wakesAtMs }) => wakesAtMs));
        if (nextMs > targetMs) break;
        nowMs = Math.max(nowMs, nextMs);
        const due = sleeping.filter(({ wakesAtMs }) => wakesAtMs <= nowMs);
        sleeping = sleeping.filter(({ wakesAtMs }) => wakesAtMs > nowMs);
        for (const { wake } of due) wake();
        await settle();
      }
      nowMs = targetMs;
    },
  };
}
