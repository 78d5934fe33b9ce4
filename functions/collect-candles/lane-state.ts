/** What the rows of a lane say of its series: up to where they were asked for, and what is known of the last candles. */
import {
  type CandleColumns,
  type CandleSeries,
  emptyColumns,
  type HistoryTerms,
  type Lane,
  type LaneRow,
  mergeColumns,
  openTimeOf,
  periodOf,
  type QuarantinedCandle,
  type SeriesRecord,
  type Span,
  spanOfPeriod,
  timeframeMs,
} from '@nightdesk/core';
import type { CollectRound } from './round.ts';

/** Candles before the first new one that are asked for again: venues change the last ones, and bring some late. */
export const overlapCandles = 3;

export type CandleRecord = SeriesRecord & { series: CandleSeries };

export const isCandleRecord = (record: SeriesRecord): record is CandleRecord => record.series.kind === 'candles';

/** One series at the beginning of a run. */
export interface Member {
  record: CandleRecord;
  /** Open time of the first candle that was not asked for yet. */
  untilMs: number;
  /** Candles of the last rows. */
  known: CandleColumns;
  /** Everything from then on is asked for again; absent where that is only the overlap. */
  lookBackMs?: number;
}

/** A candle that closed just now may still change at its venue, and clocks differ a little. */
export const settleMs = 2_000;

/** Open time of the first candle that is not closed, or was so just now that it may still change. */
export const closedToMs = (timeframe: string, nowMs: number): number => openTimeOf(timeframe, nowMs - settleMs);

/** The open time `count` candles before one. */
export function openBefore(timeframe: string, openMs: number, count: number): number {
  let beforeMs = openMs;
  for (let step = 0; step < count; step += 1) beforeMs = openTimeOf(timeframe, beforeMs - 1);
  return beforeMs;
}

/** Beginning of the period before the one of now: what is older is asked for as a whole when its period is sealed. */
export function floorOf(timeframe: string, nowMs: number): number {
  const currentMs = spanOfPeriod(periodOf(timeframe, nowMs)).fromMs;
  return spanOfPeriod(periodOf(timeframe, currentMs - 1)).fromMs;
}

/** What a lane is asked with. */
interface LaneTerms {
  nowMs: number;
  /** How much of the past the venue tells. */
  reach: HistoryTerms['reach'];
}

/**
 * The series of a lane as its rows have them.
 *
 * @param records of series that are collected
 */
export async function readMembers(
  lane: Lane,
  records: readonly CandleRecord[],
  { terms, round }: { terms: LaneTerms; round: Pick<CollectRound, 'candles'> },
): Promise<{ members: Member[]; last: LaneRow | undefined }> {
  const { nowMs } = terms;
  const rowsFrom = (fromMs: number) => round.candles.readLane(lane, { fromMs, toMs: Number.MAX_SAFE_INTEGER });
  const recent = await rowsFrom(openBefore(lane.part, openTimeOf(lane.part, nowMs), overlapCandles));
  const last = recent.at(-1) ?? (await round.candles.lastOfLane(lane));
  const rows = recent.length > 0 || last === undefined ? recent : [last];
  const members = membersOf(records, rows, nowMs);
  const look = lookOf(lane.part, terms);
  const isDue = ({ untilMs, record: { failure } }: Member) =>
    look !== undefined && untilMs < look.turnMs && (failure === undefined || failure.retryAtMs <= nowMs);
  if (look === undefined || last === undefined || !members.some(isDue)) return { members, last };
  const further = membersOf(records, await rowsFrom(Math.min(look.fromMs, last.plannedAtMs)), nowMs);
  return { members: further.map((member) => (isDue(member) ? { ...member, lookBackMs: look.fromMs } : member)), last };
}

/** Looks back of the time that a venue tells, and how much of that each sees: every candle is in two of them. */
const looksPerReach = 3;
const lookShare = 2 / looksPerReach;

/**
 * A venue that tells only the latest candles would not tell all of a period any more when that is sealed. What it left out of an
 * answer is asked for again while it still can be: each series once in every third of that time, over two of them. It is one
 * question as before, because such a venue is asked for all that it tells anyway.
 *
 * @returns when the look was due that is to be made now, and the open time of its first candle, of this period
 */
function lookOf(timeframe: string, { nowMs, reach }: LaneTerms): { turnMs: number; fromMs: number } | undefined {
  const lengthMs = timeframeMs(timeframe);
  if (typeof reach !== 'object' || lengthMs === undefined) return undefined;
  const reachMs = reach.latest * lengthMs;
  const everyMs = reachMs / looksPerReach;
  // The period before is asked for as a whole when it is sealed.
  const { fromMs } = spanOfPeriod(periodOf(timeframe, nowMs));
  const turnMs = openTimeOf(timeframe, Math.floor(nowMs / everyMs) * everyMs);
  return { turnMs, fromMs: Math.max(fromMs, openTimeOf(timeframe, nowMs - reachMs * lookShare)) };
}

function membersOf(records: readonly CandleRecord[], rows: readonly LaneRow[], nowMs: number): Member[] {
  const last = rows.at(-1);
  return records.map((record) => {
    const { symbol, timeframe } = record.series;
    const known = rows
      .flatMap(({ members }) => members.filter((member) => member.symbol === symbol))
      .reduce((merged, { candles }) => mergeColumns(merged, candles), emptyColumns);
    const watermarkMs = last?.members.find((member) => member.symbol === symbol)?.untilMs ?? firstOf(record);
    const untilMs = Math.max(watermarkMs, floorOf(timeframe, nowMs));
    return { record, known, untilMs };
  });
}

/**
 * Of what makes no sense in an answer, what was not found before: it is told again with each answer that looks back on it. What it
 * would stand in for, where that is known, is no news either.
 *
 * @param span of the answer
 */
export async function notSetAside(
  quarantined: readonly QuarantinedCandle[],
  { record, known, untilMs }: Member,
  { span, round }: { span: Span; round: Pick<CollectRound, 'candles'> },
): Promise<QuarantinedCandle[]> {
  const isNew = ({ openMs }: QuarantinedCandle) => openMs >= untilMs;
  const unknown = quarantined
    .filter(({ openMs }) => openMs >= span.fromMs && openMs < span.toMs)
    .filter((candle) => isNew(candle) || !known.openMs.includes(candle.openMs));
  if (unknown.every(isNew)) return unknown;
  const before = await round.candles.readQuarantine(record.series, span);
  return unknown.filter((candle) => isNew(candle) || !before.some(({ openMs }) => openMs === candle.openMs));
}

/** Where a series begins of which no row is left. */
function firstOf({ series, sinceMs, sealed }: CandleRecord): number {
  const sinceOpenMs = openTimeOf(series.timeframe, sinceMs);
  return sealed === undefined ? sinceOpenMs : Math.max(sinceOpenMs, spanOfPeriod(sealed).toMs);
}
