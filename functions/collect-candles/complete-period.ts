/** Asks for a period as a whole, fills what is missing, and writes it where it stays. */
import {
  type CandleBlock,
  type CandleColumns,
  checkCandles,
  emptyColumns,
  findGaps,
  findOutliers,
  mergeColumns,
  noteUnfilled,
  type Period,
  type SeriesRecord,
  type Span,
  spanOfPeriod,
} from '@nightdesk/core';
import { askSpan, type Source, type Told } from './ask-span.ts';
import { rebuildFromTrades, tellsOldTrades } from './ask-trades.ts';
import { checkDerived } from './check-derived.ts';
import type { Trouble } from './failures.ts';
import { type CandleRecord, closedToMs } from './lane-state.ts';
import { expectedFromMs, mergePeriod, type PeriodFacts } from './merge-period.ts';
import type { CollectRound } from './round.ts';
import { loadPeriod, writePeriod } from './store-period.ts';
import { tellClosed, tellQuarantined, tellRebuilt, tellRevised } from './tell-candles.ts';
import { countBlock } from './totals.ts';

export interface PeriodTask {
  /** Absent where nobody is asked. */
  source?: Source;
  record: CandleRecord;
  period: Period;
  /** What the lane has brought; and of which span, where that is an answer to go by. */
  recent?: { candles: CandleColumns; asked?: Span };
  /** For trades of what is missing. */
  questionsMax: number;
  /** Compares with what other venues, and the venue's own longer candles, show. */
  isChecked: boolean;
  /** What is written is the period as a whole, and the last one of which that is so. */
  seals?: boolean;
}

/** What became of it. With trouble nothing was written. */
export type PeriodOutcome =
  | { kind: 'written'; record: SeriesRecord | undefined }
  | { kind: 'trouble'; trouble: Trouble };

/** Safe to repeat: what is written is the same again. Of a period that is not over, what has closed. */
export async function completePeriod(
  task: PeriodTask & { source: Source },
  round: CollectRound,
): Promise<PeriodOutcome> {
  const { source, period } = task;
  const { fromMs, toMs } = spanOfPeriod(period);
  const span = { fromMs, toMs: Math.min(toMs, closedToMs(source.series.timeframe, round.clock.nowMs())) };
  if (span.toMs <= fromMs) return { kind: 'written', record: task.record };
  const told = await askSpan(source, span, round);
  // Half a period is not written as a whole one.
  if (told.trouble !== undefined) return { kind: 'trouble', trouble: told.trouble };
  if (told.toMs < span.toMs) return { kind: 'trouble', trouble: outOfTime };
  const record = await storeTold(task, told, round);
  return { kind: 'written', record };
}

/** Writes what the lane has brought of a period of which the venue tells nothing. What is missing is asked for later. */
export function keepRecent(
  { record, period, recent }: Required<Pick<PeriodTask, 'record' | 'period' | 'recent'>>,
  round: CollectRound,
): Promise<SeriesRecord | undefined> {
  const span = spanOfPeriod(period);
  const told: Told = { candles: [], untold: [span], toMs: span.toMs, questions: 0, answers: 0 };
  return storeTold({ record, period, recent, questionsMax: 0, isChecked: false, seals: true }, told, round);
}

const outOfTime: Trouble = {
  kind: 'not_asked',
  cause: { code: 'not_sent', message: 'there was no time left to ask for all of it' },
};

async function storeTold(task: PeriodTask, told: Told, round: CollectRound): Promise<SeriesRecord | undefined> {
  const { source, record, period, isChecked, seals = false } = task;
  const { before, merged } = await mergeTold(task, told, round);
  const { series } = record;
  await tellRevised(series, merged.revisions, round);
  await tellQuarantined(series, merged.quarantined, round);
  await tellRebuilt(series, merged.rebuilt, round);
  await tellClosed(series, merged.closed, round);
  await round.candles.quarantine(merged.quarantined);
  const written = await writePeriod(series, merged.block, round);
  if (merged.releasedMs.length > 0) await round.candles.releaseQuarantine(series, merged.releasedMs);
  if (isChecked && source !== undefined) await checkDerived(source, merged.block, round);
  const isOpen = merged.block.gaps.some(({ kind }) => kind === 'open');
  return round.records.change(record, (current) => {
    const { unfilled: _, ...rest } = current;
    const unfilled = noteUnfilled(current, period, { isOpen, askedAtMs: round.clock.nowMs() });
    const after = { block: merged.block, ...written };
    return {
      ...rest,
      // With what it adds to the totals, so that it is counted once wherever this is killed.
      ...(seals && { sealed: period }),
      totals: countBlock(
        current.totals,
        { before: seals ? countedOf(current, before, period) : before, after },
        series.timeframe,
      ),
      ...(unfilled !== undefined && { unfilled }),
    };
  });
}

