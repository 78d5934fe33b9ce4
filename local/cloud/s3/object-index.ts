/**
 * What each key holds, in SQLite: a row says which blob is the object, so that an object changes when its row does, in
 * one step, and `kill -9` leaves the old one or the new one. Keys are bytes: their order is that of UTF-8.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type SQLOutputValue } from 'node:sqlite';
import type { Checksum } from './checksums.ts';

export interface StoredObject {
  readonly key: string;
  readonly blob: string;
  readonly bytes: number;
  /** Without quotes. */
  readonly etag: string;
  readonly modifiedMs: number;
  /** Headers that come back with it, by lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly checksum: Checksum | undefined;
}

export interface ListedObject extends Pick<StoredObject, 'key' | 'bytes' | 'etag' | 'modifiedMs' | 'checksum'> {
  readonly keyBytes: Buffer;
}

/** Keys from `from` on, before `to`. */
export interface KeyRange {
  readonly from: Uint8Array;
  readonly to: Uint8Array;
}

export interface ObjectIndex {
  get(bucket: string, key: string): StoredObject | undefined;
  /** Must be called before the blob is written, so that it is found and removed when this process is killed meanwhile. */
  announce(blob: string): void;
  /** The blob belongs to nothing: it may be removed. One that has become an object or a part is left as it is. */
  abandon(blob: string): void;
  /** What the key held before is then among those to remove. */
  put(bucket: string, object: StoredObject): void;
  delete(bucket: string, key: string): void;
  /** In order of keys. To be read at once: nothing may be changed in between. */
  list(bucket: string, range: KeyRange): Iterable<ListedObject>;
  /** Keys of objects that were last changed before then. */
  olderThan(bucket: string, range: KeyRange, beforeMs: number): string[];
  /** Blobs that belong to nothing, at most so many. */
  abandoned(countMax: number): string[];
  /** After a blob was removed. */
  forget(blob: string): void;
  readonly database: DatabaseSync;
  /** All of it or nothing. */
  transact<Result>(work: () => Result): Result;
  close(): void;
}

const schema = `
  CREATE TABLE IF NOT EXISTS objects (
    bucket TEXT NOT NULL, key BLOB NOT NULL, blob TEXT NOT NULL, bytes INTEGER NOT NULL, etag TEXT NOT NULL,
    modified_ms INTEGER NOT NULL, headers TEXT NOT NULL, checksum TEXT, PRIMARY KEY (bucket, key)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS uploads (
    id TEXT PRIMARY KEY, bucket TEXT NOT NULL, key BLOB NOT NULL, begun_ms INTEGER NOT NULL, headers TEXT NOT NULL,
    algorithm TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS parts (
    upload TEXT NOT NULL, number INTEGER NOT NULL, blob TEXT NOT NULL, bytes INTEGER NOT NULL, etag TEXT NOT NULL,
    checksum TEXT, PRIMARY KEY (upload, number)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS abandoned (blob TEXT PRIMARY KEY, is_written INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  UPDATE abandoned SET is_written = 1;
`;

/** Expired objects are removed so many at a time. */
const expiredMax = 1_000;

