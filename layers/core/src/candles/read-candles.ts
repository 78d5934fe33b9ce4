/** Candles of any timeframe and span, without the caller knowing where they are kept and of what they are made. */
import type { CandleStore, ColdStore, SeriesStore } from '../ports/candles.ts';
import type { Gap, GapKind } from './candle-block.ts';
import {
  type CandleColumns,
  columnsOf,
  cutColumns,
  emptyColumns,
  indexFrom,
  mergeColumns,
  rowsOf,
  sliceColumns,
} from './columns.ts';
import { deriveCandles } from './derive.ts';
import { type CandleSource, findSources } from './find-sources.ts';
import { findGaps, joinGaps } from './gaps.ts';
import { type CandleRecord, readPeriods, type StoredPeriod } from './read-periods.ts';
import type { CandleSeries } from './series.ts';
import { firstOpenFrom, nextOpenTime, openTimeOf, type Span } from './timeframe.ts';

export interface CandleReader {
  /**
   * Candles that open within a span, in order, in pieces of up to one period. Of what is in several places the newest counts: what
   * the lane brought last, then blocks, then cold files. A timeframe that is not stored is made of the shortest stored one of which it
   * can be, one that was collected for a while only is made of 1m for the rest, and a candle of it is there as soon as all of its parts were asked for.
   *
   * @throws RangeError for a series that is neither stored nor can be made of one that is; @throws TypeError for no timeframe
   */
  read(series: CandleSeries, span: Span): AsyncIterable<CandleColumns>;
  /**
   * What is missing of the candles that open within a span, oldest first: as the blocks know it, and as `open` what nobody has looked
   * into yet. What was never collected, what was before the market was listed, and what has not closed by now are no gaps.
   *
   * @throws as `read`
   */
  gapsIn(series: CandleSeries, span: Span, nowMs: number): Promise<Gap[]>;
}

export interface CandleReaderStores {
  candles: Pick<CandleStore, 'readBlocks' | 'readLane'>;
  cold: Pick<ColdStore, 'readCandles' | 'listCandles'>;
  series: Pick<SeriesStore, 'get' | 'list'>;
}

export function createCandleReader(stores: CandleReaderStores): CandleReader {
  return {
    async *read(series, span) {
      for (const source of await findSources(stores.series, series, span)) {
        const isStored = source.record.series.timeframe === series.timeframe;
        yield* isStored ? readStored(stores, source) : readDerived(stores, { ...source, to: series.timeframe });
      }
    },
    async gapsIn(series, span, nowMs) {
      const gaps: Gap[] = [];
      for (const source of await findSources(stores.series, series, span)) {
        gaps.push(...(await gapsOfSource(stores, source, { timeframe: series.timeframe, nowMs })));
      }
      return joinGaps(gaps);
    },
  };
}

async function gapsOfSource(
  stores: CandleReaderStores,
  { record, span }: CandleSource,
  { timeframe, nowMs }: { timeframe: string; nowMs: number },
): Promise<Gap[]> {
  if (record.series.timeframe === timeframe) return storedGaps(stores, record, { span, nowMs });
  const parts = await storedGaps(stores, record, { span: wholeSpan(timeframe, span), nowMs });
  return derivedGaps(joinGaps(parts), timeframe);
}

async function* readStored(stores: CandleReaderStores, { record, span }: CandleSource): AsyncGenerator<CandleColumns> {
  for await (const { candles } of readPeriods(stores, record, span)) {
    const within = cutColumns(candles, span);
    if (within.openMs.length > 0) yield within;
  }
}

/** From the first candle that opens within a span until the last one of those closes. */
const wholeSpan = (timeframe: string, { fromMs, toMs }: Span): Span => ({
  fromMs: firstOpenFrom(timeframe, fromMs),
  toMs: firstOpenFrom(timeframe, toMs),
});

interface Derived extends CandleSource {
  to: string;
}

/** Parts of a candle may be in several periods: they are held back until the first part of the next one, or the end, is reached. */
async function* readDerived(stores: CandleReaderStores, { record, to, span }: Derived): AsyncGenerator<CandleColumns> {
  const timeframes = { from: record.series.timeframe, to };
  const whole = wholeSpan(to, span);
  const endOf = (openMs: number) => nextOpenTime(to, openTimeOf(to, openMs));
  const unasked: Span[] = [];
  const made = (parts: CandleColumns) => wholeOf(deriveCandles(parts, timeframes).candles, to, unasked);
  let held = emptyColumns;
  for await (const stored of readPeriods(stores, record, whole)) {
    unasked.push(...unaskedOf(stored, record));
    const added = cutColumns(stored.candles, whole);
    const [firstMs] = added.openMs;
    if (firstMs === undefined) continue;
    const [heldMs = firstMs] = held.openMs;
    if (endOf(heldMs) <= firstMs) {
      yield* made(held);
      held = emptyColumns;
    }
    const parts = mergeColumns(held, added);
    const heldFrom = indexFrom(parts, openTimeOf(to, parts.openMs.at(-1) as number));
    if (heldFrom > 0) yield* made(sliceColumns(parts, 0, heldFrom));
    held = sliceColumns(parts, heldFrom, parts.openMs.length);
  }
  if (held.openMs.length > 0) yield* made(held);
}

