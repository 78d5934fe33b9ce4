/** One page of candles as text. */
import {
  type CandleColumns,
  type CandleReader,
  type CandleSeries,
  CandleText,
  type CandleTextFormat,
  openTimeOf,
  type Span,
  sliceColumns,
  timeframeMs,
} from '@nightdesk/core';

export interface PageBounds {
  format: CandleTextFormat;
  /** Most candles. */
  limit: number;
  /** Most bytes of text, passed by less than one candle. */
  bytesMax: number;
}

export interface CandlePage {
  text: CandleText;
  candles: number;
  /** Open time of the first candle that had no room; absent where this was all there is. */
  nextMs?: number;
}

/** Fewer than nearly every candle takes. */
const candleBytesFew = 64;

/**
 * Candles of a span as far as a page may need them, and then some more: a reader reads ahead of what it is asked for, which would
 * mostly be for nothing.
 */
export async function* readStretches(
  reader: Pick<CandleReader, 'read'>,
  { series, span }: { series: CandleSeries; span: Span },
  { limit, bytesMax }: PageBounds,
): AsyncGenerator<CandleColumns, void, undefined> {
  const lengthMs = timeframeMs(series.timeframe);
  if (lengthMs === undefined) return yield* reader.read(series, span);
  const stretchMs = Math.max(stretchMin, Math.min(limit, Math.ceil(bytesMax / candleBytesFew))) * lengthMs;
  // One more, by which it is known whether there is another page.
  for (let fromMs = span.fromMs; fromMs < span.toMs; ) {
    const toMs = Math.min(span.toMs, openTimeOf(series.timeframe, fromMs) + stretchMs + lengthMs);
    yield* reader.read(series, { fromMs, toMs });
    fromMs = toMs;
  }
}

/** So that a span with few candles is not read in many small pieces. */
const stretchMin = 20_000;

/** More than nearly every candle takes, so that the text seldom has to grow. */
const candleBytesExpected = 96;

export async function readPage(candles: AsyncIterable<CandleColumns>, bounds: PageBounds): Promise<CandlePage> {
  const { format, limit, bytesMax } = bounds;
  const text = new CandleText(format, { bytesExpected: Math.min(bytesMax, limit * candleBytesExpected) });
  let count = 0;
  for await (const piece of candles) {
    const room = limit - count;
    const added = text.add(piece.openMs.length > room ? sliceColumns(piece, 0, room) : piece, bytesMax);
    count += added;
    const nextMs = piece.openMs[added];
    if (nextMs !== undefined) return { text, candles: count, nextMs };
  }
  return { text, candles: count };
}