/**
 * A block that a sealing wrote which was killed before it could count it is not counted yet; it is as complete as sealing makes it,
 * and the record does not know of that.
 */
function countedOf({ sealed = '' }: SeriesRecord, before: CandleBlock | undefined, period: Period) {
  const isUncounted = before !== undefined && period > sealed && before.checkedToMs >= spanOfPeriod(period).toMs;
  return isUncounted ? undefined : before;
}

/** Everything that is known of the period, and what follows from it. */
export async function mergeTold(
  task: Pick<PeriodTask, 'source' | 'record' | 'period' | 'recent' | 'questionsMax' | 'isChecked'>,
  told: Told,
  round: CollectRound,
) {
  const { record, period, recent, isChecked } = task;
  const { series, listedFromMs } = record;
  const span = spanOfPeriod(period);
  const [before, quarantine, incidents, others] = await Promise.all([
    loadPeriod(series, period, round),
    round.candles.readQuarantine(series, span),
    round.series.incidents(series.venue, span),
    isChecked ? othersOf(record, period, round) : [],
  ]);
  const nowMs = round.clock.nowMs();
  const facts: PeriodFacts = {
    ...{ series, period, before, told, incidents, nowMs },
    ...(recent && { recent }),
    ...(listedFromMs !== undefined && { listedFromMs }),
    wantedFromMs: wantedFromOf(record),
    quarantinedMs: quarantine.map(({ openMs }) => openMs),
    outliersOf: (candles) => findOutliers(candles, others, round.config.collection.outlierPercent),
  };
  const rebuilt = await rebuildMissing(task, facts, round);
  return { before, merged: mergePeriod({ ...facts, ...(rebuilt && { rebuilt }) }) };
}

/** Collected from then on, or asked for by somebody. */
const wantedFromOf = ({ sinceMs, historyFromMs = sinceMs, backfill }: CandleRecord): number =>
  Math.min(sinceMs, historyFromMs, backfill?.fromMs ?? sinceMs);

/** Of what is missing after the venue was asked for candles again and again. */
async function rebuildMissing(
  { source, questionsMax }: Pick<PeriodTask, 'source' | 'questionsMax'>,
  facts: PeriodFacts,
  round: CollectRound,
) {
  if (source === undefined || questionsMax === 0 || !tellsOldTrades(source)) return undefined;
  const { series, period, before, recent, told, nowMs } = facts;
  const { candles } = checkCandles(told.candles, { series, nowMs });
  const there = mergeColumns(mergeColumns(before?.candles ?? emptyColumns, recent?.candles ?? emptyColumns), candles);
  const span = { fromMs: expectedFromMs(facts), toMs: Math.min(spanOfPeriod(period).toMs, told.toMs) };
  if (span.fromMs >= span.toMs) return undefined;
  const gaps = findGaps(there, { timeframe: series.timeframe, span }, before?.gaps);
  const unknown = gaps.filter(({ kind, by }) => kind === 'open' || by !== 'trades');
  return unknown.length === 0 ? undefined : rebuildFromTrades(source, unknown, { round, questionsMax });
}

/** What other venues have of the same market and period. */
async function othersOf({ series }: CandleRecord, period: Period, { series: store, candles }: CollectRound) {
  const venues = (await store.venues()).filter((venue) => venue !== series.venue);
  const blocks = await Promise.all(venues.map((venue) => candles.readBlock({ ...series, venue }, period)));
  return blocks.flatMap((block) => (block === undefined ? [] : [block.candles]));
}
