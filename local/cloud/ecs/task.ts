/** One task: a process that runs what the task definition's container would. */
import { spawn } from 'node:child_process';
import type { CloudClock } from '../clock.ts';
import { createLineBuffer, type WriteLog } from '../lambda/logs.ts';
import type { Watchdog } from '../lambda/watchdog.ts';
import type { TaskSettings } from './definition.ts';

export interface TaskOptions {
  settings: TaskSettings;
  environment: Readonly<Record<string, string>>;
  clock: CloudClock;
  /** Ends the process when this one dies without being able to. */
  watchdog: Watchdog;
  writeLog: WriteLog;
}

export interface Task {
  readonly pid: number;
  /** How it ended, once it has: `exit code 1` or the signal's name. */
  readonly ended: Promise<string>;
  /** Asks it to end, and ends it when it has not within `withinMs`. */
  stop(withinMs: number): Promise<void>;
}

/** @throws Error when no process can be started */
export function startTask({ settings, environment, clock, watchdog, writeLog }: TaskOptions): Task {
  const child = spawn(process.execPath, [...settings.arguments], {
    cwd: settings.directory,
    env: { ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A process group of its own: Ctrl-C does not reach it, and signals from here reach what it starts.
    detached: process.platform !== 'win32',
    windowsHide: true,
  });
  const { pid } = child;
  child.on('error', () => undefined); // Seen as a missing pid; later ones as an exit.
  if (pid === undefined) throw new Error('no process can be started: is the process limit reached?');
  watchdog.add(pid);
  for (const output of [child.stdout, child.stderr]) {
    const lines = createLineBuffer(writeLog);
    output.setEncoding('utf8').on('data', lines.add).on('end', lines.flush);
  }
  const ended = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => {
      signalGroup(pid, 'SIGKILL'); // What it left behind would hold its output open.
      resolve(signal ?? `exit code ${code}`);
    });
  });
  void ended.then(() => watchdog.remove(pid));
  return {
    pid,
    ended,
    async stop(withinMs) {
      child.kill('SIGTERM');
      const cancel = clock.after(withinMs, () => signalGroup(pid, 'SIGKILL'));
      await ended;
      cancel();
    },
  };
}

/** Also to what the process started. The group is gone when nothing of it is left. */
function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
