/** What a message of an account's stream holds, in ccxt's words. */
import type { Market } from '@nightdesk/core';
import type { StreamVenueClient } from './stream-client.ts';

/** An object as the venue sent it: nothing in it is believed before a mapper has checked it. */
export type Raw = Readonly<Record<string, unknown>>;

export interface AccountReading {
  /** ccxt's orders, or what has their fields. */
  orders?: readonly unknown[];
  /** ccxt's trades, with the ids that they have when they are asked for. */
  trades?: readonly unknown[];
  /** By asset, in ccxt's fields `total` and `free`. */
  balances?: Raw;
}

/** `undefined` for a message of another kind, which ccxt is to read; nothing in it for one that nobody is to read. */
export type ReadMessage = (message: Raw, client: StreamVenueClient) => AccountReading | undefined;

/** A watch that one subscription needs, by ccxt's names. */
export interface AccountWatch {
  method: 'watchOrders' | 'watchMyTrades' | 'watchBalance' | 'watchPositions';
  parameters: Raw;
}

/**
 * How a venue's account streams are to be read where somebody has compared them with what the venue answers when it is asked. Of any
 * other venue, what a stream says of an order only leads to asking for it.
 */
export interface AccountStreamTraits {
  /** A new one for each account: it may remember what the venue does not repeat. */
  openReader(): ReadMessage;
  /** The one watch that brings orders and executions; absent where each has its own. */
  ordersWatch?: AccountWatch;
  /** The venue's word that a subscription stands. */
  isAcknowledgement(message: Raw): boolean;
  /** How many of those there are until all subscriptions stand. */
  acknowledgementsOf(watches: readonly AccountWatch[]): number;
  /** The venue's word that this stream ends, in its words. */
  endOf?(message: Raw): string | undefined;
  /** Orders tell what they cost, rather than an average that it is worked out from. */
  isCostExact(market: Market): boolean;
}

export const isRaw = (value: unknown): value is Raw =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The objects in what should be a list of them. */
export const rawsOf = (value: unknown): Raw[] => (Array.isArray(value) ? value.filter(isRaw) : []);

/** ccxt's markets that the venue has one name for. */
export function marketsNamed(client: StreamVenueClient, venueSymbol: unknown): Raw[] {
  const { markets_by_id: byName } = client as { markets_by_id?: unknown };
  return isRaw(byName) && typeof venueSymbol === 'string' ? rawsOf(byName[venueSymbol]) : [];
}
