/**
 * One invocation of a function. It can crash at any of its calls, before or after the call took effect; then it never
 * continues, and nothing it still waits for ever comes back to it. Its clock is a little wrong and jumps.
 */
import { type Clock, OrderContradictionError, RequestError, VenueError, VersionConflictError } from '@nightdesk/core';
import { NotYetError } from '@nightdesk/functions/shared/lane-batch.ts';
import type { Run } from './run-state.ts';

/** How far a sandbox's clock may be from true time, either way. */
export const clockErrorMsMax = 250;
/** How an answer comes late, and how late at most: within what the clients wait for it, repetitions included. */
const lateness = {
  venue: { fault: 'late_venue', delayMsMax: [5_000] },
  service: { fault: 'late_service', delayMsMax: [2_000, 12_000] },
} as const;
type Lateness = (typeof lateness)[keyof typeof lateness];
const hopMs = { min: 1, max: 25 } as const;

/** How an invocation ended. */
export type Ending<Result> =
  | { kind: 'finished'; result: Result }
  | { kind: 'failed'; error: unknown }
  | { kind: 'crashed'; reason: string };

/** A store, the queue or another service did not do what it was asked, or does not say whether it did. */
export class ServiceFault extends Error {
  override readonly name = 'ServiceFault';
}

export class Sandbox {
  readonly name: string;
  readonly clock: Clock;
  readonly #run: Run;
  #clockErrorMs: number;
  #isDead = false;
  #die: (reason: string) => void = () => {};

  constructor(run: Run, name: string) {
    this.#run = run;
    this.name = name;
    this.#clockErrorMs = run.dice.between(-clockErrorMsMax, clockErrorMsMax);
    this.clock = {
      nowMs: () => run.time.nowMs() + this.#clockErrorMs,
      sleep: (delayMs) => this.#pause(delayMs),
    };
  }

  /** Runs the invocation to its end, which at the latest is after `timeoutMs`. */
  async invoke<Result>(timeoutMs: number, work: () => Promise<Result>): Promise<Ending<Result>> {
    const crashed = new Promise<Ending<Result>>((resolve) => {
      this.#die = (reason) => resolve({ kind: 'crashed', reason });
    });
    this.#run.time.after(timeoutMs, () => this.crash('its time is up'));
    const worked = work().then(
      (result): Ending<Result> => ({ kind: 'finished', result }),
      (error: unknown): Ending<Result> => ({ kind: 'failed', error }),
    );
    const ending = await Promise.race([worked, crashed]);
    // What it left running stands still, as it does in a sandbox that is frozen after its answer.
    this.#isDead = true;
    return ending;
  }

  crash(reason: string): void {
    if (this.#isDead) return;
    this.#isDead = true;
    this.#run.trace.add(this.name, `CRASHES: ${reason}`);
    this.#die(reason);
  }

  /** A call of a service that may fail, and may fail after it took effect. */
  async call<Result>(hop: string, effect: () => Promise<Result>): Promise<Result> {
    const fault = this.#run.faults.draw('fail_before', 'fail_after');
    return this.#hop(hop, lateness.service, async () => {
      if (fault === 'fail_before') throw new ServiceFault(`${hop}: throttled`);
      const result = await effect();
      if (fault === 'fail_after') throw new ServiceFault(`${hop}: done, but the answer was lost`);
      return result;
    });
  }

  /** A call of a venue, whose failures are part of its result. */
  callVenue<Result>(hop: string, effect: () => Promise<Result>): Promise<Result> {
    return this.#hop(hop, lateness.venue, effect);
  }

  async #hop<Result>(hop: string, late: Lateness, effect: () => Promise<Result>): Promise<Result> {
    const { faults, trace, dice } = this.#run;
    if (faults.strikes('clock_jump')) this.#clockErrorMs = dice.between(-clockErrorMsMax, clockErrorMsMax);
    const fault = faults.draw('crash_before', 'crash_after', late.fault);
    await this.#pause(dice.between(hopMs.min, hopMs.max));
    if (fault === 'crash_before') await this.#crashFor(`before ${hop}`);
    try {
      const result = await effect();
      trace.add(this.name, `${hop} → ${describe(result)}`);
      return result;
    } catch (error) {
      trace.add(this.name, `${hop} ✗ ${error instanceof Error ? error.message : String(error)}`);
      if (!isExpected(error)) this.#run.violate(`${hop} failed as it never may: ${String(error)}`);
      throw error;
    } finally {
      this.#run.check();
      if (fault === 'crash_after') await this.#crashFor(`after ${hop}`);
      if (fault === late.fault) await this.#pause(dice.between(0, dice.pick<number>(late.delayMsMax)));
    }
  }

  async #crashFor(reason: string): Promise<never> {
    this.crash(reason);
    return standstill();
  }

  async #pause(delayMs: number): Promise<void> {
    if (!this.#isDead) await this.#run.time.sleep(delayMs);
    if (this.#isDead) await standstill();
  }
}

const standstill = (): Promise<never> => new Promise(() => {});

/** Errors that handlers are made for. Any other, a contradiction first of all, is a defect. */
export function isExpected(error: unknown): boolean {
  if (error instanceof OrderContradictionError) return false;
  const expected = [ServiceFault, VersionConflictError, VenueError, RequestError, NotYetError];
  return expected.some((kind) => error instanceof kind);
}

function describe(result: unknown): string {
  if (result === undefined) return 'done';
  if (typeof result !== 'object' || result === null) return String(result);
  if (Array.isArray(result)) return `${result.length} rows`;
  const { kind, order, state, orderId, version, denial, status } = result as Record<string, unknown>;
  if (order !== undefined) return `${String(kind)} ${describe(order)}`;
  if (denial !== undefined) return `denied: ${(denial as { code: string }).code}`;
  const words = [orderId, kind ?? state ?? status, version !== undefined ? `v${String(version)}` : undefined];
  return words.filter((word) => word !== undefined).join(' ') || 'answered';
}
