/** Where each kind of row lies in the key space. Table and index names never contain `~`, so no prefix is part of another. */
import type { RowRange } from 'dynalite/db/index.js';

export const tablesPrefix = 'table~';
export const expiryAttributesPrefix = 'ttl~';
export const expiryRowsPrefix = 'expiry~';
export const requestTokensPrefix = 'token~';
export const streamHeadsPrefix = 'stream-head~';

export const itemsPrefix = (tableName: string): string => `item-${tableName}~`;
export const tagsPrefix = (tableName: string): string => `tag-${tableName}~`;
export const indexPrefix = (type: string, tableName: string, indexName: string): string =>
  `index-${type.toLowerCase()}~${tableName}~${indexName}~`;

export const streamRecordsPrefix = (tableName: string): string => `stream-record-${tableName}~`;
/** Which record of which table's stream has this key; `undefined` when it is the key of something else. */
export function streamRecordOf(key: string): { tableName: string; sequenceNumber: string } | undefined {
  const [, tableName, sequenceNumber] = /^stream-record-([^~]+)~(\d+)$/.exec(key) ?? [];
  return tableName === undefined || sequenceNumber === undefined ? undefined : { tableName, sequenceNumber };
}
export const streamPositionsPrefix = (tableName: string): string => `stream-position-${tableName}~`;

/** Sorts directly after `~`. */
const afterSeparator = '\x7f';

/** The range of all keys that start with `prefix`, which ends in `~`. */
export function prefixRange(prefix: string): { gte: string; lt: string } {
  return { gte: prefix, lt: prefix.slice(0, -1) + afterSeparator };
}

/** Moves a range of keys without their prefix into the range of keys that have it. */
export function rangeBelow(prefix: string, range: RowRange = {}): RowRange {
  const whole = prefixRange(prefix);
  const bounded: RowRange = { reverse: range.reverse ?? false, limit: range.limit ?? -1 };
  if (range.gte !== undefined) bounded.gte = prefix + range.gte;
  else if (range.gt !== undefined) bounded.gt = prefix + range.gt;
  else bounded.gte = whole.gte;
  if (range.lte !== undefined) bounded.lte = prefix + range.lte;
  else if (range.lt !== undefined) bounded.lt = prefix + range.lt;
  else bounded.lt = whole.lt;
  return bounded;
}
