/** What a schedule sends to its target. Pure. */
import type { Schedule } from './schedule.ts';

/** One firing of a schedule; it stays the same over retries but for the attempt. */
export interface Firing {
  readonly executionId: string;
  /** Epoch milliseconds at which the schedule was due. */
  readonly scheduledMs: number;
  /** 1 for the first attempt. */
  readonly attempt: number;
}

/**
 * The payload for the target: the schedule's `Input` with AWS's context attributes filled in, or the event that
 * Scheduler sends a function when there is no `Input`.
 * Source: "Adding context attributes" in the EventBridge Scheduler user guide.
 */
export function buildPayload(schedule: Schedule, firing: Firing): string {
  const scheduledTime = new Date(firing.scheduledMs).toISOString().replace(/\.\d+Z$/, 'Z');
  const { input } = schedule.target;
  if (input === undefined) return JSON.stringify(defaultEvent(schedule, firing.executionId, scheduledTime));

  return input
    .replaceAll('<aws.scheduler.schedule-arn>', schedule.arn)
    .replaceAll('<aws.scheduler.scheduled-time>', scheduledTime)
    .replaceAll('<aws.scheduler.execution-id>', firing.executionId)
    .replaceAll('<aws.scheduler.attempt-number>', String(firing.attempt));
}

function defaultEvent({ arn }: Schedule, id: string, time: string): object {
  const [region, account] = arn.split(':').slice(3, 5);
  return {
    version: '0',
    id,
    'detail-type': 'Scheduled Event',
    source: 'aws.scheduler',
    account,
    time,
    region,
    resources: [arn],
    detail: '{}',
  };
}
