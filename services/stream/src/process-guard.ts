/** What becomes of errors that nobody caught, and of signals. */
import type { Telemetry } from '@nightdesk/aws';

/** The task is started anew by whoever runs it. */
export const failedExitCode = 1;
/** So many promises that nobody waited for may be rejected within a minute before the process counts as broken. */
const rejectionsMax = 20;
const minuteMs = 60_000;

export interface ProcessGuardOptions {
  telemetry: Pick<Telemetry, 'failure' | 'flush'>;
  monotonicMs(): number;
  exit(code: number): void;
}

/**
 * After an exception that nobody caught nothing is known to be whole, so the process ends. A rejected promise that nobody waited for leaves
 * everything else as it was (the streaming classes of venues leave some behind when a socket closes), and ending for one would cost every
 * stream there is: it is told, and only too many of them end the process.
 */
export function createProcessGuard({ telemetry, monotonicMs, exit }: ProcessGuardOptions) {
  let rejectionsMs: number[] = [];
  const end = (message: string, error: unknown): void => {
    telemetry.failure(message, error);
    telemetry.flush();
    exit(failedExitCode);
  };
  return {
    onException: (error: unknown): void => end('an exception that nobody caught ends the process', error),
    onRejection(error: unknown): void {
      const nowMs = monotonicMs();
      rejectionsMs = [...rejectionsMs.filter((atMs) => nowMs - atMs < minuteMs), nowMs];
      if (rejectionsMs.length > rejectionsMax) end('too many promises were rejected that nobody waited for', error);
      else telemetry.failure('a promise was rejected that nobody waited for', error);
    },
  };
}
