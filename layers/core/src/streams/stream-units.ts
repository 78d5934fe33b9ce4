/** What the stream service is made of: units of work, each one connection that one task has. */
import type { AccountId, VenueId } from '../ids.ts';
import type { MarketSubscription } from '../ports/streams.ts';

/** Connections of one task to one venue at once: more may look like an attack, and venues count them per address. */
export const connectionsPerVenueMax = 5;

/** What is streamed of a market, and what is done with it. */
export interface PlannedSubscription extends MarketSubscription {
  /** Levels of each side that its quote has; of books. */
  depth: number;
  /** Shortest time between two writes of its quote; milliseconds. */
  quoteEveryMs: number;
  /** Whether it is kept in files as well. */
  files: boolean;
  /** The venue does not stream it: it is asked for again and again, so that a connection that is heard says nothing of it. */
  isPolled?: true;
}

export interface MarketUnit {
  kind: 'markets';
  /** `<venue>#markets#<number>`; numbers count from 0. */
  id: string;
  venue: VenueId;
  /** By kind, symbol and timeframe, each once. */
  subscriptions: readonly PlannedSubscription[];
}

export interface AccountUnit {
  kind: 'account';
  /** `<venue>#account#<account>`. */
  id: string;
  venue: VenueId;
  account: AccountId;
}

export type StreamUnit = MarketUnit | AccountUnit;
