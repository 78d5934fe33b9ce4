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
  type SeriesRecord,
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
}

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

/** What a lane knows of itself when a run begins. */
export interface Known {
  /** Rows from which what is asked for again can be compared, oldest first, and at least the newest one. */
  rows: LaneRow[];
  /** Everything from then on is asked for again; absent where that is only the overlap. */
  lookBackMs?: number;
}

/** @param reach how much of the past the venue tells */
export async function readKnown(
  lane: Lane,
  { nowMs, reach }: { nowMs: number; reach: HistoryTerms['reach'] },
  { candles }: Pick<CollectRound, 'candles'>,
): Promise<Known> {
  const rowsFrom = (fromMs: number) => candles.readLane(lane, { fromMs, toMs: Number.MAX_SAFE_INTEGER });
  const overlapMs = openBefore(lane.part, openTimeOf(lane.part, nowMs), overlapCandles);
  const recent = await rowsFrom(overlapMs);
  const last = recent.at(-1) ?? (await candles.lastOfLane(lane));
  if (last === undefined) return { rows: [] };
  const lookBackMs = lookBackFrom(lane.part, { nowMs, reach, lastMs: last.plannedAtMs });
  if (lookBackMs === undefined) return { rows: recent.length > 0 ? recent : [last] };
  const rows = await rowsFrom(Math.min(lookBackMs, last.plannedAtMs));
  return { rows, lookBackMs };
}

/** Looks back of the time that a venue tells, and how much of that each sees: every candle is in two of them. */
const looksPerReach = 3;
const lookShare = 2 / looksPerReach;

/**
 * A venue that tells only the latest candles would not tell all of a period any more when that is sealed. What it left out of an
 * answer is asked for again while it still can be: the first run after each third of that time looks back over two of them. It is
 * one question as before, because such a venue is asked for all that it tells anyway.
 *
 * @param time.lastMs when the run before was
 * @returns open time of the first candle of the look, of this period; `undefined` when it is not due
 */
function lookBackFrom(
  timeframe: string,
  { nowMs, reach, lastMs }: { nowMs: number; reach: HistoryTerms['reach']; lastMs: number },
): number | undefined {
  const lengthMs = timeframeMs(timeframe);
  if (typeof reach !== 'object' || lengthMs === undefined) return undefined;
  const reachMs = reach.latest * lengthMs;
  const turnOf = (atMs: number) => Math.floor(atMs / (reachMs / looksPerReach));
  if (turnOf(nowMs) === turnOf(lastMs)) return undefined;
  // The period before is asked for as a whole when it is sealed.
  const { fromMs } = spanOfPeriod(periodOf(timeframe, nowMs));
  return Math.max(fromMs, openTimeOf(timeframe, nowMs - reachMs * lookShare));
}

export function membersOf(records: readonly CandleRecord[], rows: readonly LaneRow[], nowMs: number): Member[] {
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

/** Where a series begins of which no row is left. */
function firstOf({ series, sinceMs, sealed }: CandleRecord): number {
  const sinceOpenMs = openTimeOf(series.timeframe, sinceMs);
  return sealed === undefined ? sinceOpenMs : Math.max(sinceOpenMs, spanOfPeriod(sealed).toMs);
}
