/** Makes complete blocks and files of a period that is over, for the series of a lane. */
import {
  type CandleColumns,
  type CandleJob,
  cutColumns,
  emptyColumns,
  type LaneRow,
  laneRunMsMax,
  type Market,
  mergeColumns,
  type Period,
  periodOf,
  periodToSeal,
  type SeriesRecord,
  type Span,
  seriesKeyOf,
  spanOfPeriod,
  type TickSeries,
} from '@nightdesk/core';
import { completePeriod, keepRecent } from './complete-period.ts';
import { type Trouble, troubleOf, unlistedCause } from './failures.ts';
import { type CandleRecord, isCandleRecord } from './lane-state.ts';
import { type CollectRound, type CollectVenue, hasTime } from './round.ts';
import { expireHot } from './store-period.ts';
import { withoutHot } from './totals.ts';
import { type Attempt, clearFailure, noteTroubles } from './troubles.ts';

type SealJob = Extract<CandleJob, { job: 'seal' }>;

/** Questions for trades of what is missing. */
const tradeQuestionsMax = 10;
/** For so long after a period its venue is waited for; then what its rows have is written, before they expire. */
const waitedForMs = 2 * 86_400_000;

/**
 * Safe to repeat: what is sealed is passed over, and so is a series of which an older period is left, since nobody would come back to
 * that one. What does not fit into the time goes on behind the last series that did.
 *
 * @throws the first error that is none of the venue, after all others had their turn: a file that is damaged holds up its own series only
 */
export async function sealLane(job: SealJob, round: CollectRound): Promise<void> {
  const { lane, period, after = '' } = job;
  const records = await round.records.of(lane.venue, round.clock.nowMs());
  const members = records
    .filter((record) => record.lane === lane.number && partIs(record, lane.part) && periodToSeal(record) === period)
    .filter(({ series }) => series.symbol > after)
    .sort((left, right) => (left.series.symbol < right.series.symbol ? -1 : 1));
  const work = lane.part === 'trades' ? compactor(period, round) : await sealer(job, members, round);
  const attempts: Attempt[] = [];
  const errors: unknown[] = [];
  let last = after;
  for (const record of members) {
    try {
      const attempt: Attempt = { record, isAnswered: true, ...(await work(record)) };
      attempts.push(attempt);
      const isDone = attempt.trouble?.kind !== 'not_asked';
      if (isDone) last = record.series.symbol;
    } catch (error) {
      errors.push(error);
      round.telemetry.failure(`${period} of ${seriesKeyOf(record.series)} could not be sealed`, error);
    }
    if (hasTime(round)) continue;
    // Where nothing was done, the same job would be none that the queue does not know: the planner sends it again.
    if (last !== after && last !== members.at(-1)?.series.symbol) await round.jobs.send([{ ...job, after: last }]);
    break;
  }
  // Those that are left to be sealed may be just the ones that fail: whether the venue is down is for collecting to say, which asks all.
  const isAnswered = attempts.some((attempt) => attempt.isAnswered);
  await noteTroubles(lane.venue, attempts, { round, isDown: !isAnswered });
  if (errors.length > 0) throw errors[0];
}

const partIs = ({ series }: SeriesRecord, part: string): boolean =>
  series.kind === 'candles' ? series.timeframe === part : series.kind === part;

type Seal = (record: SeriesRecord) => Promise<Partial<Attempt>>;

/** Trades are complete as they are: their files become one. */
function compactor(period: Period, { cold, records, telemetry }: CollectRound): Seal {
  return async (record) => {
    const { trades, bytes } = await cold.compactTrades(record.series as TickSeries, period);
    await records.change(record, (current) => ({ ...current, sealed: period }));
    telemetry.info('trades of a day', { venue: record.series.venue, symbol: record.series.symbol, trades, bytes });
    return {};
  };
}

