/** What operations work with and answer. */
import type { Readable } from 'node:stream';
import type { CloudClock } from '../clock.ts';
import type { Blobs } from './blobs.ts';
import type { Bucket } from './bucket.ts';
import type { S3Call } from './call.ts';
import { type Checksum, headerOf, typeOf } from './checksums.ts';
import { noSuchBucket } from './errors.ts';
import { expirationHeader } from './lifecycle.ts';
import type { MultipartIndex } from './multipart-index.ts';
import type { ObjectIndex, StoredObject } from './object-index.ts';

export interface S3Parts {
  readonly buckets: ReadonlyMap<string, Bucket>;
  readonly index: ObjectIndex;
  readonly uploads: MultipartIndex;
  readonly blobs: Blobs;
  readonly clock: CloudClock;
}

export interface S3Answer {
  /** @default 200 */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  /** XML, or the bytes of an object. @default nothing */
  readonly body?: string | Readable;
}

/** @throws S3Error */
export type Operation = (parts: S3Parts, call: S3Call) => S3Answer | Promise<S3Answer>;

/** @throws S3Error `NoSuchBucket` */
export function findBucket({ buckets }: S3Parts, name: string): Bucket {
  const bucket = buckets.get(name);
  if (bucket === undefined) throw noSuchBucket(name);
  return bucket;
}

export const quote = (etag: string): string => `"${etag}"`;

export const checksumHeaders = (checksum: Checksum | undefined): Record<string, string> =>
  checksum === undefined
    ? {}
    : { [headerOf(checksum.algorithm)]: checksum.value, 'x-amz-checksum-type': typeOf(checksum) };

/** What S3 says of an object wherever it answers with one, whether it was written or read. */
export function objectHeaders(bucket: Bucket, object: StoredObject): Record<string, string | undefined> {
  return {
    etag: quote(object.etag),
    'x-amz-expiration': expirationHeader(bucket.rules, object),
    'x-amz-server-side-encryption': bucket.hasKey ? 'aws:kms' : 'AES256',
  };
}
