/** How much of what a timeframe's calendar expects is there. */
import type { Gap } from './candle-block.ts';
import { type CandleColumns, cutColumns, emptyColumns } from './columns.ts';
import { findGaps } from './gaps.ts';
import type { SeriesTotals } from './series-record.ts';
import { countOpens, nextOpenTime, openTimeOf, type Span } from './timeframe.ts';

/** Numbers are of candles, unless they say otherwise. */
export interface Coverage {
  /** What was looked at: as asked for, without what was not closed yet and what was before the market was listed. */
  span: Span;
  expected: number;
  present: number;
  /** By kind of gap; together with those present they are the expected ones. */
  missing: SeriesTotals['missing'];
  /** Present of expected, from 0 to 1; absent where none is expected. */
  presentShare?: number;
  /** The same where those count that the venue was shown not to have: `no-trades` and `outage`. */
  coveredShare?: number;
  /** How many gaps there are, and the longest of them. */
  gaps: number;
  longestGap?: Gap;
  /** Open times of the first and last candle present. */
  firstMs?: number;
  lastMs?: number;
  /** How long ago the last one closed, in milliseconds. */
  ageMs?: number;
}

export interface CoverageQuery {
  timeframe: string;
  span: Span;
  nowMs: number;
  /** Open time of the first candle that the venue has, where that is known: none is expected before. */
  listedFromMs?: number;
}

/** Adds up a coverage of candles that are read piece by piece. */
export interface CoverageCount {
  /** @param columns behind all that were added before */
  add(columns: CandleColumns): void;
  /** Call it once, after the last piece. */
  finish(): Coverage;
}

/** @param known gaps in order and without overlap; where candles are present they count for nothing */
export function countCoverage(query: CoverageQuery, known: readonly Gap[]): CoverageCount {
  const { timeframe, nowMs, listedFromMs = Number.NEGATIVE_INFINITY } = query;
  const fromMs = Math.max(query.span.fromMs, listedFromMs);
  const span = { fromMs, toMs: Math.max(fromMs, Math.min(query.span.toMs, openTimeOf(timeframe, nowMs))) };
  const missing = { open: 0, noTrades: 0, outage: 0, quarantined: 0 };
  const seen: Pick<Coverage, 'firstMs' | 'lastMs' | 'longestGap'> = {};
  let [gaps, longest, atMs] = [0, 0, fromMs];

  /** Pieces end with a candle, so no gap lies in two of them. */
  function lookTo(toMs: number, columns: CandleColumns): void {
    for (const gap of findGaps(columns, { timeframe, span: { fromMs: atMs, toMs } }, known)) {
      const count = countOpens(timeframe, gap);
      missing[gap.kind === 'no-trades' ? 'noTrades' : gap.kind] += count;
      gaps += 1;
      if (count > longest) [longest, seen.longestGap] = [count, gap];
    }
    atMs = toMs;
  }

  return {
    add(columns) {
      const within = cutColumns(columns, span);
      const lastMs = within.openMs.at(-1);
      if (lastMs === undefined) return;
      seen.firstMs ??= within.openMs[0];
      seen.lastMs = lastMs;
      lookTo(nextOpenTime(timeframe, lastMs), within);
    },
    finish() {
      lookTo(span.toMs, emptyColumns);
      const expected = countOpens(timeframe, span);
      const present = expected - missing.open - missing.noTrades - missing.outage - missing.quarantined;
      const covered = present + missing.noTrades + missing.outage;
      return {
        ...{ span, expected, present, missing, gaps },
        ...(expected > 0 && { presentShare: present / expected, coveredShare: covered / expected }),
        ...seen,
        ...(seen.lastMs !== undefined && { ageMs: nowMs - nextOpenTime(timeframe, seen.lastMs) }),
      };
    },
  };
}

/** The coverage of candles that are all at hand. @param known as for `countCoverage` */
export function coverageOf(columns: CandleColumns, query: CoverageQuery, known: readonly Gap[] = []): Coverage {
  const count = countCoverage(query, known);
  count.add(columns);
  return count.finish();
}
