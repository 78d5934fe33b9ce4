/** AWS's cron expressions: which days and times of day they name. Pure. */

/** A cron expression taken apart; all lists ascend. Local to whatever time zone the schedule has. */
export interface CronExpression {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  /** 1 to 12. */
  readonly months: readonly number[];
  readonly years: readonly number[];
  /** Days of a month that match, ascending. */
  daysOf(year: number, month: number): readonly number[];
}

interface FieldRule {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** Names that stand for `min`, `min + 1`, and so on. */
  readonly names?: readonly string[];
}

type DayMatcher = (month: Month) => readonly number[];

interface Month {
  readonly dayCount: number;
  /** Day of the week of the first, Sunday being 1 as in AWS's field. */
  readonly firstWeekday: number;
}

const monthNames = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const weekdayNames = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const rules = {
  minutes: { name: 'minutes', min: 0, max: 59 },
  hours: { name: 'hours', min: 0, max: 23 },
  dayOfMonth: { name: 'day-of-month', min: 1, max: 31 },
  month: { name: 'month', min: 1, max: 12, names: monthNames },
  dayOfWeek: { name: 'day-of-week', min: 1, max: 7, names: weekdayNames },
  year: { name: 'year', min: 1970, max: 2199 },
} satisfies Record<string, FieldRule>;

const saturday = 7;
const sunday = 1;
const dayMs = 86_400_000;

/**
 * Parses the six fields between the parentheses of `cron(…)`.
 * @throws Error naming the field that is wrong.
 */
export function parseCron(text: string): CronExpression {
  const fields = text.trim().toUpperCase().split(/\s+/);
  const [minutes = '', hours = '', dayOfMonth = '', month = '', dayOfWeek = '', year = ''] = fields;
  if (fields.length !== 6) {
    throw new Error(`cron(${text}) must have six fields: minutes hours day-of-month month day-of-week year`);
  }
  const daysOfMonth = dayMatcher(dayOfMonth, dayOfWeek);
  return {
    minutes: parseList(minutes, rules.minutes),
    hours: parseList(hours, rules.hours),
    months: parseList(month, rules.month),
    years: parseList(year, rules.year),
    daysOf: (ofYear, ofMonth) => daysOfMonth(describeMonth(ofYear, ofMonth)),
  };
}

function describeMonth(year: number, month: number): Month {
  const firstMs = Date.UTC(year, month - 1, 1);
  const nextMs = Date.UTC(year, month, 1);
  return { dayCount: (nextMs - firstMs) / dayMs, firstWeekday: new Date(firstMs).getUTCDay() + 1 };
}

/** AWS wants exactly one of the two day fields to be `?`. */
function dayMatcher(dayOfMonth: string, dayOfWeek: string): DayMatcher {
  if ((dayOfMonth === '?') === (dayOfWeek === '?')) {
    throw new Error(`cron: exactly one of day-of-month (${dayOfMonth}) and day-of-week (${dayOfWeek}) must be ?`);
  }
  return dayOfWeek === '?' ? monthDayMatcher(dayOfMonth) : weekdayMatcher(dayOfWeek);
}

/** `L` is the last day, `LW` the last weekday, `15W` the weekday nearest to the 15th within the month. */
function monthDayMatcher(field: string): DayMatcher {
  if (field === 'L') return (month) => [month.dayCount];
  if (field === 'LW') return (month) => [nearestWeekday(month, month.dayCount)];
  if (field.endsWith('W')) {
    const day = parseNumber(field.slice(0, -1), rules.dayOfMonth);
    return (month) => (day > month.dayCount ? [] : [nearestWeekday(month, day)]);
  }
  const days = parseList(field, rules.dayOfMonth);
  return (month) => days.filter((day) => day <= month.dayCount);
}

/** `L` is Saturday, `6L` the last Friday of the month, `3#2` its second Tuesday. */
function weekdayMatcher(field: string): DayMatcher {
  if (field === 'L') return (month) => datesOf(month, saturday);
  if (field.endsWith('L')) {
    const weekday = parseNumber(field.slice(0, -1), rules.dayOfWeek);
    return (month) => datesOf(month, weekday).slice(-1);
  }
  const [weekdayText = '', instanceText] = field.split('#', 2);
  if (instanceText !== undefined) {
    const weekday = parseNumber(weekdayText, rules.dayOfWeek);
    const instance = parseNumber(instanceText, { name: 'day-of-week instance', min: 1, max: 5 });
    return (month) => datesOf(month, weekday).slice(instance - 1, instance);
  }
  const weekdays = parseList(field, rules.dayOfWeek);
  return (month) => weekdays.flatMap((weekday) => datesOf(month, weekday)).sort((left, right) => left - right);
}

function datesOf(month: Month, weekday: number): number[] {
  const first = 1 + ((weekday - month.firstWeekday + 7) % 7);
  const dates: number[] = [];
  for (let day = first; day <= month.dayCount; day += 7) dates.push(day);
  return dates;
}

/** The nearest Monday to Friday, never in another month: the 1st on a Saturday gives Monday the 3rd. */
function nearestWeekday(month: Month, day: number): number {
  const weekday = ((month.firstWeekday - 1 + day - 1) % 7) + 1;
  if (weekday === saturday) return day === 1 ? 3 : day - 1;
  if (weekday === sunday) return day === month.dayCount ? day - 2 : day + 1;
  return day;
}

/** A comma-separated list of `*`, values, ranges and steps. */
function parseList(field: string, rule: FieldRule): number[] {
  const values = new Set<number>();
  for (const item of field.split(',')) {
    for (const value of parseItem(item, rule)) values.add(value);
  }
  return [...values].sort((left, right) => left - right);
}

function parseItem(item: string, rule: FieldRule): number[] {
  const [range = '', stepText, ...rest] = item.split('/');
  if (rest.length > 0) throw wrongField(rule, item);
  const step = stepText === undefined ? 1 : parseNumber(stepText, { name: `${rule.name} step`, min: 1, max: rule.max });
  const [start, end] = parseRange(range, rule, stepText !== undefined);
  const values: number[] = [];
  for (let value = start; value <= end; value += step) values.push(value);
  return values;
}

function parseRange(range: string, rule: FieldRule, hasStep: boolean): [number, number] {
  if (range === '*') return [rule.min, rule.max];
  const [startText = '', endText, ...rest] = range.split('-');
  const start = parseNumber(startText, rule);
  if (endText === undefined) return [start, hasStep ? rule.max : start];
  const end = parseNumber(endText, rule);
  if (rest.length > 0 || end < start) throw wrongField(rule, range);
  return [start, end];
}

function parseNumber(text: string, rule: FieldRule): number {
  const named = rule.names?.indexOf(text) ?? -1;
  const value = named >= 0 ? rule.min + named : Number(text);
  if (!/^\w+$/.test(text) || !Number.isInteger(value) || value < rule.min || value > rule.max) {
    throw wrongField(rule, text);
  }
  return value;
}

function wrongField(rule: FieldRule, text: string): Error {
  return new Error(`cron field ${rule.name}: "${text}" is not valid, it takes ${rule.min} to ${rule.max}`);
}
