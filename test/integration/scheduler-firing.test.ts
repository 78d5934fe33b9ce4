import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
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
/** By how much the machine's clock has been moved. */
let skewMs: number;
let log: string[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'nightdesk-scheduler-'));
  clock = createMovableClock(startMs);
  calls = [];
  letters = [];
  refusals = 0;
  skewMs = 0;
  log = [];
});

afterEach(() => rmSync(directory, { recursive: true }));

function start(): Scheduler<string> {
  return createScheduler({
    clock: { nowMs: () => clock.nowMs() + skewMs, after: clock.after },
    directory,
    log: (message) => void log.push(message),
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

describe('a rate of an hour or more', () => {
  const daily = schedule({ ScheduleExpression: 'rate(1 day)' });
  const hour = 60;

  test('fires once at the start when its time passed while the machine was off', () => {
    const first = start();
    first.defineSchedule(daily);
    clock.advance(8 * hour * minuteMs);
    first.close();
    clock.advance(46 * hour * minuteMs);
    start().defineSchedule(daily);
    clock.advance(8 * hour * minuteMs);
    expect(minutes()).toEqual([0, 54 * hour]);
  });

  test('fires at its time when it has fired within its period', () => {
    const first = start();
    first.defineSchedule(daily);
    clock.advance(30 * hour * minuteMs);
    first.close();
    clock.advance(17 * hour * minuteMs);
    start().defineSchedule(daily);
    clock.advance(2 * hour * minuteMs);
    expect(minutes()).toEqual([0, 24 * hour, 48 * hour]);
  });

  test.each([
    ['is not yet to start', { StartDate: '2026-01-09T00:00:00Z' }],
    ['has ended', { EndDate: '2026-01-02T00:00:00Z' }],
    ['is disabled', { State: 'DISABLED' }],
  ])('that %s fires no more for having been missed', (_title, changes) => {
    const first = start();
    first.defineSchedule(daily);
    clock.advance(0);
    first.close();
    clock.advance(50 * hour * minuteMs);
    start().defineSchedule(schedule({ ScheduleExpression: 'rate(1 day)', ...changes }));
    clock.advance(hour * minuteMs);
    expect(minutes()).toEqual([0]);
  });
});

describe("a machine's clock that is set back", () => {
  const hourMs = 60 * minuteMs;

  test('does not silence a rate, neither in a desk that runs nor in one that starts again', () => {
    const first = start();
    first.defineSchedule(schedule());
    clock.advance(minuteMs);
    skewMs = -2 * hourMs;
    clock.advance(3 * minuteMs);
    expect(minutes()).toEqual([0, 1, 2, 3, 4]);
    first.close();

    skewMs = -4 * hourMs;
    start().defineSchedule(schedule());
    clock.advance(3 * minuteMs);
    expect(minutes()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(log).toEqual(Array(2).fill('scheduler: the clock was set back, so track-orders is counted from now'));
  });

  test('does not double a firing when it is set back by seconds', () => {
    start().defineSchedule(schedule());
    clock.advance(minuteMs);
    skewMs = -2_000;
    clock.advance(2 * minuteMs);
    expect(calls).toHaveLength(3);
    expect(log).toEqual([]);
  });

  test('neither silences nor doubles a daily one: it fires a day later', () => {
    start().defineSchedule(schedule({ ScheduleExpression: 'rate(1 day)' }));
    clock.advance(hourMs);
    skewMs = -2 * hourMs;
    clock.advance(24 * hourMs);
    expect(minutes()).toEqual([0]);
    clock.advance(minuteMs);
    expect(minutes()).toEqual([0, 60 * 25 + 1]);
  });

  test('does not silence a rate that was enabled and has yet to fire', () => {
    const hourly = { ScheduleExpression: 'rate(2 hours)' };
    const first = start();
    first.defineSchedule(schedule({ ...hourly, State: 'DISABLED' }));
    first.close();
    clock.advance(hourMs);
    start().defineSchedule(schedule(hourly));
    skewMs = -hourMs / 2;
    clock.advance(2 * hourMs);
    expect(minutes()).toEqual([150]);
  });

  test('does not silence a cron schedule, and leaves alone a one-time schedule that has fired and a rate to come', () => {
    const scheduler = start();
    scheduler.defineSchedule(schedule({ Name: 'hourly', ScheduleExpression: 'cron(0 * * * ? *)' }));
    scheduler.defineSchedule(schedule({ Name: 'once', ScheduleExpression: 'at(2026-01-01T01:00:00)' }));
    scheduler.defineSchedule(schedule({ Name: 'later', StartDate: '2026-01-02T00:00:00Z' }));
    clock.advance(hourMs);
    expect(minutes()).toEqual([0, 60, 60]);
    skewMs = -hourMs / 2;
    clock.advance(hourMs);
    expect(minutes()).toEqual([0, 60, 60, 90]);
    expect(scheduler.nextFireMs('later')).toBe(Date.UTC(2026, 0, 2));
  });
});

test('no timer is longer than a minute, as timers do not count the time that a machine sleeps', () => {
  const delays: number[] = [];
  const after = (delayMs: number, action: () => void) => {
    delays.push(delayMs);
    return clock.after(delayMs, action);
  };
  const scheduler = createScheduler({
    clock: { nowMs: clock.nowMs, after },
    log: () => {},
    invokeTarget: async () => {},
  });
  scheduler.defineSchedule(schedule({ ScheduleExpression: 'rate(5 minutes)' }));
  clock.advance(6 * minuteMs);
  expect(Math.max(...delays)).toBe(minuteMs);
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
