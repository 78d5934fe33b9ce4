import { expect, test } from 'vitest';
import { nextFireMs, parseScheduleExpression, type Timing } from '../../local/cloud/scheduler/next-fire.ts';
import fc from '../support/property.ts';

function timing(expression: string, options: Partial<Timing> = {}): Timing {
  return {
    expression: parseScheduleExpression(expression),
    timeZone: 'UTC',
    startMs: undefined,
    endMs: undefined,
    createdMs: 0,
    ...options,
  };
}

function fires(schedule: Timing, after: string, count: number): string[] {
  const found: string[] = [];
  let fireMs = nextFireMs(schedule, Date.parse(after));
  while (fireMs !== undefined && found.length < count) {
    found.push(new Date(fireMs).toISOString().replace(':00.000Z', 'Z'));
    fireMs = nextFireMs(schedule, fireMs);
  }
  return found;
}

// 2026-01-01 is a Thursday; 2026-02-28 and 2026-08-01 are Saturdays; 2026-11-01 is a Sunday.
test.each([
  ['cron(0 12 * * ? *)', '2026-01-01T12:00Z', ['2026-01-02T12:00Z', '2026-01-03T12:00Z']],
  ['cron(0/20 * * * ? *)', '2026-01-01T00:00Z', ['2026-01-01T00:20Z', '2026-01-01T00:40Z', '2026-01-01T01:00Z']],
  ['cron(5-20/10 0 * * ? *)', '2026-01-01T00:00Z', ['2026-01-01T00:05Z', '2026-01-01T00:15Z', '2026-01-02T00:05Z']],
  ['cron(30 8,18 ? * MON-FRI *)', '2026-01-02T08:30Z', ['2026-01-02T18:30Z', '2026-01-05T08:30Z']],
  ['cron(0 0 ? * 2 *)', '2026-01-01T00:00Z', ['2026-01-05T00:00Z']],
  ['cron(0 0 1 JAN,apr ? *)', '2026-01-01T00:00Z', ['2026-04-01T00:00Z', '2027-01-01T00:00Z']],
  ['cron(0 0 L * ? *)', '2026-01-31T00:00Z', ['2026-02-28T00:00Z', '2026-03-31T00:00Z']],
  ['cron(0 0 L FEB ? *)', '2027-03-01T00:00Z', ['2028-02-29T00:00Z']],
  ['cron(0 0 31 * ? *)', '2026-01-31T00:00Z', ['2026-03-31T00:00Z', '2026-05-31T00:00Z']],
  ['cron(0 0 LW 2 ? *)', '2026-01-01T00:00Z', ['2026-02-27T00:00Z']],
  ['cron(0 0 28W 2 ? 2026)', '2026-01-01T00:00Z', ['2026-02-27T00:00Z']],
  ['cron(0 0 1W 8 ? 2026)', '2026-01-01T00:00Z', ['2026-08-03T00:00Z']],
  ['cron(0 0 1W 11 ? 2026)', '2026-01-01T00:00Z', ['2026-11-02T00:00Z']],
  ['cron(0 0 31W 5 ? 2026)', '2026-01-01T00:00Z', ['2026-05-29T00:00Z']],
  ['cron(0 0 ? 1 6L *)', '2026-01-01T00:00Z', ['2026-01-30T00:00Z', '2027-01-29T00:00Z']],
  ['cron(0 0 ? 1 L 2026)', '2026-01-01T00:00Z', ['2026-01-03T00:00Z', '2026-01-10T00:00Z']],
  ['cron(0 0 ? * 3#2 *)', '2026-01-01T00:00Z', ['2026-01-13T00:00Z', '2026-02-10T00:00Z']],
  ['cron(0 0 ? * THU#5 *)', '2026-01-01T00:00Z', ['2026-01-29T00:00Z', '2026-04-30T00:00Z']],
  ['cron(0 0 1 1 ? 2027-2031/2)', '2026-01-01T00:00Z', ['2027-01-01T00:00Z', '2029-01-01T00:00Z']],
  ['cron(59 23 31 12 ? 2026)', '2026-12-31T23:59Z', []],
  ['cron(0 0 30 2 ? *)', '2026-01-01T00:00Z', []],
  ['at(2026-11-21T09:30:00)', '2026-01-01T00:00Z', ['2026-11-21T09:30Z']],
  ['at(2026-11-21T09:30:00)', '2026-11-21T09:30Z', []],
])('%s after %s', (expression, after, expected) => {
  expect(fires(timing(expression), after, Math.max(expected.length, 1))).toEqual(expected);
});

