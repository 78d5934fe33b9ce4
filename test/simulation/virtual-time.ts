/** Time that passes only when nothing is left to do at the present moment. */
import { setImmediate as microtasksDone } from 'node:timers/promises';

interface Appointment {
  dueMs: number;
  action: () => void;
}

export class VirtualTime {
  #nowMs: number;
  /** By due time, then in the order they were made: what makes a run repeatable. */
  readonly #appointments: Appointment[] = [];

  constructor(startMs: number) {
    this.#nowMs = startMs;
  }

  /** UTC epoch milliseconds. */
  nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, action: () => void): void {
    const dueMs = this.#nowMs + Math.max(delayMs, 0);
    let place = this.#appointments.length;
    while (place > 0 && (this.#appointments[place - 1]?.dueMs ?? 0) > dueMs) place -= 1;
    this.#appointments.splice(place, 0, { dueMs, action });
  }

  sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => this.after(delayMs, resolve));
  }

  /** Lets time pass until `untilMs`, or until `stop` says so, which is asked after every appointment. */
  async runUntil(untilMs: number, stop: () => boolean): Promise<void> {
    for (;;) {
      // All work here is promises, so once the microtasks have run, everybody waits for time.
      await microtasksDone();
      const next = this.#appointments[0];
      if (stop()) return;
      if (next === undefined || next.dueMs > untilMs) break;
      this.#appointments.shift();
      this.#nowMs = next.dueMs;
      next.action();
    }
    this.#nowMs = untilMs;
  }
}
