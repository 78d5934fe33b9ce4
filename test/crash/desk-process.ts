/** The desk as `npm start` runs it, in a process that can be killed, with its sandboxes. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { ReadyInfo } from '@nightdesk/local/supervisor/ready.ts';

export interface DeskProcess {
  /** Resolves when the desk can be used; rejects when it ends before. */
  readonly ready: Promise<ReadyInfo>;
  /** Processes that run functions now. Linux only; empty elsewhere. */
  sandboxes(): number[];
  /** `kill -9` of this one process; what it started is left to itself. */
  kill(): Promise<void>;
  /** Asks it to stop, as Ctrl-C does. */
  stop(): Promise<void>;
}

const script = fileURLToPath(import.meta.resolve('@nightdesk/local/cli/start.ts'));
/** Enough to tell why a start failed. */
const linesKeptMax = 40;

export function startDeskProcess(stateDirectory: string): DeskProcess {
  const child: ChildProcessByStdio<null, Readable, Readable> = spawn(process.execPath, [script], {
    env: { PATH: process.env.PATH, NIGHTDESK_STATE_DIR: stateDirectory, NIGHTDESK_PORT: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => {
    said.push(line);
    if (said.length > linesKeptMax) said.shift();
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const ready = new Promise<ReadyInfo>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', (line) => resolve(JSON.parse(line) as ReadyInfo));
    void exited.then(() => reject(new Error(`the desk ended before it was ready:\n${said.join('\n')}`)));
  });
  // Whoever kills it while it starts does not wait for it.
  ready.catch(() => undefined);
  const end = (signal: NodeJS.Signals) => {
    child.kill(signal);
    return exited;
  };
  return {
    ready,
    sandboxes: () => (child.pid === undefined ? [] : sandboxesOf(child.pid)),
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
  };
}

function sandboxesOf(parentPid: number): number[] {
  if (process.platform !== 'linux') return [];
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.filter((pid) => isSandbox(pid, parentPid)).map(Number);
}

function isSandbox(pid: string, parentPid: number): boolean {
  try {
    // The second field is the program's name in parentheses, which may hold anything.
    const [, parent] = /\) \S (\d+) /.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
    return Number(parent) === parentPid && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('aws-lambda-ric');
  } catch {
    return false; // It ended meanwhile.
  }
}
