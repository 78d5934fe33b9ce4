/** What the rows of a lane say of its series: up to where they were asked for, and what is known of the last candles. */
import {
  type CandleColumns,
  type CandleSeries,
  emptyColumns,
  type Lane,
  type LaneRow,
  mergeColumns,
  openTimeOf,
  periodOf,
  type SeriesRecord,
  spanOfPeriod,
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

/** Rows from which the overlap can be compared, and at least the newest one. */
export async function readKnown(
  lane: Lane,
  nowMs: number,
  { candles }: Pick<CollectRound, 'candles'>,
): Promise<LaneRow[]> {
  const fromMs = openBefore(lane.part, openTimeOf(lane.part, nowMs), overlapCandles);
  const rows = await candles.readLane(lane, { fromMs, toMs: Number.MAX_SAFE_INTEGER });
  if (rows.length > 0) return rows;
  const last = await candles.lastOfLane(lane);
  return last === undefined ? [] : [last];
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
