/** TTL settings of tables, and the sweep that deletes what has expired. */
import type { Item } from 'dynalite/db/index.js';
import type { Changes } from './changes.ts';
import { validationError } from './errors.ts';
import { expiryRange, expiryRowKey, expirySecond, parseExpiryRowKey } from './expiry-rows.ts';
import { updateIndexes } from './index-rows.ts';
import { expiryAttributesPrefix, itemsPrefix, prefixRange } from './row-keys.ts';
import { createStore, type StoreContext } from './store.ts';
import type { WriteQueue } from './write-queue.ts';

/** Items deleted between two answers to other writers. */
const sweepRowsMax = 500;
/** Real DynamoDB leaves items alone whose expiry lies further back than this: it takes them for mistakes. */
const oldestExpirySeconds = 5 * 365 * 24 * 60 * 60;

/** Sets a table's TTL attribute and writes the expiry rows of the items that are already there; `undefined` ends TTL. */
export async function setExpiryAttribute(
  { database }: StoreContext,
  changes: Changes,
  { tableName, attribute }: { tableName: string; attribute: string | undefined },
): Promise<void> {
  const settingKey = expiryAttributesPrefix + tableName;
  if (attribute === undefined) {
    changes.delete(settingKey);
    return;
  }
  changes.put(settingKey, attribute);
  const prefix = itemsPrefix(tableName);
  for (const key of await database.keys(prefixRange(prefix))) {
    const second = expirySecond(changes.read(key) as Item | undefined, attribute);
    if (second !== undefined) changes.put(expiryRowKey(second, tableName, key.slice(prefix.length)), true);
  }
}

/** Decides `UpdateTimeToLive` on a table that exists. @throws ValidationException when it would change nothing. */
export async function updateTimeToLive(
  context: StoreContext,
  changes: Changes,
  request: { tableName: string; attribute: string; isEnabled: boolean },
): Promise<void> {
  const { tableName, attribute, isEnabled } = request;
  const current = context.catalog.expiryAttribute(tableName);
  if (isEnabled && current !== undefined) throw validationError('TimeToLive is already enabled');
  if (!isEnabled && current === undefined) throw validationError('TimeToLive is already disabled');
  if (!isEnabled && current !== attribute) {
    throw validationError(`TimeToLive is active on a different AttributeName: current AttributeName is ${current}`);
  }
  await setExpiryAttribute(context, changes, { tableName, attribute: isEnabled ? attribute : undefined });
}

/** Deletes the item of a due expiry row, unless the item says otherwise by now. */
function expireItem(context: StoreContext, changes: Changes, rowKey: string): void {
  changes.delete(rowKey);
  const { second, tableName, itemKey } = parseExpiryRowKey(rowKey);
  const table = context.catalog.table(tableName);
  const attribute = context.catalog.expiryAttribute(tableName);
  if (table === undefined || attribute === undefined) return;
  const store = createStore(context, changes.read, changes);
  const item = changes.read(itemsPrefix(tableName) + itemKey) as Item | undefined;
  if (expirySecond(item, attribute) !== second) return;
  updateIndexes(store, table, { before: item });
  store.getItemDb(tableName).del(itemKey, () => {});
}

/** Deletes expired items, in portions. */
export async function sweepExpired(context: StoreContext, writes: WriteQueue, isStopped: () => boolean): Promise<void> {
  const expiring: StoreContext = { ...context, isExpiry: true };
  while (!isStopped()) {
    const nowSecond = Math.floor(context.nowMs() / 1000);
    const due = expiryRange(Math.max(nowSecond - oldestExpirySeconds, 0), nowSecond);
    const keys = await context.database.keys({ ...due, limit: sweepRowsMax });
    if (keys.length === 0) return;
    await writes.write((changes) => {
      for (const key of keys) expireItem(expiring, changes, key);
    });
  }
}
