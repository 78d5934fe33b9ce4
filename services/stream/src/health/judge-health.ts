/** Whether a task is fit to go on, or is better started anew. */
import type { Health } from './health-server.ts';

/** The roster loop tries its beat more often than once a second: without a try for so long, it stands still. */
const triedMsMax = 10_000;
/**
 * A table that does not answer is no reason to end what streams all the same, and another task would reach it no better. A task that
 * reaches nothing for this long may have lost its way there.
 */
const beatenMsMax = 60_000;

export interface HealthSigns {
  /** By a clock that never goes back, as the others. */
  nowMs: number;
  startedMs: number;
  triedAtMs: number | undefined;
  beatenAtMs: number | undefined;
}

/** One that has not joined the roster yet is not well: a new version must be able to before it replaces the one that runs. */
export function judgeHealth({ nowMs, startedMs, triedAtMs = startedMs, beatenAtMs }: HealthSigns): Health {
  if (nowMs - triedAtMs > triedMsMax) {
    return { isHealthy: false, reason: `the roster loop has stood still for ${seconds(nowMs - triedAtMs)}` };
  }
  if (beatenAtMs === undefined) return { isHealthy: false, reason: 'it has not joined the roster yet' };
  if (nowMs - beatenAtMs > beatenMsMax) {
    return { isHealthy: false, reason: `the roster has not answered for ${seconds(nowMs - beatenAtMs)}` };
  }
  return { isHealthy: true };
}

const seconds = (milliseconds: number): string => `${Math.round(milliseconds / 1_000)} s`;
