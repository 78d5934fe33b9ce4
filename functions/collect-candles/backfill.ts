/** Fetches the past of a series, oldest first, a stretch at a time. How far it has come is in the record alone. */
import {
  type Backfill,
  type CandleJob,
  type Cause,
  isUnderWay,
  openTimeOf,
  periodOf,
  spanOfPeriod,
} from '@nightdesk/core';
import type { Source } from './ask-span.ts';
import { tellsOldTrades } from './ask-trades.ts';
import { askStretch, type Stretch, storeStretch, stretchOf } from './backfill-stretch.ts';
import { type Trouble, troubleOf, unlistedCause } from './failures.ts';
import { findFirst, hasNothingBefore } from './find-first.ts';
import { type CandleRecord, isCandleRecord, settleMs } from './lane-state.ts';
import { type CollectRound, hasTime } from './round.ts';

type BackfillJob = Extract<CandleJob, { job: 'backfill' }>;
export type BackfilledRecord = CandleRecord & { backfill: Backfill };

/** How long it rests when the request limit is used up by others. */
const restMs = 1_000;
/** Rests of one invocation. */
const restsMax = 60;

/**
 * Goes on until the time is over, and then by another job. Safe to be killed at any moment: what is not in the record is fetched
 * again. Of two jobs for one place the second finds the record further on and leaves it to the job that follows from there.
 */
export async function backfill({ series, doneToMs }: BackfillJob, round: CollectRound): Promise<void> {
  const record = await round.records.get(series);
  if (!isBackfilled(record) || record.backfill.doneToMs !== doneToMs) return;
  const market = await round.findMarket(series.venue, series.symbol);
  if (market === undefined) return stall(record, unlistedCause(series.venue, series.symbol), round);
  const venue = await round.openVenue(series.venue, round.config, 'patient');
  const source: Source = { venue, market, series };
  const begun = await begin(record, source, round);
  if (begun === undefined) return;
  const left = await goOn(begun, source, round);
  // Where nothing was fetched, the same job would be none that the queue does not know: the planner sends it again.
  if (left !== undefined && left.backfill.doneToMs > doneToMs) {
    await round.jobs.send([{ job: 'backfill', series, doneToMs: left.backfill.doneToMs }]);
  }
}

const isBackfilled = (record: unknown): record is BackfilledRecord =>
  record !== undefined && isCandleRecord(record as CandleRecord) && isUnderWay((record as CandleRecord).backfill);

/**
 * Looks where the market begins, the first time, and rests while the request limit is used up by others.
 *
 * @returns `undefined` where there is nothing to be done now
 */
async function begin(
  record: BackfilledRecord,
  source: Source,
  round: CollectRound,
): Promise<BackfilledRecord | undefined> {
  for (let rests = 0; ; rests += 1) {
    try {
      return await findBeginning(record, source, round);
    } catch (error) {
      const trouble = troubleOf(error);
      if (trouble.kind !== 'not_asked') {
        await stall(record, trouble.cause, round);
        return undefined;
      }
      if (rests >= restsMax || !hasTime(round)) return undefined;
      await round.clock.sleep(restMs);
    }
  }
}

/** @throws VenueError when the venue does not answer */
async function findBeginning(
  record: BackfilledRecord,
  source: Source,
  round: CollectRound,
): Promise<BackfilledRecord | undefined> {
  const { fromMs, toMs, doneToMs, candles } = record.backfill;
  if (doneToMs > fromMs || candles > 0 || record.listedFromMs !== undefined) return record;
  const { first, questions } = await findFirst(source, { fromMs, toMs });
  if (first.kind === 'untold') return record;
  const atMs = first.kind === 'nothing' ? toMs : openTimeOf(source.series.timeframe, first.atMs);
  // What begins where it was asked for may have begun long before.
  if (atMs <= fromMs) return record;
  const { hasNothing, questions: more } = await hasNothingBefore(source, fromMs);
  // Where it was traded before, what is empty is written down as that.
  if (!hasNothing) return record;
  const changed = await round.records.change(record, (current) => {
    if (!isBackfilled(current)) return undefined;
    const requests = current.backfill.requests + questions + more;
    const moved = { ...current.backfill, requests, doneToMs: Math.max(doneToMs, atMs) };
    return { ...current, backfill: moved, ...(first.kind !== 'later' && { listedFromMs: atMs }) };
  });
  return isBackfilled(changed) ? changed : undefined;
}

