/** Receives that wait: served in the order they came, woken by arrivals and by messages that become visible. */
import type { CloudClock } from '../clock.ts';

interface Waiter {
  /** Tries once more. @returns true when the wait is over */
  attempt(): boolean;
  /** Ends the wait with nothing. */
  giveUp(): void;
}

export interface Wait<Result> {
  queueId: number;
  waitMs: number;
  signal: AbortSignal | undefined;
  /** @returns undefined while there is nothing; throwing ends the wait */
  attempt: () => Result | undefined;
}

/** Who waits, for which queue. */
export class LongPoll {
  readonly #clock: CloudClock;
  readonly #nextDueMs: (queueId: number, sinceMs: number) => number | undefined;
  readonly #waiters = new Map<number, Set<Waiter>>();
  readonly #alarms = new Map<number, () => void>();
  readonly #woken = new Set<number>();
  #waking = false;

  /** @param nextDueMs when the first message of a queue that was hidden at `sinceMs` becomes visible by itself */
  constructor(clock: CloudClock, nextDueMs: (queueId: number, sinceMs: number) => number | undefined) {
    this.#clock = clock;
    this.#nextDueMs = nextDueMs;
  }

  /** @returns the first result of `attempt`, or undefined when the time is up or the signal aborted */
  async wait<Result>(wait: Wait<Result>): Promise<Result | undefined> {
    if (wait.signal?.aborted) return undefined;
    const sinceMs = this.#clock.nowMs();
    const result = wait.attempt();
    return result !== undefined || wait.waitMs <= 0 ? result : this.#register(wait, sinceMs);
  }

  /** Something may have become available in these queues. */
  wake(queueIds: Iterable<number>): void {
    for (const queueId of queueIds) this.#woken.add(queueId);
    // A receive may move messages to a dead-letter queue and so wake another: served by the loop already running.
    if (this.#waking) return;
    this.#waking = true;
    try {
      for (const queueId of this.#woken) {
        this.#woken.delete(queueId);
        this.#serve(queueId);
      }
    } finally {
      this.#waking = false;
    }
  }

  /** Ends every wait with nothing. */
  close(): void {
    for (const cancel of this.#alarms.values()) cancel();
    for (const queue of this.#waiters.values()) for (const waiter of [...queue]) waiter.giveUp();
  }

  #serve(queueId: number): void {
    const sinceMs = this.#clock.nowMs();
    // Every waiter of a queue asks for the same thing, so the first that gets nothing speaks for those behind it.
    for (const waiter of [...(this.#waiters.get(queueId) ?? [])]) if (!waiter.attempt()) break;
    this.#setAlarm(queueId, sinceMs);
  }

  /** @param sinceMs from before the last attempt: what became visible since then, it may not have seen */
  #setAlarm(queueId: number, sinceMs: number): void {
    this.#alarms.get(queueId)?.();
    this.#alarms.delete(queueId);
    if (!this.#waiters.get(queueId)?.size) return;
    const dueMs = this.#nextDueMs(queueId, sinceMs);
    if (dueMs === undefined) return;
    const cancel = this.#clock.after(dueMs - this.#clock.nowMs(), () => this.wake([queueId]));
    this.#alarms.set(queueId, cancel);
  }

  #register<Result>(wait: Wait<Result>, sinceMs: number): Promise<Result | undefined> {
    const { promise, resolve, reject } = Promise.withResolvers<Result | undefined>();
    const queue = this.#waiters.get(wait.queueId) ?? new Set<Waiter>();
    this.#waiters.set(wait.queueId, queue);
    const end = (): void => {
      queue.delete(waiter);
      cancelDeadline();
      wait.signal?.removeEventListener('abort', waiter.giveUp);
    };
    const waiter: Waiter = {
      attempt() {
        try {
          const result = wait.attempt();
          if (result === undefined) return false;
          resolve(result);
        } catch (error) {
          reject(error);
        }
        end();
        return true;
      },
      giveUp() {
        resolve(undefined);
        end();
      },
    };
    const cancelDeadline = this.#clock.after(wait.waitMs, waiter.giveUp);
    wait.signal?.addEventListener('abort', waiter.giveUp);
    queue.add(waiter);
    this.#setAlarm(wait.queueId, sinceMs);
    return promise;
  }
}
