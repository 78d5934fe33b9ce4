/** What a client of markets does otherwise than ccxt: its books are of numbers, and what they begin with takes its turn. */
import type { Clock } from '@nightdesk/core';
import { currentCall, VenueCall } from '../venue-call.ts';
import type { KnownPrices } from './book-tracker.ts';
import { keepFloats } from './float-books.ts';
import { methodOf, type StreamVenueClient, type VenueSocket } from './stream-client.ts';

export interface ClientHooks {
  clock: Clock;
  /** No book is cut to fewer levels by ccxt. */
  levelsMin: number;
  /** ccxt asks for something over this socket, and these are its names of the messages that come of it. */
  asked(socket: VenueSocket, hashes: readonly string[]): void;
  /** A book begins with an answer over HTTP, by which it is known up to these prices. */
  begins(symbol: string, known: KnownPrices): void;
}

/** What a book begins with leaves within this time, however many wait for their turn; milliseconds. */
const snapshotWithinMs = 60_000;

export function hookClient(client: StreamVenueClient, { clock, levelsMin, asked, begins }: ClientHooks): void {
  keepFloats(client, levelsMin);
  const [one, many] = [client.watch.bind(client), client.watchMultiple.bind(client)];
  client.watch = (url, hash, ...rest) => {
    asked(client.client(url), [hash]);
    return one(url, hash, ...rest);
  };
  client.watchMultiple = (url, hashes, ...rest) => {
    asked(client.client(url), hashes);
    return many(url, hashes, ...rest);
  };
  client.fetchRestOrderBookSafe = async (symbol, limit, parameters) => {
    const call = new VenueCall(clock.nowMs() + snapshotWithinMs);
    const fetch = methodOf(client, 'fetchOrderBook');
    const snapshot = await currentCall.run(call, async () => fetch?.(symbol, limit, parameters));
    begins(symbol, knownOf(snapshot, limit));
    return snapshot;
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

type Levels = readonly (readonly unknown[])[];

/** A side with fewer levels than were asked for is all there is. */
function knownOf(snapshot: unknown, limit = Number.MAX_SAFE_INTEGER): KnownPrices {
  const { bids = [], asks = [] } = snapshot as { bids?: Levels; asks?: Levels };
  const worst = (side: Levels, choose: (...prices: number[]) => number, none: number): number =>
    side.length < limit ? none : choose(...side.map(([price]) => Number(price)));
  return { bid: worst(bids, Math.min, -Infinity), ask: worst(asks, Math.max, Infinity) };
}
