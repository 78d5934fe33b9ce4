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
  candles: number;
  /** Open time of the first candle that had no room; `undefined` where this was all there is. */
  nextMs?: number | undefined;
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
  let stretchMs = Math.max(stretchMin, Math.min(limit, Math.ceil(bytesMax / candleBytesFew))) * lengthMs;
  // One more, by which it is known whether there is another page.
  for (let fromMs = span.fromMs; fromMs < span.toMs; ) {
    const toMs = Math.min(span.toMs, openTimeOf(series.timeframe, fromMs) + stretchMs + lengthMs);
    let isEmpty = true;
    for await (const piece of reader.read(series, { fromMs, toMs })) {
      isEmpty = false;
      yield piece;
    }
    fromMs = toMs;
    // The years before the first candle are passed in a few steps.
    if (isEmpty) stretchMs *= 2;
  }
}

/** So that a span with few candles is not read in many small pieces. */
const stretchMin = 20_000;

/** More than nearly every candle takes, so that the text seldom has to grow. */
const candleBytesExpected = 96;
/** Text is handed on in about so many bytes: enough for each to be worth a turn, and few beside a page. */
const pieceBytes = 512 * 1024;

/** @param write takes text as it is made; what it is given is good until it resolves */
export async function readPage(
  candles: AsyncIterable<CandleColumns>,
  { format, limit, bytesMax }: PageBounds,
  write: (piece: Uint8Array) => Promise<void>,
): Promise<CandlePage> {
  const bytesExpected = Math.min(pieceBytes + pieceBytes / 2, limit * candleBytesExpected);
  const text = new CandleText(format, { bytesExpected });
  const page: CandlePage = { candles: 0 };
  let written = 0;
  const handOn = async () => {
    written += text.byteLength;
    await write(text.view());
    text.clear();
  };
  for await (const piece of candles) {
    const room = limit - page.candles;
    const added = text.add(piece.openMs.length > room ? sliceColumns(piece, 0, room) : piece, bytesMax - written);
    page.candles += added;
    page.nextMs = piece.openMs[added];
    if (page.nextMs !== undefined) break;
    if (text.byteLength >= pieceBytes) await handOn();
  }
  if (text.byteLength > 0) await handOn();
  return page;
}
