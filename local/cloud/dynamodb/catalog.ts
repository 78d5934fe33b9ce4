/** The tables and their settings, kept parsed in memory because every request needs one of them. */
import type { Table } from 'dynalite/db/index.js';
import type { Database } from './database.ts';
import { expiryAttributesPrefix, prefixRange, tablesPrefix } from './row-keys.ts';

export interface Catalog {
  /** The table as committed; whoever wants to change it clones it first. */
  table(name: string): Table | undefined;
  /** The attribute that holds an item's expiry in epoch seconds; `undefined` when the table's TTL is off. */
  expiryAttribute(tableName: string): string | undefined;
  load(): Promise<void>;
  /** Follows rows that were just committed. */
  follow(rows: ReadonlyMap<string, unknown>): void;
}

export function createCatalog(database: Database): Catalog {
  const tables = new Map<string, Table>();
  const expiryAttributes = new Map<string, string>();

  function note<T>(known: Map<string, T>, name: string, value: T | undefined): void {
    if (value === undefined) known.delete(name);
    else known.set(name, value);
  }

  function follow(rows: ReadonlyMap<string, unknown>): void {
    for (const [key, value] of rows) {
      if (key.startsWith(tablesPrefix)) {
        note(tables, key.slice(tablesPrefix.length), value as Table | undefined);
      } else if (key.startsWith(expiryAttributesPrefix)) {
        note(expiryAttributes, key.slice(expiryAttributesPrefix.length), value as string | undefined);
      }
    }
  }

  return {
    table: (name) => tables.get(name),
    expiryAttribute: (tableName) => expiryAttributes.get(tableName),
    follow,
    async load() {
      for (const prefix of [tablesPrefix, expiryAttributesPrefix]) {
        const keys = await database.keys(prefixRange(prefix));
        follow(new Map(keys.map((key) => [key, database.read(key)])));
      }
    },
  };
}
