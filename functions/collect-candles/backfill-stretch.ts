/** A few periods of a backfill: asked for together, and stored one by one. */
import {
  type Backfill,
  type Candle,
  countOpens,
  metricNames,
  noteUnfilled,
  type Period,
  periodOf,
  periodsOf,
  type Span,
  spanOfPeriod,
} from '@nightdesk/core';
import { askSpan, type Source, type Told } from './ask-span.ts';
import { tellsOldTrades } from './ask-trades.ts';
import type { BackfilledRecord } from './backfill.ts';
import { mergeTold } from './complete-period.ts';
import { closedToMs } from './lane-state.ts';
import type { MergedPeriod } from './merge-period.ts';
import { type CollectRound, hasTime, inLanes } from './round.ts';
import { writePeriod } from './store-period.ts';
import { tellQuarantined, tellRebuilt, tellRevised } from './tell-candles.ts';
import { countBlock } from './totals.ts';

/** Some dozens of pages, which is what a venue is asked for in a second or two. */
const candlesMax = 30_000;
const periodsMax = 40;
const periodsAtOnce = 6;
/** For trades of a period whose candles the venue does not tell. */
const tradeQuestionsMax = 400;

export interface Stretch {
  span: Span;
  periods: readonly Period[];
}

/** What comes next; `undefined` where nothing is left, or has closed yet. Whole periods, so that none is written half and never completed. */
export function stretchOf({ series, backfill }: BackfilledRecord, { clock }: CollectRound): Stretch | undefined {
  const { timeframe } = series;
  const { doneToMs, toMs } = backfill;
  if (doneToMs >= toMs) return undefined;
  const fromMs = spanOfPeriod(periodOf(timeframe, doneToMs)).fromMs;
  const lastMs = spanOfPeriod(periodOf(timeframe, toMs - 1)).toMs;
  // Of the period that is not over yet, what has closed; the rest is what collecting brings.
  const endMs = Math.min(lastMs, closedToMs(timeframe, clock.nowMs()));
  if (endMs <= doneToMs) return undefined;
  const first = countOpens(timeframe, spanOfPeriod(periodOf(timeframe, fromMs)));
  const count = Math.max(1, Math.min(periodsMax, Math.floor(candlesMax / Math.max(1, first))));
  const periods = periodsOf(timeframe, { fromMs, toMs: endMs }).slice(0, count);
  const last = periods.at(-1);
  if (last === undefined) return undefined;
  return { span: { fromMs, toMs: Math.min(spanOfPeriod(last).toMs, endMs) }, periods };
}

export const askStretch = (stretch: Stretch, source: Source, round: CollectRound): Promise<Told> =>
  askSpan(source, stretch.span, round);

export interface AskedStretch {
  record: BackfilledRecord;
  source: Source;
  stretch: Stretch;
  told: Told;
}

/**
 * Stores the periods that were told as a whole, a few side by side, and after each few how far it has come.
 *
 * @returns the record as it is now; `undefined` where the backfill is nobody's any more
 */
export async function storeStretch(asked: AskedStretch, round: CollectRound): Promise<BackfilledRecord | undefined> {
  const { stretch, told } = asked;
  let record: BackfilledRecord | undefined = asked.record;
  let requests = told.questions;
  const { timeframe } = asked.record.series;
  const candlesOf = Map.groupBy(told.candles, ({ openTimeMs }) => periodOf(timeframe, openTimeMs));
  const whole = stretch.periods.filter((period) => Math.min(spanOfPeriod(period).toMs, stretch.span.toMs) <= told.toMs);
  for (let start = 0; start < whole.length && record !== undefined; start += periodsAtOnce) {
    const current: BackfilledRecord = record;
    const group = whole.slice(start, start + periodsAtOnce);
    const stored = await inLanes(group, periodsAtOnce, (period) =>
      storePeriod(period, { ...asked, record: current, candlesOf }, round),
    );
    record = await advance(current, { stored, requests, endMs: stretch.span.toMs }, round);
    requests = 0;
    // What is to be made of trades takes longer: the rest of the stretch is asked for again behind it.
    if (stored.some(({ isWhole }) => !isWhole) || !hasTime(round)) break;
  }
  return whole.length > 0 ? record : advance(asked.record, { stored: [], requests, endMs: stretch.span.toMs }, round);
}

