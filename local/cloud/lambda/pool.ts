/** The sandboxes of one function: which invocation runs where, how many there are, and when they go. */
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { serviceClosing, serviceFailed, tooManyRequests } from './errors.ts';
import { processors } from './processors.ts';
import type { Invocation } from './runtime-api.ts';
import { type InitFailure, type InvocationResult, Sandbox, type SandboxHost } from './sandbox.ts';

export interface PoolLimits {
  /** Sandboxes that this machine can bear; invocations beyond that wait, where Lambda would start more. */
  sandboxesMax: number;
  /** A sandbox that was not used for so long is ended. */
  idleMs: number;
}

/** A sandbox as its operating system sees it. */
export interface SandboxProcess {
  pid: number;
  /** When it was spawned; UTC epoch milliseconds with decimals. */
  startedAtMs: number;
}

interface Job {
  invocation: Invocation;
  /** Since when it waits; milliseconds of the machine, because it is real processes that are waited for. */
  since: number;
  resolve(result: InvocationResult | Promise<InvocationResult>): void;
  reject(error: unknown): void;
}

interface Member {
  /** `ending` was killed, and its process is about to be gone. */
  state: 'starting' | 'busy' | 'idle' | 'ending';
  cancelReap: () => void;
}

/** A sandbox that ended before it was ready. */
class StartError extends Error {
  override readonly name = 'StartError';
  readonly failure: InitFailure;

  constructor(functionName: string, failure: InitFailure) {
    super(`a sandbox of ${functionName} could not start: ${failure('warm').payload}`);
    this.failure = failure;
  }
}

/** What an AWS account may run at once unless it asked for more; a function without reserved concurrency has it to itself. */
const accountConcurrencyMax = 1000;

/**
 * How long an invocation waits for the sandboxes at work, of which there is one for each processor, before it gets another or one more
 * is started. Lambda gives it one at once, on processors of its own. Here it would take the processors from those at work, make
 * more invocations wait, and mostly be done later than they are.
 */
const patienceMs = 50;
const atWorkMax = availableParallelism();

/**
 * It gets one only while so much of a processor has nothing to do: those at work are then waiting for something, as for a venue. Where
 * all processors are busy, one whose code is cold makes everything later than it would have been.
 */
const idleProcessorsMin = 0.5;

/** What keeps an invocation waiting for so long may be waiting for that very invocation. */
const patienceMsMax = 2_000;

export class Pool {
  readonly #host: SandboxHost;
  readonly #limits: PoolLimits;
  readonly #concurrencyMax: number;
  readonly #members = new Map<Sandbox, Member>();
  /** Last used last: it is taken first, so that what a burst started can be reaped. */
  readonly #idle: Sandbox[] = [];
  readonly #jobs: Job[] = [];
  readonly #inFlight = new Set<Promise<InvocationResult>>();
  /** Starts that have not come to a sandbox that is ready, or to nothing. */
  readonly #starts = new Set<Promise<void>>();
  /** When the last of them did. */
  #readyAt = Number.NEGATIVE_INFINITY;
  #growing: NodeJS.Timeout | undefined;
  #closed = false;
  #whenEmpty: () => void = () => undefined;

  constructor(host: SandboxHost, limits: PoolLimits) {
    this.#host = host;
    this.#limits = limits;
    this.#concurrencyMax = host.settings.reservedConcurrency ?? accountConcurrencyMax;
  }

