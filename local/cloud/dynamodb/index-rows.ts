/**
 * Secondary index rows, in place of dynalite's own.
 *
 * Dynalite ends an index row's key with 24 bits of a hash of the item's key, so two items with equal index keys can share a
 * row and one of them vanishes from queries: likely from a few thousand such items on. Here the row's key ends with the
 * item's whole key. Its version also rewrites every index row on every update; this one leaves unchanged rows alone.
 * Dynalite's actions call both functions through the module's exports, which is where they are replaced.
 */

import type { Item, Rows, SecondaryIndex, Store, Table } from 'dynalite/db/index.js';
import dynalite from 'dynalite/db/index.js';

interface IndexRow {
  readonly key: string;
  readonly item: Item;
}

function projectItem(item: Item, table: Table, index: SecondaryIndex): Item {
  if (index.Projection.ProjectionType === 'ALL') return item;
  const names = [...index.KeySchema, ...table.KeySchema].map((key) => key.AttributeName);
  const projected: Item = {};
  for (const name of [...names, ...(index.Projection.NonKeyAttributes ?? [])]) {
    if (item[name] !== undefined) projected[name] = item[name];
  }
  return projected;
}

/** The row an item has in an index, or none when it lacks one of the index's keys. */
function indexRow(item: Item | null | undefined, table: Table, index: SecondaryIndex): IndexRow | undefined {
  if (!item || index.KeySchema.some((key) => item[key.AttributeName] === undefined)) return undefined;
  return { key: createIndexKey(item, table, index.KeySchema), item: projectItem(item, table, index) };
}

function createIndexKey(item: Item, table: Table, keySchema: Table['KeySchema']): string {
  return dynalite.createKey(item, table, keySchema) + dynalite.createKey(item, table);
}

function isSameRow(before: IndexRow | undefined, after: IndexRow): boolean {
  return before?.key === after.key && JSON.stringify(before.item) === JSON.stringify(after.item);
}

const ignoreAnswer = (): void => {};

function moveRow(rows: Rows, before: IndexRow | undefined, after: IndexRow | undefined): void {
  if (before && before.key !== after?.key) rows.del(before.key, ignoreAnswer);
  if (after && !isSameRow(before, after)) rows.put(after.key, after.item, ignoreAnswer);
}

/** Moves an item's rows in the table's indexes from what they were for `before` to what they are for `after`. */
export function updateIndexes(
  store: Store,
  table: Table,
  { before, after }: { before?: Item | null | undefined; after?: Item | null | undefined },
): void {
  for (const type of ['Local', 'Global'] as const) {
    for (const index of table[`${type}SecondaryIndexes`] ?? []) {
      const rows = store.getIndexDb(type, table.TableName, index.IndexName);
      moveRow(rows, indexRow(before, table, index), indexRow(after, table, index));
    }
  }
}

dynalite.createIndexKey = createIndexKey;
dynalite.updateIndexes = (store, table, before, after, callback) => {
  updateIndexes(store, table, { before, after });
  callback(null);
};
