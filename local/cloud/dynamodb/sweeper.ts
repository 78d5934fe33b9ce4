/** Runs work once a minute of the clock's time, never twice at once. */
import type { CloudClock } from '../clock.ts';

export interface Sweeper {
  /** Stops sweeping; resolves when the sweep under way, if any, has ended. */
  stop(): Promise<void>;
}

const sweepIntervalMs = 60_000;

/** @param sweep told by `isStopped` when to end early; what it throws is logged and the next minute tries again */
export function startSweeper(clock: CloudClock, sweep: (isStopped: () => boolean) => Promise<void>): Sweeper {
  let isStopped = false;
  let sweeping: Promise<void> | undefined;
  let cancelNext = scheduleNext();

  function scheduleNext(): () => void {
    return clock.after(sweepIntervalMs, () => {
      sweeping ??= sweep(() => isStopped)
        .catch((error: unknown) => console.error('the embedded DynamoDB could not remove what is due:', error))
        .finally(() => {
          sweeping = undefined;
        });
      cancelNext = scheduleNext();
    });
  }

  return {
    async stop() {
      isStopped = true;
      cancelNext();
      await sweeping;
    },
  };
}
