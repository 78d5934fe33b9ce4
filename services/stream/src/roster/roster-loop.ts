/** This task's part in the roster: it tells others that it is there, and learns what it is to have going. */
import {
  beatEveryMs,
  type Clock,
  type CoordinationStore,
  coordinationKeys,
  leaveRoster,
  type RosterMemory,
  type RosterResult,
  rosterKeptMs,
  type StreamUnit,
  type TakeTurn,
} from '@nightdesk/core';
import { type Pulse, startPulse } from '../pulse.ts';

export interface RosterLoopOptions {
  /** Tells this task apart from all others, those before it included. */
  task: string;
  store: CoordinationStore;
  takeTurn: TakeTurn;
  clock: Clock;
  /** A clock that never goes back; milliseconds. */
  monotonicMs(): number;
  /** What there is to do; nothing while it is not known yet, and then this task does not show itself to others. */
  units(): readonly StreamUnit[] | undefined;
  /** Units of those that others may leave to this task. */
  running(): ReadonlySet<string>;
  /** Told after each beat what this task is to have going, and what of it nobody else has. Where the roster did not answer, that is what it was before. */
  keep(mine: readonly string[], owned: readonly string[]): void;
  onFailure(error: unknown): void;
}

export class RosterLoop {
  readonly #options: RosterLoopOptions;
  #pulse: Pulse | undefined;
  #memory: RosterMemory = new Map();
  #last: RosterResult | undefined;
  #isDraining = false;
  #triedAtMs: number | undefined;
  #beatenAtMs: number | undefined;

  constructor(options: RosterLoopOptions) {
    this.#options = options;
  }

  start(): void {
    const { clock, onFailure } = this.#options;
    this.#pulse = startPulse({ everyMs: beatEveryMs, clock, turn: () => this.#beat(), onFailure });
  }

  /** From now on others take this task's units over, one by one. */
  drain(): void {
    this.#isDraining = true;
    this.#pulse?.hurry();
  }

  get isDraining(): boolean {
    return this.#isDraining;
  }

  /** What came of the last beat that the roster answered. */
  get last(): RosterResult | undefined {
    return this.#last;
  }

  /** When a beat was tried last, and when the roster answered one; by the clock that never goes back. */
  get triedAtMs(): number | undefined {
    return this.#triedAtMs;
  }

  get beatenAtMs(): number | undefined {
    return this.#beatenAtMs;
  }

  /** Has the next beat come at once, such as when there is something else to do. */
  hurry(): void {
    this.#pulse?.hurry();
  }

  /** Ends the loop and takes this task out of the roster, where that answers. Units are left as they are. */
  async leave(): Promise<void> {
    const { store, task, clock, onFailure } = this.#options;
    await this.#pulse?.end();
    const expiresAtMs = clock.nowMs() + rosterKeptMs;
    await store
      .change(coordinationKeys.streamRoster(), (row) => ({ ...leaveRoster(row, task), expiresAtMs }))
      .catch(onFailure);
  }

  async #beat(): Promise<void> {
    const { store, task, takeTurn, clock, monotonicMs, keep } = this.#options;
    const nowMs = monotonicMs();
    this.#triedAtMs = nowMs;
    const units = this.#options.units();
    if (units === undefined) return;
    const [running, memory, isDraining] = [this.#options.running(), this.#memory, this.#isDraining];
    const turn = { task, isDraining, units, running, memory, nowMs };
    try {
      const expiresAtMs = clock.nowMs() + rosterKeptMs;
      this.#last = await store.change(coordinationKeys.streamRoster(), (row) => ({
        ...takeTurn(row, turn),
        expiresAtMs,
      }));
      this.#memory = this.#last.memory;
      this.#beatenAtMs = monotonicMs();
    } finally {
      // Double work is harmless, and none is not: without the roster, everybody goes on with what they have.
      keep(this.#last?.mine ?? [], this.#last?.owned ?? []);
    }
  }
}
