/**
 * Day start, peak, daily loss and drawdown from one look at an account to the next.
 *
 * - Deposits and withdrawals move day start and peak along with the equity, so they are neither profit nor loss:
 *   dailyLoss = max(0, dayStart − equity) and drawdown = peak − equity, with peak = max(peak + transfers, equity).
 * - A day begins at midnight in the owner's time zone, however long the day before was, with the equity of the last look before
 *   it. After a gap without looks nobody knows what it was then: the higher one of the equity before and after counts, so that
 *   a loss is never hidden by what was gained while nobody looked.
 * - A day never ends twice. When the clock is set back, or the time zone is moved to the west, the day that has begun goes on
 *   until it is over. One that lies further ahead than that is a mistake of a clock: it gets the right name and keeps its start.
 * - What nobody has explained yet is neither profit nor loss: while it is uncertain, losses are measured with or without it,
 *   whichever makes them smaller, and the peak, whichever makes it lower.
 * - With another currency day start and peak are what they were, in proportion to the equity: losses are not forgotten.
 */
import {
  add,
  compare,
  isPositive,
  maximum,
  minimum,
  type Notional,
  shareOf,
  subtract,
  zeroNotional,
} from '../money.ts';
import type { EquityMarks } from './equity-marks.ts';
import type { Unexplained } from './unexplained.ts';

export interface EquityLook {
  equity: Notional;
  /** Open profit, where it could be told. */
  unrealized?: Notional | undefined;
  /** Assets that it rests on, see `AccountValue.valued`. */
  valued?: readonly string[];
  currency: string;
  atMs: number;
  /** IANA name, e.g. `Europe/Berlin`. */
  timeZone: string;
  /** Deposits less withdrawals since the look before, in the owner's currency. */
  transfers: Notional;
  /** What of the equity nobody has explained; absent is nothing. */
  unexplained?: Unexplained;
}

export interface MarkedEquity {
  marks: EquityMarks;
  /** The day that ended since the look before, with its last marks. */
  closedDay?: { day: string; marks: EquityMarks };
}

/**
 * True where an account must not be marked at this look, because an asset that counted when it was marked last has no rate for
 * the moment: its worth would look like a loss. The marks then grow old, which denies what needs them. After `heldMarksMsMax`
 * the worth counts as lost: what nobody prices any more cannot be sold either.
 */
export function holdsMarks(
  before: EquityMarks | undefined,
  { unvalued, atMs }: { unvalued: readonly string[]; atMs: number },
): boolean {
  if (before === undefined || Math.abs(atMs - before.atMs) > heldMarksMsMax) return false;
  return before.valued?.some((asset) => unvalued.includes(asset)) ?? false;
}

/** How long equity is not marked for want of a price that was there before. */
export const heldMarksMsMax = 3_600_000;

/** Looks further apart than this have a gap between them: they are a minute apart, and a venue may not answer a few. */
export const lookGapMsMax = 600_000;
const dayMs = 86_400_000;

export function markEquity(before: EquityMarks | undefined, look: EquityLook): MarkedEquity {
  const told = dayOf(look.atMs, look.timeZone);
  const converted = before && inCurrency(before, look);
  if (before === undefined || converted === undefined) {
    const { explained } = readingsOf(look);
    const start = { day: told, dayStart: explained, dayTransfers: zeroNotional, peak: explained };
    const hasEnded = before !== undefined && told > before.day;
    return { marks: marksOf(look, start), ...(hasEnded && { closedDay: { day: before.day, marks: before } }) };
  }
  const then = carryTransfers(converted, look);
  const peak = maximum(then.peak, readingsOf(look).low);
  if (told > before.day) {
    const start = { day: told, dayStart: startOf(then, look), dayTransfers: look.transfers, peak };
    return { marks: marksOf(look, start), closedDay: { day: before.day, marks: before } };
  }
  const isAhead = daysBetween(told, before.day) > 1;
  const { dayStart, dayTransfers } = then;
  return { marks: marksOf(look, { day: isAhead ? told : before.day, dayStart, dayTransfers, peak }) };
}

