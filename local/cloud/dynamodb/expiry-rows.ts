/**
 * Every item of a table with TTL has a row `expiry~<second>~<table>~<item key>`, written in the same batch as the item, so
 * a sweep reads what is due and nothing else. A row can outlive what it stands for (TTL switched off, table deleted);
 * whoever acts on one therefore looks at the item first.
 */
import type { Item, Rows } from 'dynalite/db/index.js';
import type { Changes } from './changes.ts';
import { expiryRowsPrefix } from './row-keys.ts';

const secondDigits = 12;

/** When an item expires, in epoch seconds; `undefined` when its TTL attribute is absent or no such number. */
export function expirySecond(item: Item | undefined, attribute: string): number | undefined {
  const text = item?.[attribute]?.N;
  if (typeof text !== 'string') return undefined;
  const second = Math.floor(Number(text));
  return second > 0 && String(second).length <= secondDigits ? second : undefined;
}

const secondKey = (second: number): string => expiryRowsPrefix + String(second).padStart(secondDigits, '0');

export function expiryRowKey(second: number, tableName: string, itemKey: string): string {
  return `${secondKey(second)}~${tableName}~${itemKey}`;
}

export function parseExpiryRowKey(key: string): { second: number; tableName: string; itemKey: string } {
  const [, second = '', tableName = '', ...itemKey] = key.split('~');
  return { second: Number(second), tableName, itemKey: itemKey.join('~') };
}

/** The rows of items that expire from one second to before another. */
export function expiryRange(fromSecond: number, toSecond: number): { gte: string; lt: string } {
  return { gte: secondKey(fromSecond), lt: secondKey(toSecond) };
}

export interface ExpiringTable {
  readonly tableName: string;
  readonly attribute: string;
  readonly sink: Pick<Changes, 'put' | 'delete'>;
}

/** Item rows that keep their expiry rows beside them. */
export function withExpiryRows(items: Rows, { tableName, attribute, sink }: ExpiringTable): Rows {
  function moveExpiry(itemKey: string, after: Item | undefined): void {
    items.get(itemKey, (_error, before) => {
      const oldSecond = expirySecond(before as Item | undefined, attribute);
      const newSecond = expirySecond(after, attribute);
      if (oldSecond === newSecond) return;
      if (oldSecond !== undefined) sink.delete(expiryRowKey(oldSecond, tableName, itemKey));
      if (newSecond !== undefined) sink.put(expiryRowKey(newSecond, tableName, itemKey), true);
    });
  }
  return {
    ...items,
    put(key, value, callback) {
      moveExpiry(key, value as Item);
      items.put(key, value, callback);
    },
    del(key, callback) {
      moveExpiry(key, undefined);
      items.del(key, callback);
    },
  };
}
