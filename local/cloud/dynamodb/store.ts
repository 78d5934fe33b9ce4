/** The storage that dynalite's actions see: synchronous, so that an action decides within one turn of the event loop. */
import type { Callback, RowOperation, Rows, Store, Table } from 'dynalite/db/index.js';
import type { Catalog } from './catalog.ts';
import type { Changes } from './changes.ts';
import type { Database, ReadRow } from './database.ts';
import { tableNotFound } from './errors.ts';
import { withExpiryRows } from './expiry-rows.ts';
import { indexPrefix, itemsPrefix, prefixRange, rangeBelow, tablesPrefix, tagsPrefix } from './row-keys.ts';
import { withStreamRecords } from './streams/capture.ts';
import { streamOf } from './streams/stream.ts';

export interface StoreContext {
  readonly database: Database;
  readonly catalog: Catalog;
  readonly region: string;
  readonly accountId: string;
  nowMs(): number;
  /** Set while TTL deletes what has expired, which streams tell apart. */
  readonly isExpiry?: boolean;
}

/** Largest item, in bytes. */
const itemBytesMax = 400 * 1024;

const storeOptions = { createTableMs: 0, deleteTableMs: 0, updateTableMs: 0, maxItemSize: itemBytesMax };

/** Where a store's writes go. */
type Sink = Pick<Changes, 'put' | 'delete'>;

function refuseWrite(): never {
  throw new Error('a read operation tried to write a row');
}

const readOnly: Sink = { put: refuseWrite, delete: refuseWrite };

/** Rows under one key prefix. Ranges show committed rows only; point reads show what `read` shows. */
function createRows(prefix: string, { database, read, sink }: { database: Database; read: ReadRow; sink: Sink }): Rows {
  function apply(operation: RowOperation): void {
    if (operation.type === 'put') sink.put(prefix + operation.key, operation.value);
    else sink.delete(prefix + operation.key);
  }
  return {
    get: (key, callback) => callback(null, read(prefix + key)),
    put(key, value, callback) {
      sink.put(prefix + key, value);
      callback(null);
    },
    del(key, callback) {
      sink.delete(prefix + key);
      callback(null);
    },
    batch(operations, callback) {
      operations.forEach(apply);
      callback(null);
    },
    // Writes take turns in the queue, so an item's lock is always free.
    lock: (_key, critical) => critical((callback) => callback),
    createKeyStream: (range) => database.streamKeys(rangeBelow(prefix, range), prefix.length),
    createValueStream: (range) => database.streamValues(rangeBelow(prefix, range)),
  };
}

/** A store over what `read` shows. Writes go to `sink`; without one, writing is an error. */
export function createStore(context: StoreContext, read: ReadRow, sink: Sink = readOnly): Store {
  const { database, catalog } = context;
  const rows = (prefix: string): Rows => createRows(prefix, { database, read, sink });

  function getTable(name: string, checkOrCallback: boolean | Callback<Table>, callback?: Callback<Table>): void {
    const answer = typeof checkOrCallback === 'function' ? checkOrCallback : callback;
    const table = catalog.table(name);
    if (table !== undefined) answer?.(null, table);
    else if (checkOrCallback === false) {
      answer?.(tableNotFound(`Requested resource not found: Table: ${name} not found`));
    } else answer?.(tableNotFound());
  }

  function deleteAll(prefix: string, callback: Callback<void>): void {
    database.keys(prefixRange(prefix)).then((keys) => {
      keys.forEach(sink.delete);
      callback(null);
    }, callback);
  }

  return {
    options: storeOptions,
    tableDb: Object.assign(rows(tablesPrefix), { awsAccountId: context.accountId, awsRegion: context.region }),
    getTable,
    getItemDb(tableName) {
      const attribute = catalog.expiryAttribute(tableName);
      const rowsOfItems = rows(itemsPrefix(tableName));
      const items = attribute === undefined ? rowsOfItems : withExpiryRows(rowsOfItems, { tableName, attribute, sink });
      const table = catalog.table(tableName);
      const stream = streamOf(table);
      if (table === undefined || !stream?.isEnabled) return items;
      const { region, nowMs, isExpiry = false } = context;
      return withStreamRecords(items, { stream, table, region, read, sink, nowMs, isExpiry });
    },
    getIndexDb: (type, tableName, indexName) => rows(indexPrefix(type, tableName, indexName)),
    getTagDb: (tableName) => rows(tagsPrefix(tableName)),
    deleteItemDb: (tableName, callback) => deleteAll(itemsPrefix(tableName), callback),
    deleteIndexDb: (type, tableName, indexName, callback) =>
      deleteAll(indexPrefix(type, tableName, indexName), callback),
    deleteTagDb: (tableName, callback) => deleteAll(tagsPrefix(tableName), callback),
  };
}
