/** The latest top of book of a market, as it is published. */
import type { VenueId } from '../ids.ts';
import type { LiveLevel } from '../ports/streams.ts';

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
