/** The schedules of the template, and firing them by hand. */
import type { AssemblyResource } from '../assembly/resolve-graph.ts';
import { isObject } from '../assembly/template.ts';
import type { CloudClock } from '../cloud/clock.ts';
import type { InvokeResult, Lambda } from '../cloud/lambda/index.ts';
import { createScheduler } from '../cloud/scheduler/scheduler.ts';
import { findByLastPart } from './find-by-last-part.ts';

export interface SchedulesOptions {
  lambda: Pick<Lambda, 'invoke'>;
  clock: CloudClock;
  /** Absent keeps times of firing in memory. */
  directory: string | undefined;
  log: (message: string) => void;
}

export interface Schedules {
  define(schedule: AssemblyResource): void;
  /** Fires a schedule now and waits for its function. `name` may be the last part of it. */
  tick(name: string): Promise<InvokeResult>;
  /** As `tick`, except that a firing which is due at this moment is waited for instead of adding one to it. */
  run(name: string): Promise<InvokeResult>;
  close(): void;
}

export function createSchedules({ lambda, clock, directory, log }: SchedulesOptions): Schedules {
  const functionArns = new Map<string, string>();
  const awaited = new Map<string, (result: Promise<InvokeResult>) => void>();
  const scheduler = createScheduler<InvokeResult>({
    ...{ clock, log },
    ...(directory !== undefined && { directory }),
    invokeTarget(functionArn, payload) {
      const result = lambda.invoke({ functionName: functionArn, payload });
      awaited.get(functionArn)?.(result);
      awaited.delete(functionArn);
      return result;
    },
  });
  const find = (name: string) => findByLastPart([...functionArns.keys()], name);

  return {
    define(schedule) {
      const target = schedule.properties.Target;
      functionArns.set(schedule.physicalId, isObject(target) ? String(target.Arn) : '');
      scheduler.defineSchedule(schedule);
    },
    tick: async (name) => scheduler.tick(find(name)),
    async run(name) {
      const found = find(name);
      const dueMs = scheduler.nextFireMs(found);
      if (dueMs === undefined || dueMs > clock.nowMs()) return scheduler.tick(found);
      return new Promise((resolve) => awaited.set(functionArns.get(found) ?? '', resolve));
    },
    close: () => scheduler.close(),
  };
}
