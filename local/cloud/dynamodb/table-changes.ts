/** Creating, changing and deleting tables: dynalite's actions, made atomic. */
import type { RequestData, Store, Table } from 'dynalite/db/index.js';
import type { Changes } from './changes.ts';
import { type Action, type Answer, decideLater, type Engine } from './engine.ts';
import { validationError } from './errors.ts';
import { updateGlobalIndexes } from './global-indexes.ts';
import { expiryAttributesPrefix, tablesPrefix } from './row-keys.ts';
import { createStore, type StoreContext } from './store.ts';
import { type StreamSpecification, setStream, streamOf } from './streams/stream.ts';
import { labelAt } from './streams/stream-arn.ts';
import { dropStream } from './streams/trimming.ts';

/**
 * Dynalite writes a table's row twice: at once with a passing status (`CREATING`, `UPDATING`, `DELETING`) and, after it has
 * answered and a timer has fired, with the lasting one. Both belong into the same batch, or a crash between them would
 * leave a table that is never ready.
 */
const tableWritesPerChange = 2;

function whenTableIsWritten({ tableDb }: Store): Promise<void> {
  return new Promise((resolve) => {
    const { put, del } = tableDb;
    let remaining = tableWritesPerChange;
    const count = (): void => {
      remaining -= 1;
      if (remaining === 0) resolve();
    };
    tableDb.put = (key, value, callback) => {
      put(key, value, callback);
      count();
    };
    tableDb.del = (key, callback) => {
      del(key, callback);
      count();
    };
  });
}

/** Actions on tables change the row they are given, so they are given a copy. */
function withTableCopies(context: StoreContext): StoreContext {
  const { catalog } = context;
  return { ...context, catalog: { ...catalog, table: (name) => structuredClone(catalog.table(name)) } };
}

async function runAndWait(action: Action, store: Store, data: RequestData): Promise<Answer> {
  const isWritten = whenTableIsWritten(store);
  // The answer shares objects with the row, which the second write changes.
  const answer = structuredClone(await decideLater(action, store, data));
  await isWritten;
  return answer;
}

/** Runs `CreateTable` or `DeleteTable`. */
export function changeTable(engine: Engine, action: Action, data: RequestData): Promise<Answer> {
  return engine.writes.writeAlone(async (changes) => {
    const tableName = String(data.TableName);
    const store = createStore(withTableCopies(engine.context), changes.read, changes);
    const answer = await runAndWait(action, store, data);
    if (changes.read(tablesPrefix + tableName) === undefined) {
      changes.delete(expiryAttributesPrefix + tableName);
      await dropStream(engine.context.database, changes, tableName);
      return answer;
    }
    return { ...answer, ...(await changeStream(engine, changes, data)) };
  });
}

/** Applies a request's `StreamSpecification`. @returns the part of the answer that it changes */
async function changeStream(engine: Engine, changes: Changes, data: RequestData): Promise<Answer> {
  const specification = data.StreamSpecification as StreamSpecification | undefined;
  if (specification === undefined) return {};
  const { database, catalog, nowMs } = engine.context;
  const tableName = String(data.TableName);
  const isEnabled = streamOf(catalog.table(tableName))?.isEnabled ?? false;
  if (specification.StreamEnabled && isEnabled) {
    throw validationError(`Table already has an enabled stream: TableName: ${tableName}`);
  }
  if (!specification.StreamEnabled && catalog.table(tableName) !== undefined && !isEnabled) {
    throw validationError(`Table has no stream to disable: TableName: ${tableName}`);
  }
  // A stream that is switched on again is a new one, which has none of the records of the one before.
  if (specification.StreamEnabled) await dropStream(database, changes, tableName);
  return { TableDescription: setStream(changes, tableName, { specification, label: labelAt(nowMs()) }) };
}

/** Runs `UpdateTable`, with the changes of indexes and the stream that dynalite leaves out. */
export function updateTable(engine: Engine, action: Action, data: RequestData): Promise<Answer> {
  return engine.writes.writeAlone(async (changes) => {
    const store = createStore(withTableCopies(engine.context), changes.read, changes);
    const answer = await runAndWait(action, store, data);
    const table = changes.read(tablesPrefix + String(data.TableName)) as Table;
    await updateGlobalIndexes({ database: engine.context.database, changes, store, table }, data);
    return { ...answer, ...(await changeStream(engine, changes, data)) };
  });
}
