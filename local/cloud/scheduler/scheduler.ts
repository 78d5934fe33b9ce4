/** EventBridge Scheduler: invokes functions when their schedules fall due. */
import type { ResolvedResource } from '../resolved-resource.ts';
import { createDelivery, type DeliveryOptions } from './delivery.ts';
import { createFireTimes } from './fire-times.ts';
import { readSchedule, type Schedule } from './schedule.ts';

export interface SchedulerOptions<Result> extends DeliveryOptions<Result> {
  /** Where fire times are kept over restarts; absent keeps them in memory. */
  readonly directory?: string;
}

export interface Scheduler<Result> {
  /**
   * Starts a resolved `AWS::Scheduler::Schedule`. What fell due while nothing ran is not made up for, except that a rate
   * of an hour or more that has not fired for its period fires once, at once. A flexible time window fires at its start,
   * which is one of the moments AWS may choose.
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

/** Timers do not count the time that a machine sleeps, nor see that its clock is moved: each looks at it so often. */
const wakeMsMax = 60_000;

export function createScheduler<Result>(options: SchedulerOptions<Result>): Scheduler<Result> {
  const { clock, log } = options;
  const times = createFireTimes({ clock, log, directory: options.directory });
  const delivery = createDelivery(options);
  const running = new Map<string, Running>();

  function arm(entry: Running): void {
    entry.cancel();
    entry.cancel = () => {};
    if (entry.dueMs === undefined) return;
    const delayMs = entry.dueMs - clock.nowMs();
    const hasElapsed = delayMs <= wakeMsMax;
    entry.cancel = clock.after(Math.min(delayMs, wakeMsMax), () => wake(entry, hasElapsed));
  }

  function wake(entry: Running, hasElapsed: boolean): void {
    const { schedule } = entry;
    if (entry.dueMs !== undefined && entry.dueMs > clock.nowMs()) {
      entry.dueMs = times.revise(schedule, entry.dueMs, hasElapsed);
    }
    const { dueMs } = entry;
    if (dueMs !== undefined && dueMs <= clock.nowMs()) {
      entry.dueMs = times.afterFire(schedule, dueMs);
      delivery.start(schedule, dueMs);
    }
    arm(entry);
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
      const dueMs = times.first(schedule);
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