/** @returns the record, where there is more to be done */
async function goOn(
  record: BackfilledRecord,
  source: Source,
  round: CollectRound,
): Promise<BackfilledRecord | undefined> {
  let current = record;
  // Nobody comes back for the last candle where nobody collects the series.
  const unsettledMs = Math.min(settleMs, record.backfill.toMs + settleMs - round.clock.nowMs());
  if (unsettledMs > 0) await round.clock.sleep(unsettledMs);
  let stretch: Stretch | undefined = stretchOf(current, round);
  let asking = stretch && ask(stretch, source, round);
  for (let rests = 0; stretch !== undefined && asking !== undefined && rests <= restsMax; ) {
    const told = await asking;
    const following = stretchOf({ ...current, backfill: { ...current.backfill, doneToMs: told.toMs } }, round);
    // The next pages are on their way while these are stored.
    const isWhole = told.trouble === undefined && told.untold.length === 0;
    asking = following !== undefined && isWhole && hasTime(round) ? ask(following, source, round) : undefined;
    const stored = await storeStretch({ record: current, source, stretch, told }, round);
    if (stored === undefined) return undefined;
    const hasMoved = stored.backfill.doneToMs > current.backfill.doneToMs;
    current = stored;
    const { trouble } = told;
    if (trouble !== undefined && trouble.kind !== 'not_asked') return stallAt(current, trouble, round);
    if (!hasTime(round)) break;
    if (trouble !== undefined || !hasMoved) {
      rests += 1;
      await round.clock.sleep(restMs);
    }
    stretch = stretchOf(current, round);
    asking ??= stretch && ask(stretch, source, round);
  }
  return current.backfill.doneToMs >= current.backfill.toMs ? end(current, source, round) : current;
}

/** What fails here is met where it is waited for. */
function ask(stretch: Stretch, source: Source, round: CollectRound) {
  const asking = askStretch(stretch, source, round);
  asking.catch(() => undefined);
  return asking;
}

async function stallAt(record: BackfilledRecord, { cause }: Trouble, round: CollectRound): Promise<undefined> {
  await stall(record, cause, round);
  return undefined;
}

/** The planner tries it again. */
async function stall(record: BackfilledRecord, cause: Cause, round: CollectRound): Promise<void> {
  const { venue, symbol } = record.series;
  round.telemetry.info('a backfill stands still', { venue, symbol, ...cause });
  await round.records.change(record, (current) =>
    isBackfilled(current) ? { ...current, backfill: { ...current.backfill, cause } } : undefined,
  );
}

async function end(record: BackfilledRecord, source: Source, round: CollectRound): Promise<undefined> {
  const { venue, symbol } = record.series;
  const nowMs = round.clock.nowMs();
  const cause = untoldCause(record, source, nowMs);
  await round.records.change(record, (current) => {
    if (!isBackfilled(current)) return undefined;
    return { ...current, backfill: { ...current.backfill, endedAtMs: nowMs, ...(cause && { cause }) } };
  });
  const { candles, requests } = record.backfill;
  round.telemetry.info('a backfill has ended', { venue, symbol, candles, requests, cause: cause?.message });
  return undefined;
}

/** Why not all of it could be had. */
function untoldCause({ backfill, series }: BackfilledRecord, source: Source, nowMs: number): Cause | undefined {
  const { reach } = source.venue.historyOf(source.market).candles;
  if (typeof reach !== 'object') return undefined;
  const { fromMs } = spanOfPeriod(periodOf(series.timeframe, nowMs));
  if (backfill.fromMs >= fromMs) return undefined;
  const instead = tellsOldTrades(source) ? '; what is older was made of trades where it tells those' : '';
  const message = `${series.venue} tells only the latest ${reach.latest} candles of ${series.timeframe}${instead}`;
  return { code: 'not_told', message };
}
