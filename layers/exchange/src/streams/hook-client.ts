/** What a client of markets does otherwise than ccxt: its books are of numbers, and what they begin with takes its turn. */
import type { Clock } from '@nightdesk/core';
import { type BeginningTracker, fetchBeginning } from './fetch-beginning.ts';
import { keepFloats } from './float-books.ts';
import { methodOf, type StreamVenueClient, type VenueSocket } from './stream-client.ts';

export interface ClientHooks {
  clock: Clock;
  /** No book is cut to fewer levels by ccxt. */
  levelsMin: number;
  /** Updates name the one before them, as ccxt's class of Binance reads them. */
  isChained: boolean;
  /** ccxt asks for something over this socket by this message, and these are its names of the messages that come of it. */
  asked(socket: VenueSocket, hashes: readonly string[], request: unknown): void;
  /** Who follows the book of a market, which is about to begin with an answer over HTTP. */
  trackersOf(symbol: string): readonly BeginningTracker[];
}

export function hookClient(
  client: StreamVenueClient,
  { clock, levelsMin, isChained, asked, trackersOf }: ClientHooks,
): void {
  keepFloats(client, levelsMin);
  const [one, many] = [client.watch.bind(client), client.watchMultiple.bind(client)];
  client.watch = (url, hash, ...rest) => {
    asked(client.client(url), [hash], rest[0]);
    return one(url, hash, ...rest);
  };
  client.watchMultiple = (url, hashes, ...rest) => {
    asked(client.client(url), hashes, rest[0]);
    return many(url, hashes, ...rest);
  };
  client.fetchRestOrderBookSafe = async (symbol, limit, parameters) => {
    const fetch = async () => methodOf(client, 'fetchOrderBook')?.(symbol, limit, parameters);
    const waiting = () =>
      isChained ? (client.orderbooks[symbol] as { cache?: unknown[] } | undefined)?.cache : undefined;
    return fetchBeginning({ clock, fetch, limit, waiting, trackers: () => trackersOf(symbol) });
  };
}

/**
 * Kraken's updates name no book that they belong to, and ccxt fails at one of a book that it does not have, as where the first
 * message was lost.
 */
export function changesNoBook({ orderbooks }: StreamVenueClient, message: unknown): boolean {
  const { channel, type, data } = (message ?? {}) as { channel?: unknown; type?: unknown; data?: unknown };
  if (channel !== 'book' || type !== 'update' || !Array.isArray(data)) return false;
  const { symbol } = (data[0] ?? {}) as { symbol?: unknown };
  return orderbooks[String(symbol)] === undefined;
}
