/**
 * Makes sandboxes die with this process, however it dies. After `kill -9` nobody here can clean up, and a sandbox frozen by
 * SIGSTOP cannot notice a closed connection, so a shell of about one megabyte waits in its own session: it is told the
 * process groups to watch, and when the pipe to it breaks it kills the last ones it was told.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { Socket } from 'node:net';

export interface Watchdog {
  /** Starts to watch the process group of `pid`. */
  add(pid: number): void;
  remove(pid: number): void;
  close(): void;
}

/** Each line replaces the list; the end of input means that the supervisor is gone. */
const script = 'while read -r line; do groups=$line; done; [ -z "$groups" ] || kill -s KILL -- $groups';

export function createWatchdog(): Watchdog {
  const pids = new Set<number>();
  let shell: ChildProcess | undefined;
  let closed = false;

  function start(): ChildProcess {
    // Its own session keeps it alive through Ctrl-C and through a signal to the supervisor's whole group.
    const child = spawn('/bin/sh', ['-c', script], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
    child.unref();
    if (child.stdin instanceof Socket) child.stdin.unref();
    child.stdin?.on('error', () => undefined); // The exit below is what matters.
    child.on('error', (error) => console.error(`sandboxes would outlive a kill of this process: ${error.message}`));
    child.on('exit', () => {
      shell = undefined;
      if (!closed && pids.size > 0) tell();
    });
    return child;
  }

  function tell(): void {
    shell ??= start();
    shell.stdin?.write(`${[...pids].map((pid) => -pid).join(' ')}\n`);
  }

  return {
    add(pid) {
      pids.add(pid);
      tell();
    },
    remove(pid) {
      if (pids.delete(pid) && !closed) tell();
    },
    close() {
      closed = true;
      shell?.stdin?.end(`${[...pids].map((pid) => -pid).join(' ')}\n`);
    },
  };
}

/** Windows freezes no sandbox, and one that is not frozen ends by itself when its Runtime API connection breaks. */
export const noWatchdog: Watchdog = { add: () => undefined, remove: () => undefined, close: () => undefined };
