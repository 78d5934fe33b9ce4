/** LevelDB as the embedded DynamoDB uses it: synchronous point reads, streamed ranges, atomic batches. */
import { Stream } from 'node:stream';
import type { LevelIterator, RowOperation, RowRange } from 'dynalite/db/index.js';
import dynalite from 'dynalite/db/index.js';

/** Reads one row; `undefined` when there is none. */
export type ReadRow = (key: string) => unknown;

export interface Database {
  /** Waits until the files are open. @throws Error when another process holds the directory. */
  open(): Promise<void>;
  readonly read: ReadRow;
  /** Runs `action` on the rows as they are now; later commits stay invisible to it. */
  readSnapshot<T>(action: (read: ReadRow) => T): T;
  /** Streams the values of a range, in key order, as they were when the stream was made. */
  streamValues(range: RowRange): Stream;
  /** Streams the keys of a range likewise, each without its first `prefixLength` characters. */
  streamKeys(range: RowRange, prefixLength: number): Stream;
  /** All keys of a range, at most `limit` of them. */
  keys(range: RowRange): Promise<string[]>;
  /** Makes all changes or none, also when the process is killed on the way. An `undefined` value deletes. */
  commit(changes: ReadonlyMap<string, unknown>): Promise<void>;
  close(): Promise<void>;
}

/**
 * What is written is gathered in memory, and in a log that survives `kill -9`, until it is so much. Keys are spread over all tables, so each
 * time most of a small database is written anew: with LevelDB's own 4 MB, every two seconds of a busy desk.
 */
const writeBufferBytes = 32 * 1024 * 1024;

/** Rows fetched per hop to LevelDB's thread. */
const chunkRowsMax = 1_000;
const chunkBytesMax = 256 * 1024;

/** An old-style readable stream, which is all that dynalite's queries need, at a fraction of the cost of a new one. */
class RowStream extends Stream {
  readonly #iterator: LevelIterator<unknown>;
  readonly #decode: (row: unknown) => unknown;
  #isDone = false;

  constructor(iterator: LevelIterator<unknown>, decode: (row: unknown) => unknown = (row) => row) {
    super();
    this.#iterator = iterator;
    this.#decode = decode;
    queueMicrotask(() => this.#pump().catch((error: unknown) => this.emit('error', error)));
  }

  /** Ends the stream early; dynalite calls it when it has read enough. */
  destroy(): void {
    this.#isDone = true;
  }

  async #pump(): Promise<void> {
    try {
      while (!this.#isDone) {
        const rows = await this.#iterator.nextv(chunkRowsMax);
        if (rows.length === 0) break;
        for (const row of rows) {
          if (this.#isDone) break;
          this.emit('data', this.#decode(row));
        }
      }
    } finally {
      await this.#iterator.close();
    }
    if (!this.#isDone) this.emit('end');
  }
}

/**
 * Opens the database that dynalite itself would open.
 * @param directory where LevelDB keeps its files; `undefined` keeps everything in memory.
 */
export function createDatabase(directory: string | undefined): Database {
  const level = dynalite.create(directory === undefined ? {} : { path: directory }).db;

  async function open(): Promise<void> {
    try {
      await level.open({ writeBufferSize: writeBufferBytes });
    } catch (error) {
      throw new Error(`DynamoDB state in ${directory} cannot be opened; is another process using it?`, {
        cause: error,
      });
    }
  }

  async function collectKeys(range: RowRange): Promise<string[]> {
    const iterator = level.keys({ ...range, highWaterMarkBytes: chunkBytesMax });
    const keys: string[] = [];
    try {
      for (;;) {
        const chunk = await iterator.nextv(chunkRowsMax);
        if (chunk.length === 0) return keys;
        for (const key of chunk) keys.push(key);
      }
    } finally {
      await iterator.close();
    }
  }

  return {
    open,
    read: (key) => level.getSync(key),
    readSnapshot(action) {
      const snapshot = level.snapshot();
      try {
        return action((key) => level.getSync(key, { snapshot }));
      } finally {
        void snapshot.close();
      }
    },
    streamValues: (range) => new RowStream(level.values({ ...range, highWaterMarkBytes: chunkBytesMax })),
    streamKeys(range, prefixLength) {
      const keys = level.keys({ ...range, highWaterMarkBytes: chunkBytesMax });
      return new RowStream(keys, (key) => String(key).slice(prefixLength));
    },
    keys: collectKeys,
    async commit(changes) {
      const operations: RowOperation[] = [];
      for (const [key, value] of changes) {
        operations.push(value === undefined ? { type: 'del', key } : { type: 'put', key, value });
      }
      await level.batch(operations);
    },
    close: () => level.close(),
  };
}
