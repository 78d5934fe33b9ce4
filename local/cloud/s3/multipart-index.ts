/** Uploads in parts that are under way, in the database of the objects. */
import { type ChecksumAlgorithm, readAlgorithm } from './checksums.ts';
import {
  bytesOf,
  type ObjectIndex,
  readChecksum,
  readHeaders,
  type StoredObject,
  writeChecksum,
} from './object-index.ts';

export interface Upload {
  readonly id: string;
  readonly bucket: string;
  readonly key: string;
  readonly begunMs: number;
  readonly headers: Readonly<Record<string, string>>;
  /** By which the object's checksum is made of those of its parts. */
  readonly algorithm: ChecksumAlgorithm | undefined;
}

export interface UploadedPart extends Pick<StoredObject, 'blob' | 'bytes' | 'etag' | 'checksum'> {
  readonly number: number;
}

export interface MultipartIndex {
  begin(upload: Upload): void;
  get(id: string): Upload | undefined;
  /** Replaces a part of the same number. */
  putPart(id: string, part: UploadedPart): void;
  /** By number. */
  parts(id: string): UploadedPart[];
  /** Ends the upload: its parts are then among the blobs to remove. */
  end(id: string): void;
  /** Uploads of keys with this prefix that began before then. */
  olderThan(bucket: string, prefix: string, beforeMs: number): string[];
}

export function createMultipartIndex(index: ObjectIndex): MultipartIndex {
  const { database } = index;
  const insert = database.prepare('INSERT INTO uploads VALUES (?, ?, ?, ?, ?, ?)');
  const select = database.prepare('SELECT * FROM uploads WHERE id = ?');
  const selectOlder = database.prepare('SELECT id, key FROM uploads WHERE bucket = ? AND begun_ms < ?');
  const upsertPart = database.prepare('INSERT OR REPLACE INTO parts VALUES (?, ?, ?, ?, ?, ?)');
  const selectParts = database.prepare('SELECT * FROM parts WHERE upload = ? ORDER BY number');
  const abandonParts = database.prepare(
    'INSERT OR IGNORE INTO abandoned SELECT blob, 1 FROM parts WHERE upload = ? AND number BETWEEN ? AND ?',
  );
  const removeParts = database.prepare('DELETE FROM parts WHERE upload = ?');
  const remove = database.prepare('DELETE FROM uploads WHERE id = ?');

  return {
    begin: ({ id, bucket, key, begunMs, headers, algorithm }) =>
      void insert.run(id, bucket, Buffer.from(key), begunMs, JSON.stringify(headers), algorithm ?? null),
    get(id) {
      const row = select.get(id);
      if (row === undefined) return undefined;
      return {
        id,
        bucket: String(row.bucket),
        key: bytesOf(row.key).toString('utf8'),
        begunMs: Number(row.begun_ms),
        headers: readHeaders(row.headers),
        algorithm: row.algorithm === null ? undefined : readAlgorithm(String(row.algorithm)),
      };
    },
    putPart: (id, { number, blob, bytes, etag, checksum }) =>
      index.transact(() => {
        abandonParts.run(id, number, number);
        index.forget(blob);
        upsertPart.run(id, number, blob, bytes, etag, writeChecksum(checksum));
      }),
    parts: (id) =>
      selectParts.all(id).map((row) => ({
        number: Number(row.number),
        blob: String(row.blob),
        bytes: Number(row.bytes),
        etag: String(row.etag),
        checksum: readChecksum(row.checksum),
      })),
    end(id) {
      abandonParts.run(id, 1, partNumberMax);
      removeParts.run(id);
      remove.run(id);
    },
    olderThan: (bucket, prefix, beforeMs) =>
      selectOlder
        .all(bucket, beforeMs)
        .filter(({ key }) => bytesOf(key).toString('utf8').startsWith(prefix))
        .map(({ id }) => String(id)),
  };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
export const partNumberMax = 10_000;