interface StoredPeriod {
  period: Period;
  isWhole: boolean;
  before: MergedPeriod['block'] | undefined;
  merged: MergedPeriod;
  hotBytes: number;
  coldBytes: number;
}

type SortedStretch = AskedStretch & { candlesOf: ReadonlyMap<Period, Candle[]> };

async function storePeriod(period: Period, asked: SortedStretch, round: CollectRound): Promise<StoredPeriod> {
  const { record, source, told } = asked;
  const span = spanOfPeriod(period);
  const within = (at: Span) => at.fromMs < span.toMs && at.toMs > span.fromMs;
  const untold = told.untold.filter(within);
  const own: Told = {
    candles: asked.candlesOf.get(period) ?? [],
    ...{ untold, toMs: Math.min(told.toMs, span.toMs), questions: 0, answers: told.answers },
  };
  const isMade = untold.length > 0 && tellsOldTrades(source);
  const questionsMax = isMade ? tradeQuestionsMax : 0;
  const { before, merged } = await mergeTold({ source, record, period, questionsMax, isChecked: false }, own, round);
  const { series } = record;
  await tellRevised(series, merged.revisions, round);
  await tellQuarantined(series, merged.quarantined, round);
  await tellRebuilt(series, merged.rebuilt, round);
  await round.candles.quarantine(merged.quarantined);
  const written = await writePeriod(series, merged.block, round);
  if (merged.releasedMs.length > 0) await round.candles.releaseQuarantine(series, merged.releasedMs);
  const isLeft = (gap: Span & { by?: string }) =>
    gap.by !== 'trades' && untold.some((at) => gap.fromMs < at.toMs && gap.toMs > at.fromMs);
  return { period, before, merged, isWhole: !isMade || !merged.block.gaps.some(isLeft), ...written };
}

interface Progress {
  stored: readonly StoredPeriod[];
  requests: number;
  /** Of the stretch. */
  endMs: number;
}

async function advance(
  record: BackfilledRecord,
  { stored, requests, endMs }: Progress,
  round: CollectRound,
): Promise<BackfilledRecord | undefined> {
  const { series } = record;
  const firstLeft = stored.findIndex(({ isWhole }) => !isWhole);
  const done = firstLeft < 0 ? stored : stored.slice(0, firstLeft);
  const lastPeriod = done.at(-1)?.period;
  const reachedMs = lastPeriod === undefined ? 0 : Math.min(spanOfPeriod(lastPeriod).toMs, endMs);
  const candles = stored.reduce((sum, { before, merged }) => sum + newIn(merged, before), 0);
  const nowMs = round.clock.nowMs();
  const changed = await round.records.change(record, (current) => {
    const { backfill, unfilled: _, ...rest } = current;
    if (
      backfill === undefined ||
      backfill.endedAtMs !== undefined ||
      backfill.startedAtMs !== record.backfill.startedAtMs
    ) {
      return undefined;
    }
    const { cause: _cause, ...going } = backfill;
    const next: Backfill = {
      ...(done.length > 0 ? going : backfill),
      doneToMs: Math.max(backfill.doneToMs, reachedMs),
      candles: backfill.candles + candles,
      requests: backfill.requests + requests,
    };
    const noted = done.reduce<Parameters<typeof noteUnfilled>[0]>((known, { period, merged }) => {
      const isOpen = merged.block.gaps.some(({ kind }) => kind === 'open');
      const unfilled = noteUnfilled(known, period, { isOpen, askedAtMs: nowMs });
      return unfilled === undefined ? {} : { unfilled };
    }, current);
    const totals = stored.reduce(
      (sum, { before, merged, hotBytes, coldBytes }) =>
        countBlock(sum, { before, after: { block: merged.block, hotBytes, coldBytes } }, series.timeframe),
      current.totals,
    );
    return { ...rest, ...noted, totals, backfill: next };
  });
  round.telemetry.count(metricNames.candlesBackfilled, candles, series.venue);
  if (changed?.backfill === undefined || changed.backfill.startedAtMs !== record.backfill.startedAtMs) return undefined;
  return { ...changed, series, backfill: changed.backfill };
}

const newIn = ({ block }: MergedPeriod, before: MergedPeriod['block'] | undefined): number =>
  Math.max(0, block.candles.openMs.length - (before?.candles.openMs.length ?? 0));