/** Parts of a period that nobody has asked the venue for, and that may have candles. */
function unaskedOf(
  { span, askedFromMs, askedToMs }: StoredPeriod,
  { listedFromMs = span.fromMs }: CandleRecord,
): Span[] {
  const fromMs = Math.max(span.fromMs, listedFromMs);
  const ends =
    askedToMs <= askedFromMs
      ? [{ fromMs, toMs: span.toMs }]
      : [
          { fromMs, toMs: askedFromMs },
          { fromMs: askedToMs, toMs: span.toMs },
        ];
  return ends.filter((each) => each.fromMs < each.toMs);
}

/** Without those of which a part was not asked for: they would be shown as if there was nothing more to them. */
function* wholeOf(candles: CandleColumns, to: string, unasked: readonly Span[]): Generator<CandleColumns> {
  const [firstMs = 0] = candles.openMs;
  const near = unasked.filter(({ toMs }) => toMs > firstMs);
  const isWhole = (openMs: number) =>
    !near.some(({ fromMs, toMs }) => fromMs < nextOpenTime(to, openMs) && toMs > openMs);
  const whole = near.length === 0 ? candles : columnsOf(rowsOf(candles).filter(({ openMs }) => isWhole(openMs)));
  if (whole.openMs.length > 0) yield whole;
}

interface GapQuestion {
  span: Span;
  nowMs: number;
}

async function storedGaps(stores: CandleReaderStores, record: CandleRecord, question: GapQuestion): Promise<Gap[]> {
  const { timeframe } = record.series;
  const gaps: Gap[] = [];
  for await (const stored of readPeriods(stores, record, question.span)) {
    const span = expectedSpan(stored, record, question);
    if (span.fromMs < span.toMs) gaps.push(...findGaps(stored.candles, { timeframe, span }, stored.gaps));
  }
  return gaps;
}

/** Of which part of a period there should be candles. */
function expectedSpan(stored: StoredPeriod, record: CandleRecord, { span, nowMs }: GapQuestion): Span {
  const { series, sinceMs, listedFromMs = Number.NEGATIVE_INFINITY, status } = record;
  // What is stored was asked for as a whole. Where nothing is, collecting may have begun later, and nobody asked for what was before.
  const firstMs = stored.isStored ? stored.span.fromMs : openTimeOf(series.timeframe, sinceMs);
  const closedToMs = openTimeOf(series.timeframe, nowMs);
  // Nobody asks for what comes after, once a series is not collected any more.
  const lastMs = status === 'kept' ? Math.min(closedToMs, stored.askedToMs) : closedToMs;
  return {
    fromMs: Math.max(stored.span.fromMs, span.fromMs, firstMs, listedFromMs),
    toMs: Math.min(stored.span.toMs, span.toMs, lastMs),
  };
}

/** What is most in need of being looked into first. */
const kindsByNeed: readonly GapKind[] = ['open', 'quarantined', 'outage', 'no-trades'];

/** A candle is missing where every part of it is. @param parts joined, so that neighbours differ in what is known of them */
function derivedGaps(parts: readonly Gap[], to: string): Gap[] {
  const gaps: Gap[] = [];
  for (let index = 0; index < parts.length; ) {
    const run = neighboursFrom(parts, index);
    gaps.push(...gapsOfRun(run, to));
    index += run.length;
  }
  return joinGaps(gaps);
}

/** Gaps without a candle between them, from one on. */
function neighboursFrom(parts: readonly Gap[], start: number): Gap[] {
  const run = [parts[start] as Gap];
  for (let index = start + 1; parts[index]?.fromMs === run.at(-1)?.toMs; index += 1) run.push(parts[index] as Gap);
  return run;
}

/** Whole candles within one gap are one gap; for one that several share, what is known of the part most in need counts. */
function gapsOfRun(run: readonly Gap[], to: string): Gap[] {
  const gaps: Gap[] = [];
  const endMs = openTimeOf(to, (run.at(-1) as Gap).toMs);
  let atMs = firstOpenFrom(to, (run[0] as Gap).fromMs);
  for (const part of run) {
    const wholeToMs = Math.min(openTimeOf(to, part.toMs), endMs);
    if (wholeToMs > atMs) {
      gaps.push({ ...part, fromMs: atMs, toMs: wholeToMs });
      atMs = wholeToMs;
    }
    // The candle in which this gap ends is missing too, if the gaps behind reach over its end.
    if (part.toMs > atMs && atMs < endMs) {
      const toMs = nextOpenTime(to, atMs);
      const sharing = run.filter((each) => each.fromMs < toMs && each.toMs > atMs);
      gaps.push({ ...neediest(sharing), fromMs: atMs, toMs });
      atMs = toMs;
    }
  }
  return gaps;
}

const neediest = (gaps: readonly Gap[]): Gap =>
  gaps.toSorted((left, right) => kindsByNeed.indexOf(left.kind) - kindsByNeed.indexOf(right.kind))[0] as Gap;
