/** One page of candles as text. */
import { type CandleColumns, CandleText, type CandleTextFormat, sliceColumns } from '@nightdesk/core';

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
