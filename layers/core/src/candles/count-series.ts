/** The coverage of a series, counted over what is stored of it. */
import type { Gap } from './candle-block.ts';
import { type Coverage, countCoverage } from './coverage.ts';
import type { CandleReader } from './read-candles.ts';
import type { CandleSeries } from './series.ts';
import type { SeriesRecord } from './series-record.ts';
import type { Span } from './timeframe.ts';

export interface CountedSeries {
  coverage: Coverage;
  /** All of them, oldest first. */
  gaps: Gap[];
}

/**
 * What was never asked for is not expected: before the series was collected, before the past that was fetched of it, and before the
 * first candle and gap that there are.
 */
export async function countSeries(
  reader: CandleReader,
  record: SeriesRecord & { series: CandleSeries },
  { span, nowMs }: { span: Span; nowMs: number },
): Promise<CountedSeries> {
  const { series, listedFromMs } = record;
  const gaps = await reader.gapsIn(series, span, nowMs);
  const begin = (firstMs: number) => {
    const fromMs = Math.max(span.fromMs, Math.min(firstMs, askedFromMs(record), gaps[0]?.fromMs ?? firstMs));
    const query = { timeframe: series.timeframe, span: { ...span, fromMs: Math.min(fromMs, span.toMs) }, nowMs };
    return countCoverage({ ...query, ...(listedFromMs !== undefined && { listedFromMs }) }, gaps);
  };
  let count: ReturnType<typeof countCoverage> | undefined;
  for await (const columns of reader.read(series, span)) {
    // A reader gives no piece without candles.
    count ??= begin(columns.openMs[0] as number);
    count.add(columns);
  }
  return { coverage: (count ?? begin(span.toMs)).finish(), gaps };
}

/** From when on a series is known to have been asked for. Earlier stretches of the past may have been, too. */
export function askedFromMs({ sinceMs, historyFromMs = sinceMs, backfill }: SeriesRecord): number {
  return Math.min(sinceMs, historyFromMs, backfill?.fromMs ?? sinceMs);
}
