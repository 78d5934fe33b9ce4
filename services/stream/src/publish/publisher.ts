/** Between those who run units of work and those who put what these bring where it can be read. */
import type {
  AccountStreamListener,
  AccountUnit,
  MarketStreamListener,
  MarketUnit,
  PlannedSubscription,
  StreamKind,
  VenueId,
} from '@nightdesk/core';

/** What is told of a connection that brings quotes. */
export interface PublishedConnection {
  /**
   * Tells this connection apart from every other one, those of the same unit in other tasks included: who has a unit next must not make
   * quotes look fresh that it has not seen yet.
   */
  connection: string;
  /** When anything last came over it, UTC epoch milliseconds; nothing while it is not open. A quote's `beat` tells this. */
  heardMs(): number | undefined;
}

/**
 * Publishes what one unit of markets brings. Everything but `close` is synchronous, never waits and never throws: it is called for every
 * update, between the venue's frames. What comes faster than it can be written is replaced by what is newer; nothing queues without end.
 */
export interface MarketPublisher extends Omit<MarketStreamListener, 'incident'> {
  /**
   * What is streamed now, and how it is published. Called before anything of a new subscription comes. Quotes of books that are wanted
   * no more are removed, where they are still those of this connection.
   */
  want(subscriptions: readonly PlannedSubscription[]): void;
  /** The quote must not be used until the next `book`: it is removed, where it is still the one of this connection. */
  bookLost(symbol: string): void;
  /** The same for a quote that is made of tickers; one of a book has no price of the latest trade until the next `ticker`. */
  tickerLost(symbol: string): void;
  /** Nobody else publishes the unit from about now on: quotes that they wrote last are replaced within seconds, though nothing changes. */
  confirm(): void;
  /**
   * Takes nothing more, writes files of what it still has, and removes what is to be removed. Quotes stay as they are: whoever has the unit
   * next has written its own by now, over which none may come that nobody keeps up; and where nobody has it they age. Bounded in time. Never
   * rejects.
   */
  close(): Promise<void>;
}

/** Publishes what one account's streams bring. The same rules. */
export interface AccountPublisher extends Omit<AccountStreamListener, 'incident'> {
  close(): Promise<void>;
}

/** Where everything goes that streams of this task bring. */
export interface Publisher {
  openMarkets(unit: MarketUnit, connection: PublishedConnection): MarketPublisher;
  openAccount(unit: AccountUnit): AccountPublisher;
  /** Writes now what waits to be written, files included. Bounded in time. Never rejects. */
  flush(): Promise<void>;
  /**
   * Flushes, and ends its timers. What comes later is ignored.
   *
   * @param filesMsMax how long files are written, each of which is tried once more; milliseconds. Without it, as long as a flush takes.
   */
  close(filesMsMax?: number): Promise<void>;
}

/** Who counts what publishing does. */
export interface PublishObserver {
  /**
   * What others can read from now on, and how long each took since it was received, milliseconds. Of quotes that their own pace held back
   * it is since they could be written; what is only written again is not told.
   */
  published(venue: VenueId, kind: StreamKind, delaysMs: readonly number[]): void;
  /** So many updates were replaced by newer ones before they were written. */
  conflated(venue: VenueId, count: number): void;
  /** Something could not be written; `what` is for people. Called as often as it happens. */
  failed(what: string, error: unknown): void;
}
