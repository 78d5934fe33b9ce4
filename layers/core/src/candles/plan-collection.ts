/** What records of series there have to be for what is wanted. */
import type { Wanted, WantedSeries } from './select-series.ts';
import { laneKeyOf, laneSizeMax, partOf, type Series, seriesKeyOf } from './series.ts';
import { type Backfill, noTotals, type SeriesRecord } from './series-record.ts';
import { openTimeOf, spanOfPeriod } from './timeframe.ts';

/**
 * Records that are new or have to be changed; all others are as they should be. A series that is wanted for the first time gets a place
 * in a lane, for good: one that is not wanted any more is `kept`, and `collected` again in the same lane when it comes back. Where
 * more of the past is wanted than there is, a backfill begins.
 *
 * @param records all of the venues that `wanted` names, and of all others that have any
 */
export function planRecords(records: readonly SeriesRecord[], wanted: Wanted, nowMs: number): SeriesRecord[] {
  const byKey = new Map(records.map((record) => [seriesKeyOf(record.series), record]));
  const lanes = lanesOf(records, wanted);
  const changed: SeriesRecord[] = [];
  for (const want of wanted.series) {
    const record = byKey.get(seriesKeyOf(want.series));
    const next =
      record === undefined
        ? newRecord(want.series, lanes.take(want.series, want.everyMs), nowMs)
        : again(record, want, nowMs);
    const planned = withHistory(next, want, nowMs);
    if (planned !== record) changed.push(planned);
  }
  const keys = new Set(wanted.series.map(({ series }) => seriesKeyOf(series)));
  const dropped = records.filter(({ status, series }) => status === 'collected' && !keys.has(seriesKeyOf(series)));
  return [...changed, ...dropped.map((record) => ({ ...record, status: 'kept' as const, untilMs: nowMs }))];
}

/** A record of a series that nobody collects, but of which the past is wanted. */
export const keptRecord = (records: readonly SeriesRecord[], series: Series, nowMs: number): SeriesRecord => ({
  ...newRecord(series, lanesOf(records).take(series), nowMs),
  status: 'kept',
});

const newRecord = (series: Series, lane: number, nowMs: number): SeriesRecord => ({
  ...{ series, lane, status: 'collected', totals: noTotals, version: 0 },
  // The candle that forms now is the first one.
  sinceMs: series.kind === 'candles' ? openTimeOf(series.timeframe, nowMs) : nowMs,
});

/** Hands out places, lowest lane first. */
interface LaneBook {
  take(series: Series, everyMs?: number): number;
}

/**
 * Series that are collected equally often share lanes as long as there is room, so that none is asked for more often than it has to be.
 * Those that are kept hold their places, so that a lane is never too large for its rows when they come back.
 */
function lanesOf(records: readonly SeriesRecord[], wanted?: Wanted): LaneBook {
  const every = new Map((wanted?.series ?? []).map(({ series, everyMs }) => [seriesKeyOf(series), everyMs]));
  const members = new Map<string, { count: number; every: Set<number> }>();
  const laneOf = (series: Series, number: number) => {
    const key = laneKeyOf({ venue: series.venue, part: partOf(series), number });
    const lane = members.get(key) ?? { count: 0, every: new Set() };
    members.set(key, lane);
    return lane;
  };
  const enter = (series: Series, number: number, everyMs: number | undefined) => {
    const lane = laneOf(series, number);
    lane.count += 1;
    if (everyMs !== undefined) lane.every.add(everyMs);
  };
  for (const { series, lane } of records) enter(series, lane, every.get(seriesKeyOf(series)));
  return {
    take(series, everyMs) {
      const fits = ({ count, every: those }: ReturnType<typeof laneOf>) =>
        count < laneSizeMax && (everyMs === undefined || those.size === 0 || (those.size === 1 && those.has(everyMs)));
      // There are never more lanes than entries, so one of these numbers is free.
      let number = 0;
      while (!fits(laneOf(series, number))) number += 1;
      enter(series, number, everyMs);
      return number;
    },
  };
}

