/** What has to be done now. */
import type { VenueId } from '../ids.ts';
import type { CandleJob, SymbolRanking } from '../ports/candles.ts';
import { lastCollectMs, lastRepeatMs, lastSealMs, repeatMs, sealedBy } from './due-times.ts';
import { isUnderWay, unsealedFromMs } from './plan-collection.ts';
import type { Wanted } from './select-series.ts';
import { type CandleSeries, type Lane, laneKeyOf, partOf, seriesKeyOf } from './series.ts';
import type { Backfill, SeriesRecord } from './series-record.ts';
import { type Period, periodOf } from './timeframe.ts';
import { fillDueMs } from './unfilled.ts';

const minuteMs = 60_000;
/** Backfills of one venue that go on at a time, and how many of those that stand still are tried beside them. */
export const backfillsMax = 4;
export const stalledMax = 1;
/**
 * A backfill that came no further is gone on with as often, though queues take no job twice within five minutes. No more often than
 * an invocation may take, so that jobs do not pile up while a venue answers nobody.
 */
export const backfillTurnMs = 2 * minuteMs;
/** Fills that are handed out at once; what is beyond waits for the next time. */
export const fillsMax = 500;
/** How old a ranking may be. */
export const rankingAgeMaxMs = 86_400_000;

export interface PlanningTime {
  nowMs: number;
  /**
   * When this was asked last, so that nothing is handed out twice; what was due since is handed out now, however long ago it was.
   * Absent where nobody knows: then everything is handed out that may be due.
   */
  lastPlannedMs?: number;
  rankings: ReadonlyMap<VenueId, SymbolRanking>;
}

/**
 * The jobs that became due since the last time. A lane that missed several of its turns is due once, since a run fetches all there is
 * since the one before. What has to be done until it succeeds (sealing, filling, ranking, backfilling) is handed out again until the
 * records say that it is done.
 *
 * @param records as they are after `planRecords`
 */
export function dueJobs(records: readonly SeriesRecord[], wanted: Wanted, time: PlanningTime): CandleJob[] {
  return [
    ...collectJobs(records, wanted, time),
    ...sealJobs(records, time),
    ...rankJobs(wanted, time),
    ...backfillJobs(records, time),
    ...fillJobs(records, time),
  ];
}

const isDue = (atMs: number | undefined, { nowMs, lastPlannedMs = Number.NEGATIVE_INFINITY }: PlanningTime): boolean =>
  atMs !== undefined && atMs <= nowMs && atMs > lastPlannedMs;

/** One that failed is left alone for a while. */
const isWaiting = ({ failure }: SeriesRecord, { nowMs }: PlanningTime): boolean =>
  failure !== undefined && failure.retryAtMs > nowMs;

function groupByLane(records: readonly SeriesRecord[]): { lane: Lane; members: SeriesRecord[] }[] {
  const lanes = new Map<string, { lane: Lane; members: SeriesRecord[] }>();
  for (const record of records) {
    const { series, lane: number } = record;
    const lane = { venue: series.venue, part: partOf(series), number };
    const group = lanes.get(laneKeyOf(lane)) ?? { lane, members: [] };
    lanes.set(laneKeyOf(lane), group);
    group.members.push(record);
  }
  return [...lanes.values()];
}

function collectJobs(records: readonly SeriesRecord[], wanted: Wanted, time: PlanningTime): CandleJob[] {
  const every = new Map(wanted.series.map(({ series, everyMs }) => [seriesKeyOf(series), everyMs]));
  const everyOf = ({ series }: SeriesRecord) => every.get(seriesKeyOf(series));
  const collected = records.filter((record) => record.status === 'collected' && everyOf(record) !== undefined);
  return groupByLane(collected).flatMap(({ lane, members }) => {
    const ready = members.filter((record) => !isWaiting(record, time));
    if (ready.length === 0) return [];
    const everyMs = Math.min(...members.map((record) => everyOf(record) as number));
    // Who failed is tried again when its pause is over, however long it is until the lane's next turn.
    const retries = ready.map(({ failure }) => Math.ceil((failure?.retryAtMs ?? 0) / minuteMs) * minuteMs);
    const plannedAtMs = Math.max(
      lastCollectMs(lane, everyMs, time.nowMs),
      ...retries.filter((atMs) => atMs <= time.nowMs),
    );
    return isDue(plannedAtMs, time) ? [{ job: 'collect' as const, lane, plannedAtMs }] : [];
  });
}