async function sealer({ lane, period }: SealJob, members: readonly SeriesRecord[], round: CollectRound): Promise<Seal> {
  if (members.length === 0) return async () => ({});
  const [venue, rows] = await Promise.all([
    round.openVenue(lane.venue, round.config, 'patient'),
    round.candles.readLane(lane, askedWithin(lane.part, period), new Set(members.map(({ series }) => series.symbol))),
  ]);
  return async (record) => (isCandleRecord(record) ? sealSeries({ record, period, venue, rows }, round) : {});
}

/**
 * When a lane asks for candles of a period: in it, and in the one after it, where it was down or behind. Later it begins behind the
 * period (`floorOf`), so how far its later rows are says nothing of whether the period was asked for.
 */
function askedWithin(timeframe: string, period: Period): Span {
  const { fromMs, toMs } = spanOfPeriod(period);
  return { fromMs: fromMs - laneRunMsMax, toMs: spanOfPeriod(periodOf(timeframe, toMs)).toMs };
}

interface Sealing {
  record: CandleRecord;
  period: Period;
  venue: CollectVenue;
  rows: readonly LaneRow[];
}

async function sealSeries({ record, period, venue, rows }: Sealing, round: CollectRound): Promise<Partial<Attempt>> {
  const isResting = record.failure !== undefined && record.failure.retryAtMs > round.clock.nowMs();
  if (isResting) return { isAnswered: false };
  const recent = recentOf(record, rows);
  const trouble = await complete({ record, period, venue, ...(recent && { recent }) }, round);
  if (trouble === undefined) return {};
  const { fromMs, toMs } = spanOfPeriod(period);
  const isLate = round.clock.nowMs() - toMs > waitedForMs;
  // What nobody has brought anything of can wait for as long as it takes.
  if (!isLate || recent === undefined || cutColumns(recent.candles, { fromMs, toMs }).openMs.length === 0) {
    return { isAnswered: false, trouble };
  }
  await keepRecent({ record, period, recent }, round);
  return { isAnswered: false };
}

/** @returns why the venue does not tell it */
async function complete(
  { record, period, venue, recent }: Omit<Sealing, 'rows'> & { recent?: Recent },
  round: CollectRound,
): Promise<Trouble | undefined> {
  const { series } = record;
  try {
    const market = await round.findMarket(series.venue, series.symbol);
    if (market === undefined) return { kind: 'refused', cause: unlistedCause(series.venue, series.symbol) };
    const outcome = await completePeriod(
      {
        ...{ source: { venue, market, series }, record, period, questionsMax: tradeQuestionsMax },
        ...{ isChecked: true, seals: true },
        ...(recent && { recent: tellsAll(venue, market) ? recent : { candles: recent.candles } }),
      },
      round,
    );
    if (outcome.kind === 'trouble') return outcome.trouble;
    await finish(outcome.record ?? record, round);
    return undefined;
  } catch (error) {
    return troubleOf(error);
  }
}

/** Where a venue tells only the latest, a lane may have passed over what was not told any more; its rows do not say of what that is so. */
const tellsAll = (venue: CollectVenue, market: Market): boolean => venue.historyOf(market).candles.reach === 'all';

async function finish(record: SeriesRecord, round: CollectRound): Promise<void> {
  const { series } = record;
  const gone = series.kind === 'candles' ? await expireHot(series, round) : 0;
  if (gone > 0) {
    await round.records.change(record, (current) => {
      const hotPeriods = current.totals.hotBytes > 0 ? current.totals.periods : 0;
      return { ...current, totals: withoutHot(current.totals, { periods: gone, hotPeriods }) };
    });
  }
  await clearFailure(record, round);
}

interface Recent {
  candles: CandleColumns;
  asked: Span;
}

/** What the rows of the lane say of a series. */
function recentOf({ series, sinceMs }: CandleRecord, rows: readonly LaneRow[]): Recent | undefined {
  const own = rows.flatMap(({ members }) => members.filter(({ symbol }) => symbol === series.symbol));
  const last = own.at(-1);
  if (last === undefined) return undefined;
  const candles = own.reduce((merged, member) => mergeColumns(merged, member.candles), emptyColumns);
  return { candles, asked: { fromMs: sinceMs, toMs: last.untilMs } };
}
