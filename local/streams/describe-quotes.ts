/** Quotes of a symbol, as a person reads them. */
import type { LevelView, QuoteView } from '@nightdesk/core';
import { durationText, tableText } from '../candles/describe.ts';

/** Levels of each side that are shown. */
const levelsMax = 5;

/** @param nowMs UTC epoch milliseconds */
export function describeQuotes(quotes: readonly QuoteView[], nowMs: number): string {
  const head = ['exchange', 'bid', 'size', 'ask', 'size', 'received', ''];
  const rows = quotes.map(({ venue, bid = '-', bidSize = '', ask = '-', askSize = '', receivedMs, stale }) => [
    ...[venue, bid, bidSize, ask, askSize, `${durationText(Math.max(0, nowMs - receivedMs))} ago`],
    stale ? 'STALE' : '',
  ]);
  const best = tableText(head, rows, new Set([1, 2, 3, 4, 5]));
  return [best, ...quotes.map(depthOf).filter((text) => text !== '')].join('\n\n');
}

function depthOf({ venue, depth: { bids, asks } }: QuoteView): string {
  const count = Math.min(levelsMax, Math.max(bids.length, asks.length));
  if (count < 2) return '';
  const side = (level: LevelView | undefined): string[] => (level === undefined ? ['', ''] : [...level]);
  const rows = Array.from({ length: count }, (_, index) => ['', ...side(bids[index]), ...side(asks[index])]);
  return tableText([venue, 'bid', 'size', 'ask', 'size'], rows, new Set([1, 2, 3, 4]));
}