/**
 * The oldest period that is not sealed of a series, over or not; `undefined` where nothing is left to be sealed. A seal job is for
 * those series of its lane of which it is this one: if one were passed over, nothing would ever come back to it.
 */
export function periodToSeal(record: SeriesRecord): Period | undefined {
  const timeframe = sealedBy(partOf(record.series));
  const fromMs = unsealedFromMs(record);
  const isLeft = record.status === 'collected' || fromMs < (record.untilMs ?? Number.NEGATIVE_INFINITY);
  return timeframe === undefined || !isLeft ? undefined : periodOf(timeframe, fromMs);
}

/** One job for each lane and period: the oldest that each of its series lacks, so that none is passed over. */
function sealJobs(records: readonly SeriesRecord[], time: PlanningTime): CandleJob[] {
  const ready = records.filter((record) => !isWaiting(record, time));
  return groupByLane(ready).flatMap(({ lane, members }) => {
    const periods = new Set(members.map(periodToSeal).filter((period) => period !== undefined));
    return [...periods]
      .filter((period) => isDue(lastSealMs(lane, period, time.nowMs), time))
      .sort()
      .map((period) => ({ job: 'seal' as const, lane, period }));
  });
}

function rankJobs({ ranked }: Wanted, time: PlanningTime): CandleJob[] {
  return ranked.flatMap((venue) => {
    const ranking = time.rankings.get(venue);
    const fromMs = ranking === undefined ? 0 : ranking.atMs + rankingAgeMaxMs;
    const plannedAtMs = lastRepeatMs(fromMs, time.nowMs);
    return plannedAtMs !== undefined && isDue(plannedAtMs, time) ? [{ job: 'rank' as const, venue, plannedAtMs }] : [];
  });
}

type Backfilled = SeriesRecord & { series: CandleSeries; backfill: Backfill };

/** Those that people asked for go first, then those that began first. */
function backfillJobs(records: readonly SeriesRecord[], time: PlanningTime): CandleJob[] {
  if (!isDue(Math.floor(time.nowMs / minuteMs) * minuteMs, time)) return [];
  const byVenue = new Map<VenueId, Backfilled[]>();
  for (const record of records.filter((each) => isBackfilled(each) && !isWaiting(each, time)) as Backfilled[]) {
    byVenue.set(record.series.venue, [...(byVenue.get(record.series.venue) ?? []), record]);
  }
  return [...byVenue.values()].flatMap((those) => {
    const inOrder = those.sort((a, b) => orderOf(a) - orderOf(b) || a.backfill.startedAtMs - b.backfill.startedAtMs);
    const stalled = inOrder.filter(({ backfill }) => backfill.cause !== undefined);
    const moving = inOrder.filter(({ backfill }) => backfill.cause === undefined).slice(0, backfillsMax);
    // Each of those that stand still has its turn, so that one that never works holds none of the others up.
    const turn = Math.floor(time.nowMs / repeatMs) % Math.max(stalled.length, 1);
    const tried = stalled.slice(turn, turn + stalledMax);
    return [...moving, ...tried].map(({ series, backfill: { doneToMs } }) => ({
      job: 'backfill' as const,
      series,
      doneToMs,
      turnMs: Math.floor(time.nowMs / backfillTurnMs) * backfillTurnMs,
    }));
  });
}

const orderOf = ({ backfill }: Backfilled): number => (backfill.askedBy === 'person' ? 0 : 1);

/** What collection.yaml wants of the past ends with its series; what a person asked for does not. */
const isBackfilled = ({ series, status, backfill }: SeriesRecord): boolean =>
  series.kind === 'candles' && isUnderWay(backfill) && (status === 'collected' || backfill.askedBy === 'person');

/** Those that wait longest first. */
function fillJobs(records: readonly SeriesRecord[], time: PlanningTime): CandleJob[] {
  const due = records.flatMap((record) => {
    const { series, unfilled = [] } = record;
    if (series.kind !== 'candles' || isWaiting(record, time)) return [];
    return unfilled.map((each) => ({ series, period: each.period, dueMs: fillDueMs(each) }));
  });
  return due
    .filter(({ dueMs }) => isDue(lastRepeatMs(dueMs, time.nowMs), time))
    .sort((a, b) => a.dueMs - b.dueMs)
    .slice(0, fillsMax)
    .map(({ series, period }) => ({ job: 'fill' as const, series, period }));
}