  /**
   * Runs an invocation in an idle sandbox, or in whichever is ready first: a new one or one that has finished.
   * @throws LambdaError `TooManyRequestsException` when the function's concurrency is used up.
   */
  invoke(invocation: Invocation): Promise<InvocationResult> {
    if (this.#closed) throw serviceClosing();
    if (this.#inFlight.size >= this.#concurrencyMax) throw tooManyRequests();
    const { promise, resolve, reject } = Promise.withResolvers<InvocationResult>();
    this.#inFlight.add(promise);
    const forget = () => void this.#inFlight.delete(promise);
    promise.then(forget, forget);
    const job = { invocation, since: performance.now(), resolve, reject };
    this.#jobs.push(job);
    this.#assign();
    return promise;
  }

  /** Starts sandboxes until there are `count`, and waits until they are ready. @throws Error when one cannot start. */
  async warm(count: number): Promise<void> {
    const usable = this.#size - this.#count('ending');
    const missing = Math.min(count - usable, this.#sandboxesMax - this.#size);
    for (let started = 0; started < missing; started += 1) this.#start();
    await Promise.all(this.#starts);
  }

  processes(): SandboxProcess[] {
    return [...this.#members.keys()].map(({ pid, startedAtMs }) => ({ pid, startedAtMs }));
  }

  /** Lets what was begun end for at most `graceMs` of real time, then ends every sandbox. */
  async close(graceMs: number): Promise<void> {
    this.#closed = true;
    if (this.#inFlight.size > 0) {
      const bound = new AbortController();
      const grace = sleep(graceMs, undefined, { signal: bound.signal }).catch(() => undefined);
      await Promise.race([Promise.allSettled(this.#inFlight), grace]);
      bound.abort();
    }
    for (const job of this.#jobs.splice(0)) job.reject(serviceClosing());
    for (const sandbox of this.#members.keys()) sandbox.kill();
    await Promise.allSettled(this.#starts);
    if (this.#members.size === 0) return;
    await new Promise<void>((resolve) => {
      this.#whenEmpty = resolve;
    });
  }

  /** Sandboxes there are or will be. */
  get #size(): number {
    return this.#members.size - this.#count('starting') + this.#starts.size;
  }

  get #sandboxesMax(): number {
    return Math.min(this.#concurrencyMax, this.#limits.sandboxesMax);
  }

  /** Gives waiting jobs to idle sandboxes. Where there is none, or none that is to stay, none is worth waiting for. */
  #assign(): void {
    while (this.#jobs.length > 0 && this.#idle.length > 0 && this.#count('busy') < atWorkMax) this.#runNext();
    if (this.#jobs.length > 0 && this.#size === this.#count('ending')) this.#startOneMore();
    this.#growLater();
  }

  /** Looks again and again whether one more sandbox is worth its processor, for as long as something waits. */
  #growLater(): void {
    if (this.#jobs.length === 0 || this.#growing !== undefined) return;
    processors.look();
    this.#growing = setTimeout(() => {
      this.#growing = undefined;
      if (this.#isWorthOneMore()) {
        if (this.#idle.length > 0) this.#runNext();
        else this.#startOneMore();
      }
      this.#growLater();
    }, patienceMs);
    this.#growing.unref();
  }

  #isWorthOneMore(): boolean {
    const [oldest] = this.#jobs;
    // One at a time: what is about to be ready may be all that was missing.
    if (oldest === undefined || this.#starts.size > 0) return false;
    const nowMs = performance.now();
    if (nowMs - Math.max(oldest.since, this.#readyAt) < patienceMs) return false;
    return processors.idle() >= idleProcessorsMin || nowMs - oldest.since >= patienceMsMax;
  }

  #startOneMore(): void {
    if (this.#size < this.#sandboxesMax) this.#start().catch((error) => this.#failJob(error));
  }

  #runNext(): void {
    this.#run(this.#idle.pop(), this.#jobs.shift());
  }

  #run(sandbox: Sandbox | undefined, job: Job | undefined): void {
    const member = sandbox && this.#members.get(sandbox);
    if (sandbox === undefined || member === undefined || job === undefined) return;
    member.cancelReap();
    member.state = 'busy';
    const result = sandbox.invoke(job.invocation);
    result.then(job.resolve, (error: unknown) => {
      this.#end(sandbox, member);
      job.reject(serviceFailed(error));
    });
  }

  /** Resolves when the new sandbox is ready. @throws StartError, Error */
  #start(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#starts.add(promise);
    const settle = (action: () => void) => {
      this.#starts.delete(promise);
      action();
    };
    Sandbox.start(this.#host, {
      onIdle: (sandbox) => {
        if (this.#starts.has(promise)) this.#readyAt = performance.now();
        settle(resolve);
        this.#becomeIdle(sandbox);
      },
      onExit: (sandbox, failure) => {
        this.#remove(sandbox);
        if (failure !== undefined) settle(() => reject(new StartError(this.#host.settings.name, failure)));
        this.#assign();
      },
    }).then(
      (sandbox) => {
        this.#members.set(sandbox, { state: 'starting', cancelReap: () => undefined });
        if (this.#closed) sandbox.kill();
      },
      (error) => settle(() => reject(error)),
    );
    return promise;
  }

  #becomeIdle(sandbox: Sandbox): void {
    const member = this.#members.get(sandbox);
    if (member === undefined) return;
    member.state = 'idle';
    member.cancelReap = this.#host.clock.after(this.#limits.idleMs, () => this.#end(sandbox, member));
    this.#idle.push(sandbox);
    this.#assign();
  }

  /** From now on it is given to nobody. It counts until its process is gone, since it has its memory until then. */
  #end(sandbox: Sandbox, member: Member): void {
    member.state = 'ending';
    this.#takeFromIdle(sandbox);
    sandbox.kill();
  }

  #takeFromIdle(sandbox: Sandbox): void {
    const index = this.#idle.indexOf(sandbox);
    if (index >= 0) this.#idle.splice(index, 1);
  }

  #remove(sandbox: Sandbox): void {
    this.#members.get(sandbox)?.cancelReap();
    this.#members.delete(sandbox);
    this.#takeFromIdle(sandbox);
    if (this.#members.size === 0) this.#whenEmpty();
  }

  /** The invocation that has waited longest learns why no sandbox came for it. */
  #failJob(error: unknown): void {
    const job = this.#jobs.shift();
    if (!(error instanceof StartError)) job?.reject(error);
    else job?.resolve({ outcome: error.failure(job.invocation.requestId), logTail: '' });
    this.#assign();
  }

  #count(state: Member['state']): number {
    let count = 0;
    for (const member of this.#members.values()) if (member.state === state) count += 1;
    return count;
  }
}
