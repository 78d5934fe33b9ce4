/** Event invocations: accepted at once, run later, repeated as Lambda does when the function fails or is throttled. */
import type { CloudClock } from '../clock.ts';
import { isThrottled } from './errors.ts';

/** Waits before the second and the third attempt after a function error. */
const retryDelaysMs = [60_000, 120_000];
/** A throttled event is tried again for at most this long. */
const eventAgeMsMax = 6 * 60 * 60 * 1000;
const throttleDelayMsMin = 1_000;
const throttleDelayMsMax = 5 * 60 * 1000;

export interface AsyncInvocations {
  /** @param run invokes the function and tells whether it succeeded. */
  add(functionName: string, run: () => Promise<boolean>): void;
  /** Drops what has not run yet. */
  close(): void;
}

/** Events live in memory only: those waiting are lost when the process ends, which is logged by `close`. */
export function createAsyncInvocations(clock: CloudClock): AsyncInvocations {
  const waiting = new Map<() => void, string>();

  function later(delayMs: number, functionName: string, action: () => void): void {
    const cancel = clock.after(delayMs, () => {
      waiting.delete(cancel);
      action();
    });
    waiting.set(cancel, functionName);
  }

  async function attempt(event: Event): Promise<void> {
    try {
      if (await event.run()) return;
      const delayMs = retryDelaysMs[event.failures];
      if (delayMs === undefined) return drop(event, 'failed on every attempt');
      later(delayMs, event.functionName, () => void attempt({ ...event, failures: event.failures + 1 }));
    } catch (error) {
      if (!isThrottled(error)) return drop(event, String(error));
      if (clock.nowMs() - event.addedAtMs > eventAgeMsMax) return drop(event, 'was throttled for six hours');
      const delayMs = Math.min(throttleDelayMsMin * 2 ** event.throttles, throttleDelayMsMax);
      later(delayMs, event.functionName, () => void attempt({ ...event, throttles: event.throttles + 1 }));
    }
  }

  return {
    add(functionName, run) {
      void attempt({ functionName, run, addedAtMs: clock.nowMs(), failures: 0, throttles: 0 });
    },
    close() {
      for (const [cancel, functionName] of waiting) {
        cancel();
        console.error(`an event that waited to be repeated for ${functionName} is dropped, as the process ends`);
      }
      waiting.clear();
    },
  };
}

interface Event {
  functionName: string;
  run: () => Promise<boolean>;
  addedAtMs: number;
  failures: number;
  throttles: number;
}

function drop(event: Event, reason: string): void {
  console.error(`an event for ${event.functionName} is dropped: ${reason}`);
}
