/** Waiting that ends early, for what polls. */
import type { CloudClock } from '../clock.ts';

/** Waits by the clock, or until `signal` is aborted. */
export function pause(clock: CloudClock, delayMs: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  const { promise, resolve } = Promise.withResolvers<void>();
  const end = () => resolve();
  const cancel = clock.after(delayMs, end);
  signal.addEventListener('abort', end, { once: true });
  return promise.finally(() => {
    cancel();
    signal.removeEventListener('abort', end);
  });
}

/** How long to wait before the next try of what was refused or failed so many times in a row. */
export function backoffMs(failures: number, { min, max }: { min: number; max: number }): number {
  return Math.min(min * 2 ** Math.max(failures - 1, 0), max);
}
