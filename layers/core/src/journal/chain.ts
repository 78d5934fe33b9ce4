/**
 * The journal: streams of events, each event carrying the hash of the one before, so that a change, a removal or an
 * insertion anywhere shows. The tables are views of it.
 */
import { sha256Hex } from '../ids.ts';
import { canonicalJson } from './canonical-json.ts';

export interface JournalEntry {
  /** `order#<id>`, `signal#<id>`, `risk#<account>`, `books#<account>`, `config`, `position#<account>#<symbol>` or `series#<venue>#<symbol>#<timeframe>`. */
  stream: string;
  /** Counts from 1 within the stream, without gaps. */
  sequence: number;
  type: string;
  /** UTC epoch milliseconds. */
  atMs: number;
  /** What happened, complete enough to rebuild the state from. */
  data: unknown;
}

export interface JournalEvent extends JournalEntry {
  /** Hash of the event before; `genesisHash` for the first. */
  prevHash: string;
  /** SHA-256 of `prevHash` followed by the canonical JSON of the entry, in lower-case hex. */
  hash: string;
}

export const genesisHash = '0'.repeat(64);

export const streams = {
  order: (orderId: string): string => `order#${orderId}`,
  signal: (signalId: string): string => `signal#${signalId}`,
  risk: (account: string): string => `risk#${account}`,
  books: (account: string): string => `books#${account}`,
  /** Changes of the configuration. */
  config: 'config',
  position: (account: string, symbol: string): string => `position#${account}#${symbol}`,
  /** What became of candles after they were stored: revised, quarantined, rebuilt. `key` is a series' key. */
  series: (key: string): string => `series#${key}`,
};

function hashOf(entry: JournalEntry, prevHash: string): string {
  const { stream, sequence, type, atMs, data } = entry;
  return sha256Hex(prevHash + canonicalJson({ stream, sequence, type, atMs, data }));
}

/** Seals an entry onto the event before it. */
export function seal(entry: JournalEntry, prevHash: string): JournalEvent {
  return { ...entry, prevHash, hash: hashOf(entry, prevHash) };
}

/** What is wrong with the first event that does not fit. */
export interface Misfit {
  stream: string;
  sequence: number;
  reason: string;
}

/** Follows one stream. */
export interface ChainCursor {
  sequence: number;
  hash: string;
}

export const chainStart: ChainCursor = { sequence: 0, hash: genesisHash };

/** Checks that `event` follows `cursor`: the next cursor, or why it does not fit. */
export function follow(cursor: ChainCursor, event: JournalEvent): ChainCursor | Misfit {
  const misfit = (reason: string): Misfit => ({ stream: event.stream, sequence: event.sequence, reason });
  if (event.sequence !== cursor.sequence + 1) {
    return misfit(`sequence ${event.sequence} follows ${cursor.sequence}: an event is missing or was inserted`);
  }
  if (event.prevHash !== cursor.hash) return misfit('its prevHash is not the hash of the event before');
  if (event.hash !== hashOf(event, event.prevHash))
    return misfit('its hash is not that of its content: it was altered');
  return { sequence: event.sequence, hash: event.hash };
}