// New York springs from 02:00 to 03:00 on 2026-03-08 and falls back from 02:00 to 01:00 on 2026-11-01.
test.each([
  [
    'a local time keeps its wall clock over the change',
    'cron(0 12 * * ? *)',
    '2026-03-07T00:00Z',
    ['2026-03-07T17:00Z', '2026-03-08T16:00Z'],
  ],
  [
    'a time that the clock skips does not fire that day',
    'cron(30 2 * * ? *)',
    '2026-03-07T00:00Z',
    ['2026-03-07T07:30Z', '2026-03-09T06:30Z'],
  ],
  [
    'a time that the clock shows twice fires once',
    'cron(30 1 * * ? *)',
    '2026-10-31T12:00Z',
    ['2026-11-01T05:30Z', '2026-11-02T06:30Z'],
  ],
  [
    'asking between the two showings does not fire the second',
    'cron(30 1 * * ? *)',
    '2026-11-01T05:45Z',
    ['2026-11-02T06:30Z'],
  ],
  ['a one-time schedule is local to its zone', 'at(2026-07-01T09:00:00)', '2026-01-01T00:00Z', ['2026-07-01T13:00Z']],
  ['a one-time schedule at a skipped time never fires', 'at(2026-03-08T02:30:00)', '2026-01-01T00:00Z', []],
  ['days of a rate are 24 hours', 'rate(1 day)', '2026-03-07T20:00Z', ['2026-03-08T00:00Z', '2026-03-09T00:00Z']],
])('New York: %s', (_rule, expression, after, expected) => {
  const schedule = timing(expression, { timeZone: 'America/New_York' });
  expect(fires(schedule, after, Math.max(expected.length, 1))).toEqual(expected);
});

test('a rate without start date fires when it is created and then regularly', () => {
  const createdMs = Date.parse('2026-01-01T00:00:07Z');
  const schedule = timing('rate(2 minutes)', { createdMs });
  expect(nextFireMs(schedule, createdMs - 1)).toBe(createdMs);
  expect(nextFireMs(schedule, createdMs)).toBe(createdMs + 120_000);
  expect(nextFireMs(schedule, createdMs + 300_000)).toBe(createdMs + 360_000);
});

test('start and end date bound every kind of schedule', () => {
  const startMs = Date.parse('2026-01-02T00:00Z');
  const endMs = Date.parse('2026-01-03T00:00Z');
  for (const expression of ['rate(1 day)', 'cron(0 0 * * ? *)']) {
    expect(fires(timing(expression, { startMs, endMs }), '2026-01-01T00:00Z', 9), expression).toEqual([
      '2026-01-02T00:00Z',
      '2026-01-03T00:00Z',
    ]);
  }
});

test.each([
  ['rate(0 minutes)', 'positive'],
  ['rate(5 seconds)', 'minutes, hours or days'],
  ['every(5 minutes)', 'rate(…), cron(…) or at(…)'],
  ['cron(0 12 * * *)', 'six fields'],
  ['cron(0 12 * * * *)', 'must be ?'],
  ['cron(0 12 ? * ? *)', 'must be ?'],
  ['cron(60 12 * * ? *)', 'minutes'],
  ['cron(0 24 * * ? *)', 'hours'],
  ['cron(0 0 32 * ? *)', 'day-of-month'],
  ['cron(0 0 * FOO ? *)', 'month'],
  ['cron(0 0 ? * 8 *)', 'day-of-week'],
  ['cron(0 0 ? * 2#6 *)', 'instance'],
  ['cron(0 0 ? * 2#1,3#1 *)', 'instance'],
  ['cron(0 0 * * ? 1969)', 'year'],
  ['cron(0/0 0 * * ? *)', 'minutes step'],
  ['cron(20-10 0 * * ? *)', 'minutes'],
  ['at(2026-02-30T10:00:00)', 'date and time'],
])('%s is refused, naming %s', (expression, named) => {
  expect(() => parseScheduleExpression(expression)).toThrow(named);
});

test('fire times always rise, and none is skipped by asking from in between', () => {
  const zones = ['UTC', 'America/New_York', 'Europe/Berlin', 'Australia/Lord_Howe', 'America/Havana'];
  const expressions = ['cron(0/30 * * * ? *)', 'cron(15 0,1,2 ? * SUN *)', 'cron(0 3 L * ? *)', 'rate(7 hours)'];
  const instantMs = fc.integer({ min: Date.parse('2026-01-01'), max: Date.parse('2027-12-31') });
  fc.assert(
    fc.property(
      fc.constantFrom(...expressions),
      fc.constantFrom(...zones),
      instantMs,
      fc.nat(),
      (text, timeZone, afterMs, shift) => {
        const schedule = timing(text, { timeZone });
        const nextMs = nextFireMs(schedule, afterMs) ?? Number.NaN;
        expect(nextMs).toBeGreaterThan(afterMs);
        expect(nextFireMs(schedule, afterMs + (shift % (nextMs - afterMs)))).toBe(nextMs);
      },
    ),
    { numRuns: 300 },
  );
});