/** A series that is wanted, whatever it was before. */
function again(record: SeriesRecord, want: WantedSeries, nowMs: number): SeriesRecord {
  if (record.status === 'collected') return record;
  const { untilMs, failure: _, backfill, historyFromMs, ...kept } = record;
  const isUnfinished = untilMs !== undefined && unsealedFromMs(record) < untilMs;
  // What its lane brought before it left is not sealed yet: it goes on as if it had never left, and sealing fetches what is between.
  if (isUnfinished)
    return {
      ...kept,
      status: 'collected',
      ...(backfill && { backfill }),
      ...(historyFromMs !== undefined && { historyFromMs }),
    };
  const { cursor, ...rest } = kept;
  const { sinceMs } = newRecord(record.series, record.lane, nowMs);
  const isHistory = backfill?.askedBy === 'history';
  const past = historyAfterAbsence(record, want, { sinceMs, nowMs }) ?? (isHistory ? undefined : backfill);
  return {
    ...{ ...rest, status: 'collected', sinceMs },
    // Payments of the time between are few. Its trades nobody asked for, and they would come before those of now.
    ...(cursor && record.series.kind === 'funding' && { cursor }),
    ...(past && { backfill: past }),
  };
}

/**
 * Of a series that was away for less time than the past that is wanted of it, what is missing: the rest of its history, and the time
 * that it was away. It covers what was there before, too, as something that is done.
 */
function historyAfterAbsence(
  record: SeriesRecord,
  { series, historyMs }: WantedSeries,
  { sinceMs, nowMs }: { sinceMs: number; nowMs: number },
): Backfill | undefined {
  const { backfill, untilMs } = record;
  if (series.kind !== 'candles' || historyMs === undefined || untilMs === undefined) return undefined;
  const wantedFromMs = openTimeOf(series.timeframe, nowMs - historyMs);
  if (isUnderWay(backfill)) {
    const isGoingOn = backfill.askedBy === 'history' && backfill.doneToMs >= wantedFromMs;
    return isGoingOn ? { ...backfill, toMs: sinceMs } : undefined;
  }
  const doneToMs = unsealedFromMs(record);
  if (doneToMs < wantedFromMs) return undefined;
  const span = { fromMs: reachOf(record), toMs: sinceMs, doneToMs };
  return { ...span, startedAtMs: nowMs, candles: 0, requests: 0, askedBy: 'history' };
}

/** From when on a series is not sealed. */
export const unsealedFromMs = ({ sealed, sinceMs }: Pick<SeriesRecord, 'sealed' | 'sinceMs'>): number =>
  Math.max(sinceMs, sealed === undefined ? sinceMs : spanOfPeriod(sealed).toMs);

/** Begins to fetch the past, one stretch at a time; whose turn it is, and whether it is done, is in the record. */
function withHistory(record: SeriesRecord, { historyMs }: WantedSeries, nowMs: number): SeriesRecord {
  const { series, backfill, listedFromMs = Number.NEGATIVE_INFINITY } = record;
  if (series.kind !== 'candles' || historyMs === undefined || isUnderWay(backfill)) return record;
  const reachedMs = reachOf(record);
  const isNews = reachedMs !== (record.historyFromMs ?? record.sinceMs);
  const known = isNews ? { ...record, historyFromMs: reachedMs } : record;
  const fromMs = Math.max(openTimeOf(series.timeframe, nowMs - historyMs), listedFromMs);
  if (fromMs >= reachedMs) return known;
  const begun = { fromMs, toMs: reachedMs, doneToMs: fromMs, startedAtMs: nowMs };
  return { ...known, backfill: { ...begun, candles: 0, requests: 0, askedBy: 'history' } };
}

/** True until it has ended. */
export const isUnderWay = (backfill: Backfill | undefined): backfill is Backfill =>
  backfill !== undefined && backfill.endedAtMs === undefined;

/** From when on everything was fetched: a backfill counts where it reaches up to what there was before. */
export function reachOf({ sinceMs, historyFromMs = sinceMs, backfill }: SeriesRecord): number {
  if (backfill === undefined || backfill.doneToMs < historyFromMs) return historyFromMs;
  return Math.min(historyFromMs, backfill.fromMs);
}
