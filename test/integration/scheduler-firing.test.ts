import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createMovableClock, type MovableClock } from '../../local/cloud/clock.ts';
import type { ResolvedResource } from '../../local/cloud/resolved-resource.ts';
import type { DeadLetter } from '../../local/cloud/scheduler/delivery.ts';
import { createScheduler, type Scheduler } from '../../local/cloud/scheduler/scheduler.ts';

const functionArn = 'arn:aws:lambda:us-east-1:000000000000:function:track-orders';
const queueArn = 'arn:aws:sqs:us-east-1:000000000000:schedule-failures';
const startMs = Date.UTC(2026, 0, 1);
const minuteMs = 60_000;

interface Call {
  readonly atMinute: number;
  readonly arn: string;
  readonly payload: string;
}

let directory: string;
let clock: MovableClock;
let calls: Call[];
let letters: DeadLetter[];
/** How many calls from now on the target refuses. */
let refusals: number;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'nightdesk-scheduler-'));
  clock = createMovableClock(startMs);
  calls = [];
  letters = [];
  refusals = 0;
});

afterEach(() => rmSync(directory, { recursive: true }));

function start(): Scheduler<string> {
  return createScheduler({
    clock,
    directory,
    log: () => {},
    async invokeTarget(arn, payload) {
      calls.push({ atMinute: (clock.nowMs() - startMs) / minuteMs, arn, payload });
      if (refusals-- > 0) throw new Error('throttled');
      return 'done';
    },
    sendDeadLetter: async (letter) => void letters.push(letter),
  });
}

function schedule(properties: Record<string, unknown> = {}, target: Record<string, unknown> = {}): ResolvedResource {
  return {
    logicalId: 'TrackOrdersSchedule',
    type: 'AWS::Scheduler::Schedule',
    physicalId: 'track-orders',
    properties: {
      ScheduleExpression: 'rate(1 minute)',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: { Arn: functionArn, RoleArn: 'arn:aws:iam::000000000000:role/scheduler', Input: '{}', ...target },
      ...properties,
    },
  };
}

const minutes = () => calls.map((call) => call.atMinute);

/** Moves time in steps small enough that answered retries get their turn in between. */
async function advance(byMs: number): Promise<void> {
  const stepMs = 1_000;
  for (let passedMs = 0; passedMs < byMs; passedMs += stepMs) {
    clock.advance(stepMs);
    for (let turn = 0; turn < 8; turn++) await Promise.resolve();
  }
}

test('a rate fires at once and then at every interval', () => {
  start().defineSchedule(schedule());
  clock.advance(3 * minuteMs);
  expect(minutes()).toEqual([0, 1, 2, 3]);
  expect(calls[0]?.arn).toBe(functionArn);
});

test('a cron schedule fires at its times', () => {
  start().defineSchedule(schedule({ ScheduleExpression: 'cron(10/20 * * * ? *)' }));
  clock.advance(60 * minuteMs);
  expect(minutes()).toEqual([10, 30, 50]);
});

test('a schedule weeks away outlasts the longest timer', () => {
  const longestTimerMs = 2 ** 31 - 1;
  const scheduler = createScheduler({
    clock: { nowMs: clock.nowMs, after: (delayMs, action) => clock.after(Math.min(delayMs, longestTimerMs), action) },
    log: () => {},
    invokeTarget: async (arn, payload) => {
      calls.push({ atMinute: (clock.nowMs() - startMs) / minuteMs, arn, payload });
    },
  });
  scheduler.defineSchedule(schedule({ ScheduleExpression: 'at(2026-03-01T00:00:00)' }));
  clock.advance(90 * 24 * 60 * minuteMs);
  expect(minutes()).toEqual([59 * 24 * 60]);
});

test('a disabled schedule fires only by tick, which gives the result of its target', async () => {
  const scheduler = start();
  scheduler.defineSchedule(schedule({ State: 'DISABLED' }));
  clock.advance(5 * minuteMs);
  expect(calls).toEqual([]);
  expect(await scheduler.tick('track-orders')).toBe('done');
  expect(minutes()).toEqual([5]);
  refusals = 1;
  await expect(scheduler.tick('track-orders')).rejects.toThrow('throttled');
});

test('a tick leaves the regular times as they are', async () => {
  const scheduler = start();
  scheduler.defineSchedule(schedule({ ScheduleExpression: 'cron(0/10 * * * ? *)', Name: 'tracker' }));
  clock.advance(5 * minuteMs);
  await scheduler.tick('tracker');
  expect(scheduler.nextFireMs('tracker')).toBe(startMs + 10 * minuteMs);
});

test('an unknown name is refused with the names there are', async () => {
  const scheduler = start();
  scheduler.defineSchedule(schedule());
  await expect(scheduler.tick('nothing')).rejects.toThrow('track-orders');
});

