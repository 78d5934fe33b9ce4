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

export interface LongPoll {
  /** @returns the first result of `attempt`, or undefined when the time is up or the signal aborted */
  wait<Result>(wait: Wait<Result>): Promise<Result | undefined>;
  /** Something may have become available in these queues. */
  wake(queueIds: Iterable<number>): void;
  /** Ends every wait with nothing. */
  close(): void;
}

/** @param nextDueMs when the next hidden message of a queue becomes visible by itself */
export function createLongPoll(clock: CloudClock, nextDueMs: (queueId: number) => number | undefined): LongPoll {
  const waiters = new Map<number, Set<Waiter>>();
  const alarms = new Map<number, () => void>();
  const woken = new Set<number>();
  let waking = false;

  function setAlarm(queueId: number): void {
    alarms.get(queueId)?.();
    alarms.delete(queueId);
    if (!waiters.get(queueId)?.size) return;
    const dueMs = nextDueMs(queueId);
    if (dueMs === undefined) return;
    alarms.set(
      queueId,
      clock.after(dueMs - clock.nowMs(), () => wake([queueId])),
    );
  }

  function serve(queueId: number): void {
    // Every waiter of a queue asks for the same thing, so the first that gets nothing speaks for those behind it.
    for (const waiter of [...(waiters.get(queueId) ?? [])]) if (!waiter.attempt()) break;
    setAlarm(queueId);
  }

  function wake(queueIds: Iterable<number>): void {
    for (const queueId of queueIds) woken.add(queueId);
    // A receive may move messages to a dead-letter queue and so wake another: served by the loop already running.
    if (waking) return;
    waking = true;
    try {
      for (const queueId of woken) {
        woken.delete(queueId);
        serve(queueId);
      }
    } finally {
      waking = false;
    }
  }

  function register<Result>(wait: Wait<Result>): Promise<Result | undefined> {
    const { promise, resolve, reject } = Promise.withResolvers<Result | undefined>();
    const queue = waiters.get(wait.queueId) ?? new Set<Waiter>();
    waiters.set(wait.queueId, queue);
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
    const cancelDeadline = clock.after(wait.waitMs, waiter.giveUp);
    wait.signal?.addEventListener('abort', waiter.giveUp);
    queue.add(waiter);
    setAlarm(wait.queueId);
    return promise;
  }

  return {
    async wait(wait) {
      if (wait.signal?.aborted) return undefined;
      const result = wait.attempt();
      if (result !== undefined || wait.waitMs <= 0) return result;
      return register(wait);
    },
    wake,
    close() {
      for (const cancel of alarms.values()) cancel();
      for (const queue of waiters.values()) for (const waiter of [...queue]) waiter.giveUp();
    },
  };
}
