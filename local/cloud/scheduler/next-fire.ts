/** When a schedule fires next. Pure. */
import { type CronExpression, parseCron } from './cron.ts';
import { instantOf, type WallTime, wallTimeAt } from './time-zone.ts';

/** A parsed `ScheduleExpression`. */
export type ScheduleExpression =
  | { readonly kind: 'rate'; readonly everyMs: number }
  | { readonly kind: 'cron'; readonly cron: CronExpression }
  | { readonly kind: 'at'; readonly wall: WallTime };

/** Everything that decides when a schedule fires. */
export interface Timing {
  readonly expression: ScheduleExpression;
  /** IANA name; cron and one-time expressions are local to it. */
  readonly timeZone: string;
  readonly startMs: number | undefined;
  readonly endMs: number | undefined;
  /** When the schedule was created: a rate without start date counts from here. */
  readonly createdMs: number;
}

const unitMs = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;

/**
 * Parses `rate(5 minutes)`, `cron(0 12 * * ? *)` and `at(2026-11-21T09:30:00)`.
 * Source: "Schedule types in EventBridge Scheduler" in its user guide.
 * @throws Error saying what is wrong with the expression.
 */
export function parseScheduleExpression(text: string): ScheduleExpression {
  const [, kind, inner = ''] = /^(rate|cron|at)\((.*)\)$/.exec(text.trim()) ?? [];
  if (kind === 'cron') return { kind, cron: parseCron(inner) };
  if (kind === 'rate') return { kind, everyMs: parseRate(inner) };
  if (kind === 'at') return { kind, wall: parseWallTime(inner) };
  throw new Error(`schedule expression "${text}" must be rate(…), cron(…) or at(…)`);
}

function parseRate(inner: string): number {
  const [, value, unit] = /^([1-9]\d*) (minute|hour|day)s?$/.exec(inner) ?? [];
  if (value === undefined || unit === undefined) {
    throw new Error(`rate(${inner}) must be a positive number and minutes, hours or days`);
  }
  return Number(value) * unitMs[unit as keyof typeof unitMs];
}

function parseWallTime(inner: string): WallTime {
  const match = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})$/.exec(inner);
  const parsedMs = Date.parse(`${inner}Z`);
  // Reading it back finds dates such as February 30, which the parser moves into March.
  if (match === null || Number.isNaN(parsedMs) || !new Date(parsedMs).toISOString().startsWith(inner)) {
    throw new Error(`at(${inner}) must be a date and time such as 2026-11-21T09:30:00`);
  }
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1).map(Number);
  return { year, month, day, hour, minute, second };
}

/**
 * The first instant strictly after `afterMs` at which the schedule fires, in epoch milliseconds; `undefined` when it
 * never fires again. A time that the clock skips in spring does not fire, one that it shows twice in autumn fires the
 * first time, and rates count elapsed time whatever the clock does.
 */
export function nextFireMs(timing: Timing, afterMs: number): number | undefined {
  // A start date is itself a permitted time, hence the millisecond.
  const earliestMs = timing.startMs === undefined ? afterMs : Math.max(afterMs, timing.startMs - 1);
  const fireMs = nextOf(timing, earliestMs);
  return fireMs !== undefined && timing.endMs !== undefined && fireMs > timing.endMs ? undefined : fireMs;
}

function nextOf({ expression, timeZone, startMs, createdMs }: Timing, afterMs: number): number | undefined {
  switch (expression.kind) {
    case 'rate':
      return nextOfRate(expression.everyMs, startMs ?? createdMs, afterMs);
    case 'cron':
      return nextOfCron(expression.cron, timeZone, afterMs);
    case 'at': {
      const fireMs = instantOf(expression.wall, timeZone);
      return fireMs !== undefined && fireMs > afterMs ? fireMs : undefined;
    }
  }
}

/** The first fire is at the anchor itself. */
function nextOfRate(everyMs: number, anchorMs: number, afterMs: number): number {
  if (afterMs < anchorMs) return anchorMs;
  return anchorMs + (Math.floor((afterMs - anchorMs) / everyMs) + 1) * everyMs;
}

function nextOfCron(cron: CronExpression, timeZone: string, afterMs: number): number | undefined {
  const after = wallTimeAt(afterMs, timeZone);
  for (const date of datesFrom(cron, after)) {
    // A wall clock first shows an earlier hour of the same date earlier, also on days when it is set back.
    const isStartDate = date.year === after.year && date.month === after.month && date.day === after.day;
    for (const hour of isStartDate ? cron.hours.filter((each) => each >= after.hour) : cron.hours) {
      for (const minute of cron.minutes) {
        const fireMs = instantOf({ ...date, hour, minute, second: 0 }, timeZone);
        if (fireMs !== undefined && fireMs > afterMs) return fireMs;
      }
    }
  }
  return undefined;
}

/** Dates that match, from the date of `start` on. Ends with AWS's last year, 2199. */
function* datesFrom(cron: CronExpression, start: WallTime): Generator<{ year: number; month: number; day: number }> {
  for (const year of cron.years) {
    if (year < start.year) continue;
    for (const month of cron.months) {
      if (year === start.year && month < start.month) continue;
      for (const day of cron.daysOf(year, month)) {
        if (year === start.year && month === start.month && day < start.day) continue;
        yield { year, month, day };
      }
    }
  }
}
