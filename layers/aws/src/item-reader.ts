/** Strongly consistent reads of single rows, of which those that are asked for together go in one request. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type AttributeValue,
  BatchGetItemCommand,
  type DynamoDBClient,
  GetItemCommand,
} from '@aws-sdk/client-dynamodb';

export type Item = Record<string, AttributeValue>;

/** Attributes of a row's key, all of which are strings. */
export type ItemKey = Readonly<Record<string, string>>;

export interface ItemReader {
  /** @throws the SDK's error, or Error where the tables have no capacity to tell */
  get(tableName: string, key: ItemKey): Promise<Item | undefined>;
  /** The same of several rows of a table, in the order of the keys and in one request. */
  getAll(tableName: string, keys: readonly ItemKey[]): Promise<(Item | undefined)[]>;
}

interface Question {
  tableName: string;
  keys: readonly ItemKey[];
  resolve(items: (Item | undefined)[]): void;
  reject(error: unknown): void;
}

/** DynamoDB's own bound on one request. */
const keysMax = 100;
/** DynamoDB hands back what it had no capacity for. */
const attemptsMax = 5;
const pauseMs = 8;

/**
 * @param gathers what is asked for within one turn of the event loop goes in one request: lanes that are worked on side by side
 *   come to the same step together. Needs `dynamodb:BatchGetItem` of every table.
 */
export function createItemReader(client: DynamoDBClient, { gathers = false } = {}): ItemReader {
  let waiting: Question[] = [];

  async function answer(questions: readonly Question[]): Promise<void> {
    try {
      const found = await readRows(client, questions);
      for (const { tableName, keys, resolve } of questions)
        resolve(keys.map((key) => found.get(rowId(tableName, key))));
    } catch (error) {
      for (const { reject } of questions) reject(error);
    }
  }

  function ask(tableName: string, keys: readonly ItemKey[]): Promise<(Item | undefined)[]> {
    return new Promise((resolve, reject) => {
      const question = { tableName, keys, resolve, reject };
      if (!gathers) return void answer([question]);
      waiting.push(question);
      if (waiting.length > 1) return;
      // Once all that can go on now has gone on.
      process.nextTick(() => {
        const questions = waiting;
        waiting = [];
        void answer(questions);
      });
    });
  }

  return {
    get: async (tableName, key) => (await ask(tableName, [key]))[0],
    getAll: ask,
  };
}

interface Row {
  tableName: string;
  key: ItemKey;
}

const rowId = (tableName: string, key: ItemKey): string =>
  JSON.stringify([tableName, ...Object.entries(key).sort(([one], [other]) => (one < other ? -1 : 1))]);

async function readRows(client: DynamoDBClient, questions: readonly Question[]): Promise<Map<string, Item>> {
  const rows = new Map<string, Row>();
  for (const { tableName, keys } of questions) {
    for (const key of keys) rows.set(rowId(tableName, key), { tableName, key });
  }
  const found = new Map<string, Item>();
  const wanted = [...rows.values()];
  const [only, ...others] = wanted;
  if (only === undefined) return found;
  if (others.length === 0) {
    const { tableName, key } = only;
    const input = { TableName: tableName, Key: toItem(key), ConsistentRead: true };
    const { Item: item } = await client.send(new GetItemCommand(input));
    if (item !== undefined) found.set(rowId(tableName, key), item);
    return found;
  }
  for (let start = 0; start < wanted.length; start += keysMax) {
    await readTogether(client, wanted.slice(start, start + keysMax), found);
  }
  return found;
}

/** Adds the rows that there are to `found`. */
async function readTogether(client: DynamoDBClient, rows: readonly Row[], found: Map<string, Item>): Promise<void> {
  const keyNames = new Map(rows.map(({ tableName, key }) => [tableName, Object.keys(key)]));
  let left: RequestItems = {};
  for (const { tableName, key } of rows) {
    left[tableName] ??= { Keys: [], ConsistentRead: true };
    left[tableName].Keys.push(toItem(key));
  }
  for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
    const { Responses, UnprocessedKeys = {} } = await client.send(new BatchGetItemCommand({ RequestItems: left }));
    for (const [tableName, items] of Object.entries(Responses ?? {})) {
      for (const item of items) found.set(rowId(tableName, keyOf(item, keyNames.get(tableName) ?? [])), item);
    }
    if (Object.keys(UnprocessedKeys).length === 0) return;
    left = UnprocessedKeys as RequestItems;
    // Full jitter: those that were refused together must not come again together.
    await sleep(Math.random() * pauseMs * 2 ** attempt);
  }
  throw new Error(`the tables ${Object.keys(left).join(', ')} have no capacity to tell rows that are asked for`);
}

type RequestItems = Record<string, { Keys: Item[]; ConsistentRead: true }>;

const toItem = (key: ItemKey): Item =>
  Object.fromEntries(Object.entries(key).map(([name, value]) => [name, { S: value }]));

const keyOf = (item: Item, names: readonly string[]): ItemKey =>
  Object.fromEntries(names.map((name) => [name, item[name]?.S ?? '']));
