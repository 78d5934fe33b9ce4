/**
 * ECS with Fargate: each task of a service is a process of this machine, started from what the image would hold. A task that ends is
 * replaced, after a while that doubles. What is not here: images and registries, networks, CPU and memory limits, health checks (a task
 * that hangs is not replaced), rolling deployments, and the addresses of a task's metadata and credentials.
 */
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import type { CloudClock } from '../clock.ts';
import { createFileLogs, createSinkLogs } from '../lambda/logs.ts';
import { createWatchdog, noWatchdog } from '../lambda/watchdog.ts';
import type { ResolvedResource } from '../resolved-resource.ts';
import { readService, readTask, type ServiceSettings, type TaskSettings } from './definition.ts';
import { buildTaskEnvironment } from './environment.ts';
import { openSlot, type Slot } from './slot.ts';
import { startTask } from './task.ts';

export { imageOf } from './definition.ts';

export interface EcsOptions {
  clock: CloudClock;
  /** Logs go to `logs/<service>-<number>.log` in here. Absent: to `onLog`, or nowhere. */
  stateDirectory?: string;
  /** Takes whole lines when there is no `stateDirectory`. */
  onLog?: (taskName: string, text: string) => void;
  /** What every task gets beneath its own variables: `AWS_ENDPOINT_URL`, what keeps it on this machine. */
  environment: Readonly<Record<string, string>>;
  /** What every task gets in the place of its own variables. @default nothing */
  overrides?: Readonly<Record<string, string>>;
  log: (message: string) => void;
}

/** A process that is a task now. */
export interface RunningTask {
  service: string;
  /** Which of the service's tasks, from 1. */
  number: number;
  pid: number;
  /** How often it was replaced. */
  restarts: number;
}

export interface Ecs {
  /** @param directory the folder that its image is made of. @throws Error naming what cannot be run truthfully */
  defineTask(definition: ResolvedResource, directory: string): void;
  /** @throws Error when its task definition is not there */
  defineService(service: ResolvedResource): void;
  /**
   * Starts the tasks of all services.
   *
   * @param tasksPerService @default as many as each wants
   */
  start(tasksPerService?: number): void;
  tasks(): RunningTask[];
  /** Ends all tasks: those that do not end within their stop timeout, or `graceMs` where that is less, are killed. */
  close(options: { graceMs: number }): Promise<void>;
}

export function createEcs(options: EcsOptions): Ecs {
  const { clock, stateDirectory, onLog, log } = options;
  const logs = stateDirectory
    ? createFileLogs(join(stateDirectory, 'logs'))
    : createSinkLogs(onLog ?? (() => undefined));
  const watchdog = process.platform === 'win32' ? noWatchdog : createWatchdog();
  const definitions = new Map<string, TaskSettings>();
  const services: (ServiceSettings & { settings: TaskSettings })[] = [];
  const slots: { service: string; number: number; settings: TaskSettings; slot: Slot }[] = [];

  function open(service: string, number: number, settings: TaskSettings): void {
    const name = `${service}-${number}`;
    const environment = buildTaskEnvironment(settings, {
      shared: options.environment,
      overrides: options.overrides ?? {},
    });
    const writeLog = logs.forFunction(name);
    const start = () => startTask({ settings, environment, clock, watchdog, writeLog });
    slots.push({ service, number, settings, slot: openSlot({ name, clock, startTask: start, log }) });
  }

  return {
    defineTask(definition, directory) {
      // Node reports modules by their real path.
      definitions.set(definition.physicalId, readTask(definition, realpathSync(directory)));
    },
    defineService(resource) {
      const service = readService(resource);
      const settings = definitions.get(service.taskDefinition);
      if (settings === undefined) {
        throw new Error(`${resource.type} ${resource.logicalId}: there is no ${service.taskDefinition}`);
      }
      services.push({ ...service, settings });
    },
    start(tasksPerService) {
      for (const { name, desiredCount, settings } of services) {
        for (let number = 1; number <= (tasksPerService ?? desiredCount); number += 1) open(name, number, settings);
      }
    },
    tasks: () =>
      slots.flatMap(({ service, number, slot: { task, restarts } }) =>
        task === undefined ? [] : [{ service, number, pid: task.pid, restarts }],
      ),
    async close({ graceMs }) {
      await Promise.all(slots.map(({ slot, settings }) => slot.stop(Math.min(graceMs, settings.stopTimeoutMs))));
      watchdog.close();
      await logs.close();
    },
  };
}
