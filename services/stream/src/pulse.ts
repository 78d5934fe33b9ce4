import type { Clock } from '@nightdesk/core';

export interface Pulse {
  /** Has the next turn begin now, or as soon as the one under way is over. */
  hurry(): void;
  /** Begins no more turns. Resolves when the one under way is over. */
  end(): Promise<void>;
}

export interface PulseOptions {
  /** From the beginning of a turn to that of the next; one that takes longer is followed at once. */
  everyMs: number;
  clock: Clock;
  turn(): Promise<void> | void;
  onFailure(error: unknown): void;
}

/** Does something again and again, never twice at once. A turn that fails is told of, and the next one comes all the same. */
export function startPulse({ everyMs, clock, turn, onFailure }: PulseOptions): Pulse {
  let isEnding = false;
  let isHurried = false;
  let wake = () => {};
  const pause = (delayMs: number): Promise<void> =>
    new Promise((resolve) => {
      wake = resolve;
      void clock.sleep(delayMs).then(resolve);
    });
  const run = async (): Promise<void> => {
    while (!isEnding) {
      isHurried = false;
      const beganMs = clock.nowMs();
      try {
        await turn();
      } catch (error) {
        onFailure(error);
      }
      // A clock that was set back must not make it pause for longer than it ever would.
      const passedMs = Math.max(0, clock.nowMs() - beganMs);
      if (!isEnding && !isHurried) await pause(Math.max(0, everyMs - passedMs));
    }
  };
  const over = run();
  return {
    hurry() {
      isHurried = true;
      wake();
    },
    end() {
      isEnding = true;
      wake();
      return over;
    },
  };
}
