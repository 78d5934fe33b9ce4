/** Makes candles of trades, where a venue has no candles of a time but tells what was traded then. */
import {
  amountUnitOf,
  type CandleColumns,
  candlesOfTrades,
  emptyColumns,
  type Gap,
  mergeColumns,
  openTimeOf,
  type PublicTrade,
  type Span,
} from '@nightdesk/core';
import { walkTrades } from '../shared/walk-ticks.ts';
import type { Source } from './ask-span.ts';
import { type Trouble, troubleOf } from './failures.ts';
import { type CollectRound, hasTime } from './round.ts';

export interface Rebuilt {
  candles: CandleColumns;
  /** Spans of which every trade was told. */
  covered: Span[];
  questions: number;
  trouble?: Trouble;
}

/** Of a market that is quiet for minutes, trades of an hour are a page at the most. */
const nearMs = 3_600_000;

/** Whether trades of any time can be asked for: the latest alone say nothing of the past. */
export const tellsOldTrades = ({ venue, market }: Source): boolean => {
  const { methods } = venue.capabilities;
  return methods.fetchTrades !== undefined && venue.historyOf(market).trades.reach === 'all';
};

/** @param gaps in order and without overlap; those behind what `questionsMax` questions tell are left alone */
export async function rebuildFromTrades(
  source: Source,
  gaps: readonly (Gap | Span)[],
  { round, questionsMax }: { round: CollectRound; questionsMax: number },
): Promise<Rebuilt> {
  const { market, series } = source;
  const rebuilt: Rebuilt = { candles: emptyColumns, covered: [], questions: 0 };
  for (const span of runsOf(gaps)) {
    const left = questionsMax - rebuilt.questions;
    if (left <= 0 || !hasTime(round)) break;
    const read = await readTrades(source, span, { round, questionsMax: left });
    rebuilt.questions += read.questions;
    const made = candlesOfTrades(read.trades, series.timeframe, { ...read.span, amountUnit: amountUnitOf(market) });
    rebuilt.candles = mergeColumns(rebuilt.candles, made);
    rebuilt.covered.push(read.span);
    if (read.trouble !== undefined) rebuilt.trouble = read.trouble;
    if (read.span.toMs < span.toMs) break;
  }
  return rebuilt;
}

/** One walk for gaps that lie near each other: a page of trades of a thin market tells of many of them. */
function runsOf(gaps: readonly Span[]): Span[] {
  const runs: Span[] = [];
  for (const { fromMs, toMs } of gaps) {
    const last = runs.at(-1);
    if (last !== undefined && fromMs - last.toMs <= nearMs) last.toMs = toMs;
    else runs.push({ fromMs, toMs });
  }
  return runs;
}

/** As far as time, questions and the venue reach; whole candles only. What was told before something stood in the way is good. */
async function readTrades(
  { venue, market, series }: Source,
  span: Span,
  { round, questionsMax }: { round: CollectRound; questionsMax: number },
): Promise<{ trades: PublicTrade[]; span: Span; questions: number; trouble?: Trouble }> {
  const trades: PublicTrade[] = [];
  let [toMs, questions, trouble] = [span.fromMs, 0, undefined as Trouble | undefined];
  try {
    for await (const page of walkTrades(venue, market, { span, questionsMax })) {
      questions += page.questions;
      if (!page.isTold) break;
      trades.push(...page.entries);
      toMs = page.span.toMs;
      if (!hasTime(round)) break;
    }
  } catch (error) {
    trouble = troubleOf(error);
  }
  return {
    trades,
    span: { fromMs: span.fromMs, toMs: toMs >= span.toMs ? toMs : openTimeOf(series.timeframe, toMs) },
    questions,
    ...(trouble && { trouble }),
  };
}
