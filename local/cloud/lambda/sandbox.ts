/** One sandbox: a Node process running AWS's runtime client against its own Runtime API, one invocation at a time. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { CloudClock } from '../clock.ts';
import type { FunctionSettings } from './definition.ts';
import { buildEnvironment } from './environment.ts';
import { createLineBuffer, createLogTail, type PlatformLines, platformLines, type WriteLog } from './logs.ts';
import { exited, exitText, type Outcome, type ProcessExit, timedOut, timeoutText } from './outcome.ts';
import { type Invocation, type RuntimeApi, startRuntimeApi } from './runtime-api.ts';
import type { Watchdog } from './watchdog.ts';

/** What the sandboxes of one function share. */
export interface SandboxHost {
  settings: FunctionSettings;
  /** Variables that every sandbox gets, beneath the function's own. */
  environment: Readonly<Record<string, string>>;
  clock: CloudClock;
  watchdog: Watchdog;
  writeLog: WriteLog;
  /** Stop the process between invocations, as Lambda does. */
  freeze: boolean;
}

/** What the owner of a sandbox hears from it. */
export interface SandboxEvents {
  /** It is ready for an invocation, for the first time or again. */
  onIdle(sandbox: Sandbox): void;
  /** Its process has ended; `initFailure` is present when it never became ready, and says why. */
  onExit(sandbox: Sandbox, initFailure: InitFailure | undefined): void;
}

/** What an invocation that waited for this start is told. */
export type InitFailure = (requestId: string) => Outcome;

export interface InvocationResult {
  outcome: Outcome;
  /** The last 4 KB that the invocation logged, Lambda's own lines included. */
  logTail: string;
}

interface Running {
  invocation: Invocation;
  startedAt: number;
  cancelTimeout: () => void;
  resolve: (result: InvocationResult) => void;
}

/** Lambda grants a cold start ten seconds beside the timeout, then repeats it within the timeout. */
const initMsMin = 10_000;
/** A third of the share that others get. */
const backgroundNice = 5;
const preloadPath = fileURLToPath(new URL('./sandbox-side/preload.cjs', import.meta.url));
const runtimeClientPath = fileURLToPath(import.meta.resolve('aws-lambda-ric'));

export class Sandbox {
  readonly pid: number;
  /** When the process was spawned; UTC epoch milliseconds with decimals. */
  readonly startedAtMs = performance.timeOrigin + performance.now();
  readonly #host: SandboxHost;
  readonly #events: SandboxEvents;
  readonly #api: RuntimeApi;
  readonly #platform: PlatformLines;
  readonly #spawnedAt = performance.now();
  readonly #cancelInitTimeout: () => void;
  #tail = createLogTail();
  #running: Running | undefined;
  #initMs: number | undefined;
  #initError: string | undefined;
  #initReported = false;
  #expired = false;
  #frozen = false;
  #killed = false;
  #ended = false;

  /** Starts the process; `onIdle` or `onExit` tells how that went. @throws Error when no process can be started. */
  static async start(host: SandboxHost, events: SandboxEvents): Promise<Sandbox> {
    return new Sandbox(host, events, await startRuntimeApi());
  }