test('a restart neither fires twice nor makes up for what was missed', () => {
  const first = start();
  first.defineSchedule(schedule({ ScheduleExpression: 'rate(10 minutes)' }));
  clock.advance(10 * minuteMs);
  first.close();
  clock.advance(35 * minuteMs);
  expect(minutes()).toEqual([0, 10]);

  start().defineSchedule(schedule({ ScheduleExpression: 'rate(10 minutes)' }));
  clock.advance(10 * minuteMs);
  expect(minutes()).toEqual([0, 10, 50]);
});

test('a restart in the very moment of a firing does not repeat it', () => {
  for (let run = 0; run < 2; run++) {
    const scheduler = start();
    scheduler.defineSchedule(schedule());
    clock.advance(0);
    scheduler.close();
  }
  expect(minutes()).toEqual([0]);
});

test('a one-time schedule that fired stays fired, and one with a new time fires again', () => {
  start().defineSchedule(schedule({ ScheduleExpression: 'at(2026-01-01T00:01:00)' }));
  clock.advance(minuteMs);
  start().defineSchedule(schedule({ ScheduleExpression: 'at(2026-01-01T00:01:00)' }));
  clock.advance(minuteMs);
  expect(minutes()).toEqual([1]);
  start().defineSchedule(schedule({ ScheduleExpression: 'at(2026-01-01T00:03:00)' }));
  clock.advance(minuteMs);
  expect(minutes()).toEqual([1, 3]);
});

test('unreadable state stops the start instead of being forgotten', () => {
  writeFileSync(join(directory, 'schedules.json'), '{"track-orders":');
  expect(start).toThrow('schedules.json');
});

test('context attributes in the input are filled in', () => {
  const input =
    '{"time":"<aws.scheduler.scheduled-time>","by":"<aws.scheduler.schedule-arn>","try":"<aws.scheduler.attempt-number>"}';
  start().defineSchedule(schedule({}, { Input: input }));
  clock.advance(0);
  expect(JSON.parse(calls[0]?.payload ?? '')).toEqual({
    time: '2026-01-01T00:00:00Z',
    by: 'arn:aws:scheduler:us-east-1:000000000000:schedule/default/track-orders',
    try: '1',
  });
});

test("without input a function gets Scheduler's own event", () => {
  start().defineSchedule(schedule({}, { Input: undefined }));
  clock.advance(0);
  expect(JSON.parse(calls[0]?.payload ?? '')).toMatchObject({
    source: 'aws.scheduler',
    'detail-type': 'Scheduled Event',
    time: '2026-01-01T00:00:00Z',
    detail: '{}',
  });
});

test('a failed delivery is tried again after growing waits', async () => {
  refusals = 3;
  start().defineSchedule(schedule({ ScheduleExpression: 'at(2026-01-01T00:01:00)' }));
  await advance(5 * minuteMs);
  expect(calls.map((call) => (call.atMinute - 1) * 60)).toEqual(
    [0, 1, 3, 7].map((second) => expect.closeTo(second, 5)),
  );
  expect(letters).toEqual([]);
});

test.each([
  [{ MaximumRetryAttempts: 2 }, 3],
  [{ MaximumRetryAttempts: '0' }, 1],
  [{ MaximumEventAgeInSeconds: 60 }, 6],
])('with %o the dead-letter queue gets the payload after %i attempts', async (RetryPolicy, attempts) => {
  refusals = 1_000;
  const target = { Input: '{"a":1}', RetryPolicy, DeadLetterConfig: { Arn: queueArn } };
  start().defineSchedule(schedule({ ScheduleExpression: 'at(2026-01-01T00:01:00)' }, target));
  await advance(10 * minuteMs);
  expect(calls).toHaveLength(attempts);
  expect(letters).toEqual([
    {
      deadLetterArn: queueArn,
      scheduleArn: 'arn:aws:scheduler:us-east-1:000000000000:schedule/default/track-orders',
      targetArn: functionArn,
      payload: '{"a":1}',
      reason: 'throttled',
    },
  ]);
});

test('closing stops schedules and waiting retries', async () => {
  refusals = 1_000;
  const scheduler = start();
  scheduler.defineSchedule(schedule());
  await advance(1_000);
  const before = calls.length;
  scheduler.close();
  await advance(5 * minuteMs);
  expect(calls).toHaveLength(before);
});

test.each([
  [{ ScheduleExpression: 'cron(0 0 * * *)' }, {}, 'six fields'],
  [{ ScheduleExpression: undefined }, {}, 'ScheduleExpression'],
  [{ ScheduleExpressionTimezone: 'Mars/Olympus' }, {}, 'Mars/Olympus'],
  [{ StartDate: 'soon' }, {}, 'StartDate'],
  [{}, { Arn: queueArn }, 'Target.Arn'],
])('a schedule with %o and target %o is refused, naming the fault and the schedule', (properties, target, named) => {
  const define = () => start().defineSchedule(schedule(properties, target));
  expect(define).toThrow(named);
  expect(define).toThrow('TrackOrdersSchedule');
});
