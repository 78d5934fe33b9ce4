/** Where what streams bring is put. */
import type { AccountId, VenueId } from '../ids.ts';
import type { LiveQuote } from '../streams/quote.ts';
import type { StreamTaskStatus } from '../streams/stream-status.ts';
import type { LiveFunding, LiveLiquidation, LiveOrder, LiveTrade } from './streams.ts';

/** The latest top of book and depth of every market that is streamed. */
export interface QuoteStore {
  /**
   * Replaces the quotes of these markets. Two writers at once do no harm: both have the venue's own book.
   *
   * @returns those that were not written, to be tried again with what is newest by then
   * @throws Error when the store did not answer in time; any of them may or may not have been written, or be written yet
   */
  write(quotes: readonly LiveQuote[], writtenMs: number): Promise<readonly LiveQuote[]>;
  /** Removes quotes that must not be used any more. One that another connection has written since stays. */
  remove(quotes: readonly Pick<LiveQuote, 'venue' | 'symbol' | 'connection'>[]): Promise<void>;
  /** Of one market at every venue that has it, or at one. */
  read(symbol: string, venue?: VenueId): Promise<StoredQuote[]>;
  /** Says that a connection was heard: quotes that it brought are still as they were, as long as nothing else is written. */
  beat(connection: string, heardMs: number): Promise<void>;
  /** When connections were last heard; those that are not known are left out. */
  heard(connections: readonly string[]): Promise<ReadonlyMap<string, number>>;
  writeStatus(status: StreamTaskStatus): Promise<void>;
  /** Of tasks that have told of themselves within the last minute. */
  readStatus(): Promise<StreamTaskStatus[]>;
}

export interface StoredQuote extends LiveQuote {
  /** When it was written to the table; UTC epoch milliseconds. */
  writtenMs: number;
}

/** What an account's stream has told of an order. */
export interface OrderNews extends LiveOrder {
  account: AccountId;
  venue: VenueId;
}

/** Takes news of orders to what records them. Delivered at least once, in order for each market of an account. */
export interface OrderNewsQueue {
  /** @throws Error when the queue did not take them; polling finds what is lost */
  send(news: readonly OrderNews[]): Promise<void>;
}

/** A book as it was published at one moment. */
export interface BookRow {
  venue: VenueId;
  symbol: string;
  exchangeTimeMs?: number;
  receivedMs: number;
  sequence: number;
  bids: readonly (readonly [price: number, amount: number])[];
  asks: readonly (readonly [price: number, amount: number])[];
}

/** Rows of one kind, of one venue. */
export type TickRows =
  | { kind: 'trades'; rows: readonly LiveTrade[] }
  | { kind: 'books'; rows: readonly BookRow[] }
  | { kind: 'funding'; rows: readonly LiveFunding[] }
  | { kind: 'liquidations'; rows: readonly LiveLiquidation[] };

/** Parquet files of what came tick by tick: `live-<kind>/venue=…/date=…/hour=…/<from>-<connection>.parquet`. Removed after `tickDays`. */
export interface TickArchive {
  /** @returns the file's size; writing the same again replaces it */
  write(file: { venue: VenueId; connection: string; fromMs: number }, rows: TickRows): Promise<{ bytes: number }>;
}
