/** Calls the target of a schedule, and calls again by the schedule's retry policy. */
import { randomUUID } from 'node:crypto';
import type { CloudClock } from '../clock.ts';
import { buildPayload, type Firing } from './payload.ts';
import type { Schedule } from './schedule.ts';

/** A payload that could not be delivered within its schedule's retry policy. */
export interface DeadLetter {
  readonly deadLetterArn: string;
  readonly scheduleArn: string;
  readonly targetArn: string;
  readonly payload: string;
  readonly reason: string;
}

export interface DeliveryOptions<Result> {
  readonly clock: CloudClock;
  readonly log: (message: string) => void;
  /**
   * Hands a payload to a function. A rejection is a failed delivery and retried; what the function itself makes of it
   * belongs into the result, since Scheduler calls Lambda asynchronously and never learns of it.
   */
  readonly invokeTarget: (functionArn: string, payload: string) => Promise<Result>;
  /** Takes what the retry policy gave up on, when the schedule names a dead-letter queue. */
  readonly sendDeadLetter?: (letter: DeadLetter) => Promise<void>;
}

export interface Delivery<Result> {
  /** Calls the target once and gives its result. */
  once(schedule: Schedule, scheduledMs: number): Promise<Result>;
  /** Calls the target until it takes the payload or the retry policy gives up, in the background. */
  start(schedule: Schedule, scheduledMs: number): void;
  /** Cancels every retry that is waiting. */
  close(): void;
}

/** The wait before a retry doubles from the first to the last of these. */
const retryDelayMsMin = 1_000;
const retryDelayMsMax = 300_000;

export function createDelivery<Result>(options: DeliveryOptions<Result>): Delivery<Result> {
  const { clock, log, invokeTarget, sendDeadLetter } = options;
  const waiting = new Set<() => void>();

  /** Why the payload was not delivered, or `undefined` when it was. */
  async function attempt(schedule: Schedule, firing: Firing): Promise<string | undefined> {
    try {
      await invokeTarget(schedule.target.arn, buildPayload(schedule, firing));
      return undefined;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      log(`scheduler: attempt ${firing.attempt} of ${schedule.name} failed: ${reason}`);
      return reason;
    }
  }

  async function deliver(schedule: Schedule, scheduledMs: number): Promise<void> {
    const { retriesMax, eventAgeMsMax } = schedule.target;
    let firing: Firing = { executionId: randomUUID(), scheduledMs, attempt: 1 };
    let reason = await attempt(schedule, firing);
    while (reason !== undefined && firing.attempt <= retriesMax) {
      const delayMs = Math.min(retryDelayMsMin * 2 ** (firing.attempt - 1), retryDelayMsMax);
      if (clock.nowMs() + delayMs - scheduledMs > eventAgeMsMax) break;
      await wait(delayMs);
      firing = { ...firing, attempt: firing.attempt + 1 };
      reason = await attempt(schedule, firing);
    }
    if (reason !== undefined) await giveUp(schedule, firing, reason);
  }

  async function giveUp(schedule: Schedule, firing: Firing, reason: string): Promise<void> {
    const { arn: targetArn, deadLetterArn } = schedule.target;
    log(`scheduler: gave up on ${schedule.name} after attempt ${firing.attempt}`);
    if (deadLetterArn === undefined) return;
    const payload = buildPayload(schedule, firing);
    await sendDeadLetter?.({ deadLetterArn, scheduleArn: schedule.arn, targetArn, payload, reason });
  }

  function wait(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = clock.after(delayMs, () => {
        waiting.delete(cancel);
        resolve();
      });
      waiting.add(cancel);
    });
  }

  return {
    once: async (schedule, scheduledMs) =>
      invokeTarget(schedule.target.arn, buildPayload(schedule, { executionId: randomUUID(), scheduledMs, attempt: 1 })),
    start(schedule, scheduledMs) {
      deliver(schedule, scheduledMs).catch((error: unknown) => {
        log(`scheduler: the dead letter of ${schedule.name} could not be sent: ${String(error)}`);
      });
    },
    close() {
      for (const cancel of waiting) cancel();
      waiting.clear();
    },
  };
}
