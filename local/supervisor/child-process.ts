/** A child that says on stdout, in one JSON line, when it is ready. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { Watchdog } from '../cloud/lambda/watchdog.ts';
import { childEnvironment } from './guard.ts';

export interface ChildOptions {
  /** How messages name it. */
  name: string;
  /** Arguments to Node: the script and its own. */
  arguments: readonly string[];
  /** Given on stdin, which others on this machine cannot read as they could arguments. */
  input: string;
  /** Ends the child when this process dies without being able to. */
  watchdog: Watchdog;
  log: (message: string) => void;
  /** Called when the child ends without having been asked to. */
  onUnexpectedExit: (error: Error) => void;
}

export interface ReadyChild {
  pid: number;
  /** What it said about itself when it was ready. */
  ready: Record<string, unknown>;
  /** Asks it to end, and ends it when it does not. */
  stop(): Promise<void>;
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

const readyMsMax = 30_000;
const stopMsMax = 1_500;

/** @throws Error when the child ends or stays silent instead of becoming ready. */
export async function startChild(options: ChildOptions): Promise<ReadyChild> {
  const { name, watchdog, log, onUnexpectedExit } = options;
  const child: Child = spawn(process.execPath, [...options.arguments], {
    env: childEnvironment(),
    stdio: ['pipe', 'pipe', 'pipe'],
    // A process group of its own, so that Ctrl-C reaches the supervisor only, which then stops things in order.
    detached: process.platform !== 'win32',
    windowsHide: true,
  });
  const { pid } = child;
  let stopping = false;
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
  if (pid !== undefined) watchdog.add(pid);
  void ended.then(() => pid !== undefined && watchdog.remove(pid));
  createInterface({ input: child.stderr }).on('line', (line) => log(`${name}: ${line}`));
  child.stdin.on('error', () => undefined); // Its exit, reported below, is the reason.
  child.stdin.end(options.input);

  const ready = await Promise.race([firstLine(child), silence(), ended]);
  if (typeof ready === 'string' || pid === undefined) {
    child.kill('SIGKILL');
    throw new Error(`${name} did not start: ${String(ready)}`);
  }
  void ended.then((reason) => {
    if (!stopping) onUnexpectedExit(new Error(`${name} has ended unexpectedly: ${reason}`));
  });
  return {
    pid,
    ready,
    async stop() {
      stopping = true;
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), stopMsMax);
      await ended;
      clearTimeout(timer);
    },
  };
}

function firstLine(child: Child): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', (line) => {
      try {
        resolve(JSON.parse(line) as Record<string, unknown>);
      } catch {
        reject(new Error(`expected a JSON line, got: ${line}`));
      }
    });
  });
}

function silence(): Promise<string> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(`it was not ready within ${readyMsMax} ms`), readyMsMax).unref();
  });
}
