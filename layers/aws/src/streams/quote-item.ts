/** A quote as a row: all its prices and amounts in one attribute, so that ten levels of each side stay within one write unit (1 KB). */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import {
  type LiveLevel,
  type LiveQuote,
  rewriteEveryMs,
  type StoredQuote,
  tableSchemas,
  type VenueId,
} from '@nightdesk/core';

export type Item = Record<string, AttributeValue>;

const { partitionKey, sortKey, timeToLive } = tableSchemas.quotes;
/** What was not written again for so long is of no use, and DynamoDB may remove it. Quotes that stay as they are outlive a rewrite that fails. */
export const keptMs = 2 * rewriteEveryMs + 60_000;
/** Best prices and amounts, the latest price, and how many levels are bids. */
const headLength = 6;
const floatsPerLevel = 2;

export const keyOf = (partition: string, row: string): Item => ({
  [partitionKey]: { S: partition },
  [sortKey]: { S: row },
});

/** What is beyond its time is gone, whether or not DynamoDB has removed it yet: it takes days about it. */
export const isExpired = (item: Item, nowMs: number): boolean => numberOf(item[timeToLive]) * 1_000 <= nowMs;

export const expiryOf = (atMs: number): Item => ({ [timeToLive]: { N: String(Math.ceil((atMs + keptMs) / 1_000)) } });

export const numberOf = (value: AttributeValue | undefined): number => Number(value?.N);

export function toItem(quote: LiveQuote, writtenMs: number): Item {
  const { symbol, venue, connection, exchangeTimeMs, receivedMs, sequence } = quote;
  return {
    ...keyOf(symbol, venue),
    book: { B: packBook(quote) },
    connection: { S: connection },
    ...(exchangeTimeMs !== undefined && { exchangeTimeMs: { N: String(exchangeTimeMs) } }),
    receivedMs: { N: String(receivedMs) },
    writtenMs: { N: String(writtenMs) },
    sequence: { N: String(sequence) },
    ...expiryOf(writtenMs),
  };
}

/** @returns `undefined` for a row that is no quote */
export function toQuote(item: Item): StoredQuote | undefined {
  const book = item.book?.B;
  if (book === undefined) return undefined;
  return {
    venue: (item[sortKey]?.S ?? '') as VenueId,
    symbol: item[partitionKey]?.S ?? '',
    ...unpackBook(book),
    ...(item.exchangeTimeMs !== undefined && { exchangeTimeMs: numberOf(item.exchangeTimeMs) }),
    receivedMs: numberOf(item.receivedMs),
    sequence: numberOf(item.sequence),
    connection: item.connection?.S ?? '',
    writtenMs: numberOf(item.writtenMs),
  };
}

type Book = Pick<LiveQuote, 'bid' | 'bidSize' | 'ask' | 'askSize' | 'last' | 'bids' | 'asks'>;

/**
 * Floats of eight bytes, in the order of bytes that every processor has that this runs on (least first): they come back bit by bit, which
 * DynamoDB's own numbers do not beyond 10^125 and below 10^-130. `NaN` stands for what is absent.
 */
function packBook({ bid, bidSize, ask, askSize, last, bids, asks }: Book): Uint8Array {
  const absent = Number.NaN;
  const head = [bid ?? absent, bidSize ?? absent, ask ?? absent, askSize ?? absent, last ?? absent, bids.length];
  const floats = new Float64Array(headLength + floatsPerLevel * (bids.length + asks.length));
  floats.set(head);
  let at = headLength;
  for (const side of [bids, asks]) {
    for (const [price, amount] of side) {
      floats[at] = price;
      floats[at + 1] = amount;
      at += floatsPerLevel;
    }
  }
  return new Uint8Array(floats.buffer);
}

function unpackBook(bytes: Uint8Array): Book {
  // Copied, because floats must lie at a multiple of eight in what they are read from.
  const floats = new Float64Array(new Uint8Array(bytes).buffer);
  const [bid, bidSize, ask, askSize, last, bidCount = 0] = floats;
  const asksAt = headLength + bidCount * floatsPerLevel;
  return {
    ...told({ bid, bidSize, ask, askSize, last }),
    bids: levelsOf(floats.subarray(headLength, asksAt)),
    asks: levelsOf(floats.subarray(asksAt)),
  };
}

/** What is not absent. */
function told(values: Record<string, number | undefined>): Partial<Book> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => !Number.isNaN(value)));
}

function levelsOf(floats: Float64Array): LiveLevel[] {
  const levels: LiveLevel[] = [];
  for (let at = 0; at < floats.length; at += floatsPerLevel) levels.push([floats[at] ?? 0, floats[at + 1] ?? 0]);
  return levels;
}