/** Opens `s3.db` in `directory`, or keeps it in memory when there is none. */
export function openObjectIndex(directory: string | undefined): ObjectIndex {
  if (directory !== undefined) mkdirSync(directory, { recursive: true });
  const database = new DatabaseSync(directory === undefined ? ':memory:' : join(directory, 's3.db'));
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
  database.exec(schema);
  const select = database.prepare('SELECT * FROM objects WHERE bucket = ? AND key = ?');
  const selectRange = database.prepare(`
    SELECT key, bytes, etag, modified_ms, checksum FROM objects WHERE bucket = ? AND key >= ? AND key < ? ORDER BY key
  `);
  const selectOlder = database.prepare(`
    SELECT key FROM objects WHERE bucket = ? AND key >= ? AND key < ? AND modified_ms < ? LIMIT ${expiredMax}
  `);
  const upsert = database.prepare('INSERT OR REPLACE INTO objects VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
  const remove = database.prepare('DELETE FROM objects WHERE bucket = ? AND key = ?');
  const announce = database.prepare('INSERT INTO abandoned VALUES (?, 0)');
  const abandon = database.prepare('UPDATE abandoned SET is_written = 1 WHERE blob = ?');
  const abandonObject = database.prepare(
    'INSERT OR IGNORE INTO abandoned SELECT blob, 1 FROM objects WHERE bucket = ? AND key = ?',
  );
  const keep = database.prepare('DELETE FROM abandoned WHERE blob = ?');
  const selectAbandoned = database.prepare('SELECT blob FROM abandoned WHERE is_written = 1 LIMIT ?');

  function transact<Result>(work: () => Result): Result {
    database.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      database.exec('COMMIT');
      return result;
    } catch (error) {
      database.exec('ROLLBACK');
      throw error;
    }
  }

  return {
    database,
    transact,
    get(bucket, key) {
      const row = select.get(bucket, Buffer.from(key));
      return row && readObject(key, row);
    },
    announce: (blob) => void announce.run(blob),
    abandon: (blob) => void abandon.run(blob),
    put(bucket, { key, blob, bytes, etag, modifiedMs, headers, checksum }) {
      const keyBytes = Buffer.from(key);
      abandonObject.run(bucket, keyBytes);
      keep.run(blob);
      upsert.run(bucket, keyBytes, blob, bytes, etag, modifiedMs, JSON.stringify(headers), writeChecksum(checksum));
    },
    delete(bucket, key) {
      const keyBytes = Buffer.from(key);
      abandonObject.run(bucket, keyBytes);
      remove.run(bucket, keyBytes);
    },
    *list(bucket, { from, to }) {
      for (const row of selectRange.iterate(bucket, from, to)) yield readListed(row);
    },
    olderThan: (bucket, { from, to }, beforeMs) =>
      selectOlder.all(bucket, from, to, beforeMs).map(({ key }) => bytesOf(key).toString('utf8')),
    abandoned: (countMax) => selectAbandoned.all(countMax).map(({ blob }) => String(blob)),
    forget: (blob) => void keep.run(blob),
    close: () => database.close(),
  };
}

type Row = Record<string, SQLOutputValue>;

function readObject(key: string, row: Row): StoredObject {
  return {
    key,
    blob: String(row.blob),
    bytes: Number(row.bytes),
    etag: String(row.etag),
    modifiedMs: Number(row.modified_ms),
    headers: readHeaders(row.headers),
    checksum: readChecksum(row.checksum),
  };
}

function readListed(row: Row): ListedObject {
  const keyBytes = bytesOf(row.key);
  return {
    keyBytes,
    key: keyBytes.toString('utf8'),
    bytes: Number(row.bytes),
    etag: String(row.etag),
    modifiedMs: Number(row.modified_ms),
    checksum: readChecksum(row.checksum),
  };
}

export function bytesOf(value: SQLOutputValue | undefined): Buffer {
  if (!(value instanceof Uint8Array)) throw new Error('the index of objects holds a key that is not bytes');
  return Buffer.from(value);
}

// Only the functions above and multipart-index.ts write these columns, so they hold what was given.
export const readHeaders = (value: SQLOutputValue | undefined): Record<string, string> =>
  JSON.parse(String(value)) as Record<string, string>;
export const writeChecksum = (checksum: Checksum | undefined): string | null =>
  checksum === undefined ? null : JSON.stringify(checksum);
export const readChecksum = (value: SQLOutputValue | undefined): Checksum | undefined =>
  typeof value === 'string' ? (JSON.parse(value) as Checksum) : undefined;

/** Keys that begin with `prefix`. */
export function rangeOfPrefix(prefix: Uint8Array): KeyRange {
  return { from: prefix, to: afterPrefix(prefix) };
}

/** Less than no key, since UTF-8 has no such byte. */
const end = Buffer.from([0xff]);

/** The least bytes that come after everything that begins with `prefix`. */
export function afterPrefix(prefix: Uint8Array): Buffer {
  const after = Buffer.from(prefix);
  const last = after.length - 1;
  if (last < 0) return end;
  // UTF-8 has no byte 0xff, so the last one can be counted up.
  after[last] = (after[last] ?? 0) + 1;
  return after;
}
