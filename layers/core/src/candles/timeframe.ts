/** Timeframes of candles, in UTC. Weeks begin on Monday, as at every venue known; months and years at their first day. */

const unitMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;
/** The first Monday after the epoch. */
const mondayMs = 4 * unitMs.d;
const pattern = /^([1-9]\d{0,2})([smhdwM])$/;

/** A span of time, in UTC epoch milliseconds; `toMs` is not part of it. */
export interface Span {
  fromMs: number;
  toMs: number;
}

/** True for what ccxt names candles by, such as `1m`, `4h` or `1M`. */
export const isTimeframe = (text: string): boolean => pattern.test(text);

interface Parsed {
  count: number;
  unit: keyof typeof unitMs | 'M';
}

/** @throws TypeError for what is no timeframe */
function parse(timeframe: string): Parsed {
  const match = pattern.exec(timeframe);
  if (match === null) throw new TypeError(`"${timeframe}" is no timeframe; such are 1m, 4h, 1d, 1w and 1M`);
  return { count: Number(match[1]), unit: match[2] as Parsed['unit'] };
}

/** Length in milliseconds; `undefined` for months, whose lengths differ. @throws TypeError for what is no timeframe */
export function timeframeMs(timeframe: string): number | undefined {
  const { count, unit } = parse(timeframe);
  return unit === 'M' ? undefined : count * unitMs[unit];
}

const monthOf = (atMs: number): number => {
  const date = new Date(atMs);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
};
const monthStartMs = (month: number): number => Date.UTC(Math.floor(month / 12), month % 12, 1);

/** When the candle opened within which a time lies. @throws TypeError for what is no timeframe */
export function openTimeOf(timeframe: string, atMs: number): number {
  const { count, unit } = parse(timeframe);
  if (unit === 'M') {
    const month = monthOf(atMs);
    return monthStartMs(month - (month % count));
  }
  const offsetMs = unit === 'w' ? mondayMs : 0;
  const lengthMs = count * unitMs[unit];
  return Math.floor((atMs - offsetMs) / lengthMs) * lengthMs + offsetMs;
}

/** When the next candle opens after the one that opened at `openMs`. @throws TypeError for what is no timeframe */
export function nextOpenTime(timeframe: string, openMs: number): number {
  const { count, unit } = parse(timeframe);
  return unit === 'M' ? monthStartMs(monthOf(openMs) + count) : openMs + count * unitMs[unit];
}

/** True when a candle can open at this time. @throws TypeError for what is no timeframe */
export const isAligned = (timeframe: string, openMs: number): boolean => openTimeOf(timeframe, openMs) === openMs;

/** How many candles open within a span. @throws TypeError for what is no timeframe */
export function countOpens(timeframe: string, { fromMs, toMs }: Span): number {
  const lengthMs = timeframeMs(timeframe);
  const firstMs = firstOpenFrom(timeframe, fromMs);
  if (firstMs >= toMs) return 0;
  if (lengthMs !== undefined) return Math.ceil((toMs - firstMs) / lengthMs);
  let count = 0;
  for (let openMs = firstMs; openMs < toMs; openMs = nextOpenTime(timeframe, openMs)) count += 1;
  return count;
}

/** The first time at or after `fromMs` at which a candle opens. @throws TypeError for what is no timeframe */
export function firstOpenFrom(timeframe: string, fromMs: number): number {
  const openMs = openTimeOf(timeframe, fromMs);
  return openMs === fromMs ? openMs : nextOpenTime(timeframe, openMs);
}

/** The first block of Bitcoin: nothing was traded before. */
export const firstCandleMs = Date.UTC(2009, 0, 3);

/** The part of a span in which candles may be: people write any year, and looking through all of them would take for ever. */
export function tradedSpan({ fromMs, toMs }: Span, nowMs: number): Span {
  const endMs = Math.min(toMs, nowMs);
  return { fromMs: Math.min(Math.max(fromMs, firstCandleMs), endMs), toMs: endMs };
}

/**
 * What candles are stored by: a day each of those shorter than an hour, a month each of those shorter than a day, a year each
 * of all others. A block so has 24 to 1,440 candles, and up to 86,400 of those of seconds.
 */
export type Period = string;

const periodLengths = { day: 10, month: 7, year: 4 } as const;
type PeriodKind = keyof typeof periodLengths;

function periodKindOf(timeframe: string): PeriodKind {
  const lengthMs = timeframeMs(timeframe);
  if (lengthMs === undefined || lengthMs >= unitMs.d) return 'year';
  return lengthMs < unitMs.h ? 'day' : 'month';
}

/** `2026-11-21`, `2026-11` or `2026`: the period of the block in which a candle is. @throws TypeError for what is no timeframe */
export const periodOf = (timeframe: string, openMs: number): Period =>
  new Date(openMs).toISOString().slice(0, periodLengths[periodKindOf(timeframe)]);

/** @throws TypeError for what is no period */
export function spanOfPeriod(period: Period): Span {
  const [year = '', month, day] = period.split('-');
  const fromMs = Date.UTC(Number(year), Number(month ?? 1) - 1, Number(day ?? 1));
  const shape = new RegExp(`^\\d{4}${month === undefined ? '' : '-\\d{2}'}${day === undefined ? '' : '-\\d{2}'}$`);
  if (!shape.test(period) || Number.isNaN(fromMs) || !new Date(fromMs).toISOString().startsWith(period)) {
    throw new TypeError(`"${period}" is no day, month or year`);
  }
  if (day !== undefined) return { fromMs, toMs: fromMs + unitMs.d };
  return { fromMs, toMs: month === undefined ? Date.UTC(Number(year) + 1, 0) : Date.UTC(Number(year), Number(month)) };
}

/** Periods that a span touches, oldest first. @throws TypeError for what is no timeframe */
export function periodsOf(timeframe: string, { fromMs, toMs }: Span): Period[] {
  const periods: Period[] = [];
  for (let atMs = fromMs; atMs < toMs; ) {
    const period = periodOf(timeframe, atMs);
    periods.push(period);
    atMs = spanOfPeriod(period).toMs;
  }
  return periods;
}

/** First day of a period, `YYYY-MM-DD`: the value of `date=` in the names of cold files. */
export const firstDayOf = (period: Period): string => new Date(spanOfPeriod(period).fromMs).toISOString().slice(0, 10);
