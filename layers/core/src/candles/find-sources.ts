/** Where candles of a series come from: from the series itself, and where that was not collected, from a shorter one. */
import type { SeriesStore } from '../ports/candles.ts';
import { derivableFrom } from './derive.ts';
import { reachOf } from './plan-collection.ts';
import type { CandleRecord } from './read-periods.ts';
import { type CandleSeries, seriesKeyOf } from './series.ts';
import { firstOpenFrom, openTimeOf, type Span } from './timeframe.ts';

/** A series, and the candles that are read or made of it. */
export interface CandleSource {
  record: CandleRecord;
  span: Span;
}

/** What nearly all that is collected is collected in: looking for others would mean to read all records of the venue. */
const usualTimeframe = '1m';

/**
 * The sources of a span, one behind the other. Who begins to collect a longer timeframe, or stops, or fetches a year of it, loses
 * nothing of what could be made of a shorter one before.
 *
 * @throws RangeError for a series that is neither stored nor can be made of one that is; @throws TypeError for no timeframe
 */
export async function findSources(
  store: Pick<SeriesStore, 'get' | 'list'>,
  series: CandleSeries,
  span: Span,
): Promise<CandleSource[]> {
  const own = (await store.get(series)) as CandleRecord | undefined;
  if (own === undefined) return [{ record: await findShorter(store, series), span }];
  const { timeframe } = series;
  const collected = collectedSpan(own, timeframe);
  const isWhole = collected.fromMs <= span.fromMs && collected.toMs >= span.toMs;
  if (isWhole || derivableFrom(timeframe, [usualTimeframe]) === undefined) return [{ record: own, span }];
  const shorter = (await store.get({ ...series, timeframe: usualTimeframe })) as CandleRecord | undefined;
  const made = shorter === undefined ? [] : without(collectedSpan(shorter, timeframe), collected);
  const sources: CandleSource[] = [];
  let atMs = span.fromMs;
  for (const each of made) {
    const [fromMs, toMs] = [Math.max(each.fromMs, span.fromMs), Math.min(each.toMs, span.toMs)];
    if (fromMs >= toMs) continue;
    if (fromMs > atMs) sources.push({ record: own, span: { fromMs: atMs, toMs: fromMs } });
    sources.push({ record: shorter as CandleRecord, span: { fromMs, toMs } });
    atMs = toMs;
  }
  return [...sources, { record: own, span: { fromMs: atMs, toMs: span.toMs } }];
}

/** The shortest series of the market of which another can be made. */
async function findShorter(store: Pick<SeriesStore, 'list'>, series: CandleSeries): Promise<CandleRecord> {
  const records = (await store.list(series.venue)).filter(
    (record): record is CandleRecord => record.series.kind === 'candles' && record.series.symbol === series.symbol,
  );
  const from = derivableFrom(
    series.timeframe,
    records.map((record) => record.series.timeframe),
  );
  const found = records.find((record) => record.series.timeframe === from);
  if (found === undefined) {
    throw new RangeError(
      `${seriesKeyOf(series)} is not collected, and neither is a timeframe of which it could be made`,
    );
  }
  return found;
}

/** Whole candles of a timeframe that collecting a series has brought, and the past that was fetched up to it; empty where it never was. */
function collectedSpan(record: CandleRecord, timeframe: string): Span {
  const { status, untilMs } = record;
  const fromMs = firstOpenFrom(timeframe, reachOf(record));
  if (status === 'collected') return { fromMs, toMs: Number.POSITIVE_INFINITY };
  return { fromMs, toMs: untilMs === undefined ? fromMs : openTimeOf(timeframe, untilMs) };
}

/** What of a span is outside of another. */
function without(span: Span, other: Span): Span[] {
  if (other.fromMs >= other.toMs) return [span];
  return [
    { fromMs: span.fromMs, toMs: Math.min(span.toMs, other.fromMs) },
    { fromMs: Math.max(span.fromMs, other.toMs), toMs: span.toMs },
  ];
}
