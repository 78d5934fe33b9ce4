/** Time of a simulated venue. The embedded cloud's movable clock has the same shape, so tests can move both. */
export interface VenueClock {
  /** UTC epoch milliseconds; decimals show parts of a millisecond. */
  nowMs(): number;
  /** Runs `action` once after `delayMs`; the returned function cancels it. Never keeps the process alive. */
  after(delayMs: number, action: () => void): () => void;
  /** Sets time and speed, where the clock lets others do so. */
  set?(change: { atMs?: number | undefined; speed?: number | undefined }): void;
}

/** Real time, finer than a millisecond. */
export const systemVenueClock: VenueClock = {
  nowMs: () => performance.timeOrigin + performance.now(),
  after(delayMs, action) {
    const timer = setTimeout(action, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** Runs `action` every `periodMs` until the returned function is called. */
export function every(clock: VenueClock, periodMs: number, action: () => void): () => void {
  let cancel = clock.after(periodMs, function run() {
    cancel = clock.after(periodMs, run);
    action();
  });
  return () => cancel();
}