/**
 * The marks of an account after transfers, with the losses that they had. For looks that told of transfers but could not be
 * marked: the next one that can must not take them for profit or loss. In another currency than that of the marks they stay as
 * they are, since the next look takes everything for conversion.
 */
export function carryTransfers(
  marks: EquityMarks,
  { currency, transfers }: Pick<EquityLook, 'currency' | 'transfers'>,
): EquityMarks {
  if (marks.currency !== currency) return marks;
  return {
    ...marks,
    equity: add(marks.equity, transfers),
    ...(marks.explained !== undefined && { explained: add(marks.explained, transfers) }),
    dayStart: add(marks.dayStart, transfers),
    peak: add(marks.peak, transfers),
    dayTransfers: add(marks.dayTransfers, transfers),
  };
}

/** The day `YYYY-MM-DD` of a time in a time zone. @throws RangeError when there is no such time zone */
export function dayOf(atMs: number, timeZone: string): string {
  const options = { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' } as const;
  const parts = new Intl.DateTimeFormat('en-u-ca-iso8601-nu-latn', options).formatToParts(atMs);
  const { year, month, day } = Object.fromEntries(parts.map(({ type, value }) => [type, value]));
  return `${year}-${month}-${day}`;
}

const daysBetween = (from: string, to: string): number => (Date.parse(to) - Date.parse(from)) / dayMs;

/** @param before with the transfers since then */
function startOf(before: EquityMarks, look: EquityLook): Notional {
  const { explained = before.equity } = before;
  return look.atMs - before.atMs > lookGapMsMax ? maximum(explained, readingsOf(look).explained) : explained;
}

interface Readings {
  /** Without all that nobody has explained. */
  explained: Notional;
  /** The lower and the higher one of what it may be, as long as that is uncertain. */
  low: Notional;
  high: Notional;
}

function readingsOf({ equity, unexplained }: EquityLook): Readings {
  if (unexplained === undefined) return { explained: equity, low: equity, high: equity };
  const certain = subtract(equity, unexplained.unnoted);
  const explained = subtract(certain, unexplained.uncertain);
  return { explained, low: minimum(certain, explained), high: maximum(certain, explained) };
}

/**
 * The marks in the currency of the look; `undefined` where there is nothing to measure by. What the account made between the two
 * looks cannot be told from the change of the currency, and counts as that.
 */
function inCurrency(marks: EquityMarks, { currency, equity, transfers }: EquityLook): EquityMarks | undefined {
  if (marks.currency === currency) return marks;
  const now = subtract(equity, transfers);
  if (!isPositive(now) || !isPositive(marks.equity)) return undefined;
  const convert = (value: Notional): Notional => shareOf(value, now, marks.equity);
  const { dayStart, peak, dayTransfers } = marks;
  return {
    ...marks,
    ...{ currency, equity: now },
    ...(marks.explained !== undefined && { explained: convert(marks.explained) }),
    ...{ dayStart: convert(dayStart), peak: convert(peak), dayTransfers: convert(dayTransfers) },
  };
}

type Start = Pick<EquityMarks, 'day' | 'dayStart' | 'dayTransfers' | 'peak'>;

function marksOf(look: EquityLook, start: Start): EquityMarks {
  const { atMs, currency, equity, unrealized, valued } = look;
  const { explained, high } = readingsOf(look);
  const dailyLoss = maximum(subtract(start.dayStart, high), zeroNotional);
  const drawdown = maximum(subtract(start.peak, high), zeroNotional);
  return {
    ...{ atMs, currency, equity },
    ...(compare(explained, equity) !== 0 && { explained }),
    ...start,
    ...{ dailyLoss, drawdown },
    ...(unrealized !== undefined && { unrealized }),
    ...(valued !== undefined && { valued: [...valued] }),
  };
}
