/** When schedules fire, by what is remembered of them, while the machine is off at times and its clock is moved. */
import type { CloudClock } from '../clock.ts';
import { type FireRecord, openFireLog } from './fire-log.ts';
import { nextFireMs } from './next-fire.ts';
import type { Schedule } from './schedule.ts';

export interface FireTimesOptions {
  readonly clock: CloudClock;
  readonly log: (message: string) => void;
  /** Where fire times are kept over restarts; absent keeps them in memory. */
  readonly directory: string | undefined;
}

/** Each answer is in epoch milliseconds; `undefined` when the schedule fires no more. */
export interface FireTimes {
  /** For a schedule that has just been defined. */
  first(schedule: Schedule): number | undefined;
  /** To be called before the target: after a crash in between the firing is lost, never doubled. */
  afterFire(schedule: Schedule, firedMs: number): number | undefined;
  /**
   * For a schedule whose timer has run out before `dueMs`: another time where the clock was set back, else the same.
   *
   * @param hasElapsed whether the timer was set for `dueMs`, so that only the clock has not got there
   */
  revise(schedule: Schedule, dueMs: number, hasElapsed: boolean): number | undefined;
}

/** A rate of this period or longer could fall due always while the machine is off. Shorter ones do so again soon. */
const madeUpEveryMsMin = 3_600_000;

export function createFireTimes({ clock, log, directory }: FireTimesOptions): FireTimes {
  const fireLog = openFireLog(directory);

  function recordOf(schedule: Schedule): FireRecord {
    const known = fireLog.get(schedule.name);
    if (known?.expressionText === schedule.expressionText) return known;
    const record = { expressionText: schedule.expressionText, createdMs: clock.nowMs(), lastFireMs: undefined };
    fireLog.set(schedule.name, record);
    return record;
  }

  function dueAfter(schedule: Schedule, afterMs: number): number | undefined {
    return nextFireMs({ ...schedule.timing, createdMs: recordOf(schedule).createdMs }, afterMs);
  }

  /** A one-time schedule that has fired stays fired, whatever the clock says. */
  function wasSetBack(schedule: Schedule, dueMs: number | undefined): boolean {
    const { expression } = schedule.timing;
    if (expression.kind === 'at') return false;
    const { createdMs, lastFireMs = createdMs } = recordOf(schedule);
    if (lastFireMs > clock.nowMs()) return true;
    if (expression.kind !== 'rate' || !hasBegun(schedule, clock.nowMs()) || dueMs === undefined) return false;
    return dueMs - clock.nowMs() > expression.everyMs;
  }

  /** Without this a schedule would be silent until the clock shows again what it showed before it was set back. */
  function countFromNow(schedule: Schedule, hasElapsed: boolean): number | undefined {
    const nowMs = clock.nowMs();
    const lastFireMs = hasElapsed ? undefined : nowMs;
    fireLog.set(schedule.name, { expressionText: schedule.expressionText, createdMs: nowMs, lastFireMs });
    log(`scheduler: the clock was set back, so ${schedule.name} is counted from now`);
    return dueAfter(schedule, hasElapsed ? nowMs - 1 : nowMs);
  }

  /** Whether a rate that does not fall due again soon was missed for a whole period, or longer. */
  function isOverdue(schedule: Schedule): boolean {
    const { expression } = schedule.timing;
    if (expression.kind !== 'rate' || expression.everyMs < madeUpEveryMsMin) return false;
    const { createdMs, lastFireMs = createdMs } = recordOf(schedule);
    return hasBegun(schedule, clock.nowMs()) && clock.nowMs() - lastFireMs >= expression.everyMs;
  }

  return {
    first(schedule) {
      const { lastFireMs } = recordOf(schedule);
      if (!schedule.isEnabled) return undefined;
      // From just before now, so that a rate fires as soon as it is created, but never again what already fired.
      const dueMs = dueAfter(schedule, Math.max(clock.nowMs() - 1, lastFireMs ?? Number.NEGATIVE_INFINITY));
      if (wasSetBack(schedule, dueMs)) return countFromNow(schedule, false);
      return dueMs !== undefined && isOverdue(schedule) ? clock.nowMs() : dueMs;
    },
    afterFire(schedule, firedMs) {
      fireLog.set(schedule.name, { ...recordOf(schedule), lastFireMs: firedMs });
      return dueAfter(schedule, Math.max(firedMs, clock.nowMs()));
    },
    revise: (schedule, dueMs, hasElapsed) => (wasSetBack(schedule, dueMs) ? countFromNow(schedule, hasElapsed) : dueMs),
  };
}

function hasBegun({ timing: { startMs } }: Schedule, nowMs: number): boolean {
  return startMs === undefined || startMs <= nowMs;
}
