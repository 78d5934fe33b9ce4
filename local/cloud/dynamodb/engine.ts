/** What every operation works with, and the ways an action of dynalite can be run. */
import type { Callback, Item, RequestData, Store } from 'dynalite/db/index.js';
import dynalite from 'dynalite/db/index.js';
import type { Changes } from './changes.ts';
import { exceptionName, isApiError } from './errors.ts';
import type { RequestTokens } from './request-tokens.ts';
import type { Rules } from './rules.ts';
import { createStore, type StoreContext } from './store.ts';
import type { ChangeStreams } from './streams/change-streams.ts';
import type { WriteQueue } from './write-queue.ts';

export interface Engine {
  readonly context: StoreContext;
  readonly writes: WriteQueue;
  readonly tokens: RequestTokens;
  readonly streams: ChangeStreams;
  /** Committed rows, read-only. */
  readonly committed: Store;
}

export type Answer = Record<string, unknown>;
export type Action = (store: Store, data: RequestData, callback: Callback<Answer>) => void;

/** An operation: what its requests may look like, and how they are answered. */
export interface Operation extends Rules {
  run(engine: Engine, data: RequestData): Promise<Answer>;
}

/** Runs an action that decides within one turn, as all point reads and writes do on a synchronous store. */
export function decideNow(action: Action, store: Store, data: RequestData): Answer {
  let outcome: { error: Error | null | undefined; answer: Answer | undefined } | undefined;
  action(store, data, (error, answer) => {
    outcome = { error, answer };
  });
  if (outcome === undefined) throw new Error('an action that must decide within one turn did not');
  if (outcome.error) throw outcome.error;
  return outcome.answer ?? {};
}

export function decideLater(action: Action, store: Store, data: RequestData): Promise<Answer> {
  return new Promise((resolve, reject) => {
    action(store, data, (error, answer) => (error ? reject(error) : resolve(answer ?? {})));
  });
}

/** The item that a single write or one part of a transaction is about, as it is now. */
export function readTarget(store: Store, data: RequestData): Item | undefined {
  let item: Item | undefined;
  store.getTable(String(data.TableName), (error, table) => {
    if (error || table === undefined) return;
    const key = dynalite.createKey((data.Key ?? data.Item) as Item, table);
    store.getItemDb(table.TableName).get(key, (_error, value) => {
      item = value as Item | undefined;
    });
  });
  return item;
}

/**
 * Decides one put, update or delete on a layer of changes. A failed condition answers with the item it failed on when
 * `ReturnValuesOnConditionCheckFailure` asks for it.
 */
export function decideItemWrite(
  engine: Engine,
  action: Action,
  request: { data: RequestData; changes: Changes },
): Answer {
  const { data, changes } = request;
  const store = createStore(engine.context, changes.read, changes);
  try {
    return decideNow(action, store, data);
  } catch (error) {
    const wantsItem = data.ReturnValuesOnConditionCheckFailure === 'ALL_OLD';
    if (wantsItem && isApiError(error) && exceptionName(error) === 'ConditionalCheckFailedException') {
      const item = readTarget(store, data);
      if (item !== undefined) error.body.Item = item;
    }
    throw error;
  }
}
