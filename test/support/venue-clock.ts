/** A clock of simulated venues that tests move. */
import type { VenueClock } from '../../local/simulators/clock.ts';

/** Stands still until it is moved, and then does what is due. */
export function manualVenueClock(startMs: number): VenueClock & { moveTo(atMs: number): void } {
  let nowMs = startMs;
  const due = new Set<{ atMs: number; action: () => void }>();
  return {
    nowMs: () => nowMs,
    after(delayMs, action) {
      const timer = { atMs: nowMs + delayMs, action };
      due.add(timer);
      return () => due.delete(timer);
    },
    moveTo(atMs) {
      nowMs = atMs;
      for (const timer of [...due].filter((one) => one.atMs <= nowMs)) {
        due.delete(timer);
        timer.action();
      }
    },
  };
}
