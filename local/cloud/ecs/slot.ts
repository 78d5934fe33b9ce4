/** One place of a service, in which a task runs: another one as soon as it ends. */
import type { CloudClock } from '../clock.ts';
import type { Task } from './task.ts';

export interface SlotOptions {
  /** How messages name it. */
  name: string;
  clock: CloudClock;
  startTask(): Task;
  log: (message: string) => void;
}

export interface Slot {
  /** The process that runs now; absent between two. */
  readonly task: Pick<Task, 'pid'> | undefined;
  /** Tasks that have ended by themselves. */
  readonly restarts: number;
  /** Ends the task and starts no other. */
  stop(withinMs: number): Promise<void>;
}

/** After the first task that ended; twice as long after each further one. */
const restartDelayMsMin = 500;
const restartDelayMsMax = 30_000;
/** A task that ran for so long is taken for one that works: the next delay is the shortest again. */
const steadyMs = 60_000;

/** Starts the first task. @throws Error when no process can be started */
export function openSlot({ name, clock, startTask, log }: SlotOptions): Slot {
  let task: Task | undefined;
  let isStopped = false;
  let delayMs = restartDelayMsMin;
  let restarts = 0;
  let cancelRestart = (): void => undefined;

  function start(): void {
    const startedAtMs = clock.nowMs();
    task = startTask();
    void task.ended.then((reason) => {
      task = undefined;
      if (isStopped) return;
      restarts += 1;
      if (clock.nowMs() - startedAtMs >= steadyMs) delayMs = restartDelayMsMin;
      log(`a task of ${name} has ended (${reason}); another one starts in ${delayMs} ms`);
      cancelRestart = clock.after(delayMs, restart);
      delayMs = Math.min(delayMs * 2, restartDelayMsMax);
    });
  }

  function restart(): void {
    try {
      start();
    } catch (error) {
      log(`a task of ${name} cannot be started: ${error instanceof Error ? error.message : String(error)}`);
      cancelRestart = clock.after(restartDelayMsMax, restart);
    }
  }

  start();
  return {
    get task() {
      return task;
    },
    get restarts() {
      return restarts;
    },
    async stop(withinMs) {
      isStopped = true;
      cancelRestart();
      await task?.stop(withinMs);
    },
  };
}
