/** EventBridge Scheduler: invokes functions when their schedules fall due. */
import type { ResolvedResource } from '../resolved-resource.ts';
import { createDelivery, type DeliveryOptions } from './delivery.ts';
import { type FireRecord, openFireLog } from './fire-log.ts';
import { nextFireMs } from './next-fire.ts';
import { readSchedule, type Schedule } from './schedule.ts';

export interface SchedulerOptions<Result> extends DeliveryOptions<Result> {
  /** Where fire times are kept over restarts; absent keeps them in memory. */
  readonly directory?: string;
}

export interface Scheduler<Result> {
  /**
   * Starts a resolved `AWS::Scheduler::Schedule`. What fell due while nothing ran is not made up for. A flexible time
   * window fires at its start, which is one of the moments AWS may choose.
   * @throws Error naming the property that is wrong.
   */
  defineSchedule(resource: ResolvedResource): void;
  /** Fires a schedule now, enabled or not, and gives what its target did. Its regular times stay as they are. */
  tick(name: string): Promise<Result>;
  /** When a schedule fires next, in epoch milliseconds; `undefined` when it will not. */
  nextFireMs(name: string): number | undefined;
  /** Stops all schedules and retries. */
  close(): void;
}

interface Running {
  readonly schedule: Schedule;
  dueMs: number | undefined;
  cancel: () => void;
}

export function createScheduler<Result>(options: SchedulerOptions<Result>): Scheduler<Result> {
  const { clock, log } = options;
  const fireLog = openFireLog(options.directory);
  const delivery = createDelivery(options);
  const running = new Map<string, Running>();

  function arm(entry: Running): void {
    entry.cancel();
    entry.cancel = () => {};
    if (entry.dueMs === undefined) return;
    entry.cancel = clock.after(entry.dueMs - clock.nowMs(), () => wake(entry));
  }

  function wake(entry: Running): void {
    const { schedule, dueMs } = entry;
    // A timer can come early: it cannot wait longer than 24 days, and the system clock may be set back.
    if (dueMs !== undefined && dueMs <= clock.nowMs()) {
      recordFire(schedule, dueMs);
      delivery.start(schedule, dueMs);
      entry.dueMs = dueAfter(schedule, Math.max(dueMs, clock.nowMs()));
    }
    arm(entry);
  }

  /** Before the target is called: after a crash in between the firing is lost, never doubled. */
  function recordFire(schedule: Schedule, lastFireMs: number): void {
    fireLog.set(schedule.name, { ...recordOf(schedule), lastFireMs });
  }

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

  function find(name: string): Running {
    const entry = running.get(name);
    if (entry === undefined) {
      throw new Error(`there is no schedule "${name}", only: ${[...running.keys()].join(', ') || 'none'}`);
    }
    return entry;
  }

  return {
    defineSchedule(resource) {
      const schedule = readSchedule(resource);
      running.get(schedule.name)?.cancel();
      const { lastFireMs } = recordOf(schedule);
      // From just before now, so that a rate fires as soon as it is created, but never again what already fired.
      const afterMs = Math.max(clock.nowMs() - 1, lastFireMs ?? Number.NEGATIVE_INFINITY);
      const dueMs = schedule.isEnabled ? dueAfter(schedule, afterMs) : undefined;
      const entry: Running = { schedule, dueMs, cancel: () => {} };
      running.set(schedule.name, entry);
      arm(entry);
      if (!schedule.isEnabled) log(`scheduler: ${schedule.name} is disabled`);
    },
    tick: async (name) => delivery.once(find(name).schedule, clock.nowMs()),
    nextFireMs: (name) => find(name).dueMs,
    close() {
      for (const entry of running.values()) entry.cancel();
      running.clear();
      delivery.close();
    },
  };
}
