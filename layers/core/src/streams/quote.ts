/** The latest top of book of a market, as it is published. */
import type { VenueId } from '../ids.ts';
import { price } from '../money.ts';
import type { LiveBook, LiveLevel } from '../ports/streams.ts';

export interface LiveQuote {
  venue: VenueId;
  symbol: string;
  /** Best prices and what is offered there. A side that nobody offers on is absent. */
  bid?: number;
  bidSize?: number;
  ask?: number;
  askSize?: number;
  /** Both sides, best first, as many levels as are published. */
  bids: readonly LiveLevel[];
  asks: readonly LiveLevel[];
  /** Price of the latest trade, where tickers are streamed. */
  last?: number;
  exchangeTimeMs?: number;
  receivedMs: number;
  /** The venue's number of this state of the book. */
  sequence: number;
  /** Which connection brought it: as long as that is heard, the quote is what the venue has. */
  connection: string;
}

/** A quote is what the venue has as long as it, or the connection that brought it, was heard so lately; milliseconds. */
export const quoteFreshMsMax = 10_000;

/** Whose quote it is. */
export type QuoteOrigin = Pick<LiveQuote, 'venue' | 'connection'>;

/** A quote as it was put into the table. */
type Stored = LiveQuote & { writtenMs: number };

/** Copies the first `depth` levels of both sides: those of a live book change with its next update. */
export function quoteOf(book: LiveBook, depth: number, { venue, connection }: QuoteOrigin): LiveQuote {
  const { symbol, exchangeTimeMs, receivedMs, sequence } = book;
  const copy = (levels: readonly LiveLevel[]) => levels.slice(0, depth).map(([at, amount]): LiveLevel => [at, amount]);
  const [bids, asks] = [copy(book.bids), copy(book.asks)];
  const [[bid, bidSize] = [], [ask, askSize] = []] = [bids[0], asks[0]];
  return {
    ...{ venue, symbol, bids, asks, receivedMs, sequence, connection },
    ...(bid !== undefined && { bid, bidSize }),
    ...(ask !== undefined && { ask, askSize }),
    ...(exchangeTimeMs !== undefined && { exchangeTimeMs }),
  };
}

/** The best bid is not below the best ask, which no venue's book is while it trades: something was missed. */
export function isCrossed({ bids, asks }: Pick<LiveBook, 'bids' | 'asks'>): boolean {
  const [bid, ask] = [bids[0], asks[0]];
  return bid !== undefined && ask !== undefined && bid[0] >= ask[0];
}

/**
 * Whether it is what the venue has now.
 *
 * @param heardMs when its connection was last heard; absent where that is not known
 */
export function isFresh(
  { receivedMs }: Pick<LiveQuote, 'receivedMs'>,
  heardMs: number | undefined,
  nowMs: number,
): boolean {
  // What comes from the future comes from a clock that is wrong, and would never age.
  return [receivedMs, heardMs].some((ms) => ms !== undefined && Math.abs(nowMs - ms) <= quoteFreshMsMax);
}

/** Price and size; decimals. */
export type LevelView = readonly [price: string, size: string];

/** A quote as the API tells it. Prices and sizes are decimals without exponents; what there is none of is absent. */
export interface QuoteView {
  venue: VenueId;
  symbol: string;
  bid?: string;
  ask?: string;
  bidSize?: string;
  askSize?: string;
  last?: string;
  depth: { bids: readonly LevelView[]; asks: readonly LevelView[] };
  /** By the venue's clock, where it tells. */
  exchangeTimeMs?: number;
  receivedMs: number;
  writtenMs: number;
  sequence: number;
  /** Older than `quoteFreshMsMax`, and its connection is not heard: not what the venue has now, for all that is known. */
  stale: boolean;
}

/** @param heardMs when its connection was last heard; absent where that is not known */
export function quoteView(stored: Stored, heardMs: number | undefined, nowMs: number): QuoteView {
  const { venue, symbol, exchangeTimeMs, receivedMs, writtenMs, sequence } = stored;
  const levels = (side: readonly LiveLevel[]) => side.map(([at, size]): LevelView => [decimal(at), decimal(size)]);
  const figures = (['bid', 'ask', 'bidSize', 'askSize', 'last'] as const).flatMap((name) => {
    const value = stored[name];
    return value === undefined ? [] : [[name, decimal(value)]];
  });
  return {
    ...{ venue, symbol },
    ...Object.fromEntries(figures),
    depth: { bids: levels(stored.bids), asks: levels(stored.asks) },
    ...(exchangeTimeMs !== undefined && { exchangeTimeMs }),
    ...{ receivedMs, writtenMs, sequence, stale: !isFresh(stored, heardMs, nowMs) },
  };
}

/** The shortest decimal that is this number, written out. */
const decimal = (value: number): string => price(String(value));
