/** Whether longer candles that are made of stored ones are those that the venue itself shows. */
import {
  type CandleBlock,
  type CandleColumns,
  checkCandles,
  countOpens,
  deriveCandles,
  isDerivable,
  nextOpenTime,
  rowOf,
  type Span,
  spanOfPeriod,
  type ValueColumn,
  valueColumns,
} from '@nightdesk/core';
import { walkCandles } from '../shared/walk-candles.ts';
import type { Source } from './ask-span.ts';
import { troubleOf } from './failures.ts';
import type { CollectRound } from './round.ts';
import { listedMax, tell } from './tell.ts';

/** Long enough that one question tells of a day, short enough that every hour is compared. */
const comparedTimeframe = '1h';
/**
 * Sums of many decimals may be rounded by the venue in their last digits. Some tell an average price instead of the quote volume
 * (Kraken), of which the product is no more exact than that price is.
 */
const shareMaxOf = (column: ValueColumn): number => (column === 'quoteVolume' ? 1e-3 : 1e-6);
const questionsMax = 3;

interface Mismatch {
  openMs: number;
  column: ValueColumn;
  /** As texts, since the journal holds whole numbers only. */
  derived: string;
  venue: string;
}

/** Asks one question; tells what differs, and changes nothing: the venue contradicts itself. */
export async function checkDerived(source: Source, block: CandleBlock, round: CollectRound): Promise<void> {
  const { venue, market, series } = source;
  const to = comparedTimeframe;
  const isComparable = series.timeframe !== to && isDerivable({ from: series.timeframe, to });
  if (!isComparable || !venue.capabilities.timeframes.includes(to) || block.candles.openMs.length === 0) return;
  const walk = { timeframe: to, span: spanOfPeriod(block.period), questionsMax, verifiesEnd: false };
  const told = [];
  try {
    for await (const page of walkCandles(venue, market, walk)) told.push(...page.candles);
  } catch (error) {
    // The period is as good without it.
    const { cause } = troubleOf(error);
    round.telemetry.info('longer candles could not be compared', {
      venue: series.venue,
      symbol: series.symbol,
      ...cause,
    });
    return;
  }
  const own = checkCandles(told, { series: { ...series, timeframe: to }, nowMs: round.clock.nowMs() }).candles;
  const mismatches = mismatchesOf(block, own, { from: series.timeframe, to });
  if (mismatches.length === 0) return;
  const data = { timeframe: to, count: mismatches.length, candles: mismatches.slice(0, listedMax) };
  await tell(series, { type: 'derived.mismatch', data }, round);
}

/** Only candles of which nothing is missing that the venue may have. */
function mismatchesOf(block: CandleBlock, own: CandleColumns, timeframes: { from: string; to: string }): Mismatch[] {
  const { candles, parts, partsWanted } = deriveCandles(block.candles, timeframes);
  const empty = block.gaps.filter(({ kind }) => kind === 'no-trades');
  const theirs = new Map(Array.from(own.openMs, (openMs, index) => [openMs, rowOf(own, index)]));
  return Array.from(candles.openMs).flatMap((openMs, index) => {
    const row = theirs.get(openMs);
    const span = { fromMs: openMs, toMs: nextOpenTime(timeframes.to, openMs) };
    const known = (parts[index] ?? 0) + emptyWithin(empty, span, timeframes.from);
    if (row === undefined || known < (partsWanted[index] ?? 0)) return [];
    const derived = rowOf(candles, index);
    return valueColumns.flatMap((column) => {
      const [made, told] = [derived[column], row[column]];
      if (made === undefined || told === undefined || isNear([made, told], shareMaxOf(column))) return [];
      return [{ openMs, column, derived: String(made), venue: String(told) }];
    });
  });
}

/** Candles of a span that are known not to be. */
const emptyWithin = (empty: readonly Span[], { fromMs, toMs }: Span, timeframe: string): number =>
  empty.reduce((sum, gap) => {
    const within = { fromMs: Math.max(gap.fromMs, fromMs), toMs: Math.min(gap.toMs, toMs) };
    return within.fromMs < within.toMs ? sum + countOpens(timeframe, within) : sum;
  }, 0);

const isNear = ([left, right]: readonly [number, number], shareMax: number): boolean =>
  Math.abs(left - right) <= shareMax * Math.max(Math.abs(left), Math.abs(right));
