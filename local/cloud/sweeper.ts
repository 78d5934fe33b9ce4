/** Runs work once a minute of the clock's time, never twice at once. */
import type { CloudClock } from './clock.ts';

export interface Sweeper {
  /** Stops sweeping; resolves when the sweep under way, if any, has ended. */
  stop(): Promise<void>;
}

const sweepIntervalMs = 60_000;

export interface Sweeping {
  /** Told by `isStopped` when to end early. */
  sweep(isStopped: () => boolean): Promise<void>;
  /** Takes what `sweep` throws; the next minute tries again. */
  failed(error: unknown): void;
}

export function startSweeper(clock: CloudClock, { sweep, failed }: Sweeping): Sweeper {
  let isStopped = false;
  let sweeping: Promise<void> | undefined;
  let cancelNext = scheduleNext();

  function scheduleNext(): () => void {
    return clock.after(sweepIntervalMs, () => {
      sweeping ??= sweep(() => isStopped)
        .catch(failed)
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