  private constructor(host: SandboxHost, events: SandboxEvents, api: RuntimeApi) {
    const child = spawnRuntime(host, api.address);
    if (child.pid === undefined) {
      api.close();
      throw new Error(`cannot start a process for ${host.settings.name}: is the process limit reached?`);
    }
    this.pid = child.pid;
    this.#host = host;
    this.#events = events;
    this.#api = api;
    this.#platform = platformLines(host.settings.logFormat);
    api.subscribe({
      onNext: () => this.#becomeIdle(),
      onResponse: (requestId, payload) => this.#answer(requestId, { status: 'success', payload }),
      onError: (requestId, payload) => this.#answer(requestId, { status: 'error', payload }),
      onInitError: (payload) => this.#failInit(payload),
    });
    host.watchdog.add(this.pid);
    if (host.settings.inBackground) yieldToOthers(this.pid);
    const initMsMax = Math.max(initMsMin, host.settings.timeoutMs);
    this.#cancelInitTimeout = host.clock.after(initMsMax, () => this.#expire());
    for (const output of [child.stdout, child.stderr]) {
      const lines = createLineBuffer((text) => this.#log(text));
      output.setEncoding('utf8').on('data', lines.add).on('end', lines.flush);
    }
    // A process that the handler left behind would hold the output open, and Lambda ends those with the sandbox too.
    child.on('exit', () => this.#signal('SIGKILL'));
    child.on('close', (code, signal) => this.#end({ code, signal }));
  }

  /** Runs one invocation. Only for a sandbox that is idle. @throws Error when it cannot be handed over; then it is to be killed. */
  invoke(invocation: Invocation): Promise<InvocationResult> {
    const { clock, settings } = this.#host;
    this.#thaw();
    this.#tail = createLogTail();
    this.#log(this.#platform.start(invocation.requestId));
    return new Promise((resolve) => {
      const cancelTimeout = clock.after(settings.timeoutMs, () => this.#expire());
      this.#running = { invocation, startedAt: performance.now(), cancelTimeout, resolve };
      // The function compares the deadline with its own clock, which is always the machine's.
      this.#api.send(invocation, { arn: settings.arn, deadlineMs: Date.now() + settings.timeoutMs });
    });
  }

  /** Ends the process at once; `onExit` follows. */
  kill(): void {
    this.#killed = true;
    this.#signal('SIGKILL');
  }

  #becomeIdle(): void {
    // It may have asked for the next invocation just before it was killed.
    if (this.#killed) return;
    if (this.#initMs === undefined) {
      this.#initMs = performance.now() - this.#spawnedAt;
      this.#cancelInitTimeout();
    }
    this.#events.onIdle(this);
    if (this.#running === undefined && this.#host.freeze) {
      this.#frozen = true;
      this.#signal('SIGSTOP');
    }
  }

  #thaw(): void {
    if (this.#frozen) this.#signal('SIGCONT');
    this.#frozen = false;
  }

  #answer(requestId: string, outcome: Outcome): void {
    if (this.#running?.invocation.requestId === requestId) this.#finish(outcome);
  }

  #finish(outcome: Outcome): void {
    const running = this.#running;
    if (running === undefined) return;
    this.#running = undefined;
    running.cancelTimeout();
    const { requestId } = running.invocation;
    const durationMs = performance.now() - running.startedAt;
    const tail = this.#tail;
    // Output that the function wrote before it answered is in the pipe already, and is read in this turn of the event loop.
    setImmediate(() => {
      const initDurationMs = this.#initReported ? undefined : this.#initMs;
      this.#initReported = true;
      const { memoryMb } = this.#host.settings;
      const memoryUsedMb = this.#ended ? undefined : peakMemoryMb(this.pid);
      const { status } = outcome;
      this.#log(this.#platform.report({ requestId, durationMs, initDurationMs, memoryMb, memoryUsedMb, status }), tail);
      running.resolve({ outcome, logTail: tail.text() });
    });
  }

  #expire(): void {
    this.#expired = true;
    this.kill();
  }

  #failInit(payload: string): void {
    this.#initError = payload;
    this.kill();
  }

  #end(exit: ProcessExit): void {
    this.#ended = true;
    this.#cancelInitTimeout();
    this.#api.close();
    this.#host.watchdog.remove(this.pid);
    this.#events.onExit(
      this,
      this.#initMs === undefined ? (requestId) => this.#initFailure(requestId, exit) : undefined,
    );
    if (this.#running === undefined) return;
    const { requestId } = this.#running.invocation;
    const { timeoutMs } = this.#host.settings;
    const text = this.#expired ? timeoutText(timeoutMs) : `Error: ${exitText(exit)}`;
    this.#log(`${new Date().toISOString()} ${requestId} ${text}\n`);
    this.#finish(this.#expired ? timedOut(requestId, timeoutMs) : exited(requestId, exit));
  }

  #initFailure(requestId: string, exit: ProcessExit): Outcome {
    if (this.#initError !== undefined) return { status: 'error', payload: this.#initError };
    return this.#expired ? timedOut(requestId, this.#host.settings.timeoutMs) : exited(requestId, exit);
  }

  #log(text: string, tail = this.#tail): void {
    this.#host.writeLog(text);
    tail.add(text);
  }

  /** Signals the sandbox's whole process group; one that is gone is no error. */
  #signal(signal: NodeJS.Signals): void {
    if (this.#ended) return;
    try {
      process.kill(process.platform === 'win32' ? this.pid : -this.pid, signal);
    } catch (error) {
      // macOS says EPERM of a group whose processes have all ended.
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ESRCH' && code !== 'EPERM') throw error;
    }
  }
}

function spawnRuntime(host: SandboxHost, runtimeApi: string): ChildProcessByStdio<null, Readable, Readable> {
  const { settings, environment } = host;
  const day = new Date().toISOString().slice(0, 10).replaceAll('-', '/');
  const logStream = `${day}/[$LATEST]${randomUUID().replaceAll('-', '')}`;
  const flags = [
    // The shares of the function's memory that AWS's own bootstrap gives to the heap.
    `--max-old-space-size=${Math.floor(settings.memoryMb * 0.9)}`,
    `--max-semi-space-size=${Math.max(1, Math.floor(settings.memoryMb * 0.05))}`,
    '--require',
    preloadPath,
  ];
  const child = spawn(process.execPath, [...flags, runtimeClientPath, ...settings.layerDirectories], {
    cwd: settings.codeDirectory,
    env: buildEnvironment(settings, environment, { runtimeApi, logStream, runtimeClientPath }),
    stdio: ['ignore', 'pipe', 'pipe'],
    // A process group of its own: Ctrl-C does not reach it, and signals from here reach what it starts.
    detached: process.platform !== 'win32',
    windowsHide: true,
  });
  child.on('error', () => undefined); // Seen as a missing pid; later ones as an exit.
  return child;
}

/**
 * Has a process come after others where the machine is short of processors: a burst of signals is then taken and stored while it
 * comes, and executed as fast as that allows. With processors to spare it makes no difference.
 */
function yieldToOthers(pid: number): void {
  try {
    setPriority(pid, Math.max(getPriority(pid), backgroundNice));
  } catch {
    // It has ended already, which its exit tells, or the system does not let us.
  }
}

/** Peak resident memory in MB, where the system tells it. */
function peakMemoryMb(pid: number): number | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return peak === null ? undefined : Math.round(Number(peak[1]) / 1024);
  } catch {
    return undefined; // The process ended meanwhile.
  }
}
