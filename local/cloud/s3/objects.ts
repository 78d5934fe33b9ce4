/** Operations on one object. */

import { createHash } from 'node:crypto';
import type { ByteRange } from './blobs.ts';
import { receiveDocument } from './body.ts';
import type { S3Call } from './call.ts';
import { createHasher } from './checksums.ts';
import { checkCopySource, checkWrite, isUnchanged } from './conditions.ts';
import { invalidArgument, malformedXml, noSuchKey, notImplemented, S3Error } from './errors.ts';
import type { StoredObject } from './object-index.ts';
import { checksumHeaders, findBucket, type Operation, objectHeaders, type S3Parts } from './parts.ts';
import { readRange } from './range.ts';
import { keptHeaders, makeEtag, receiveBlob, removeAbandoned, writeBlob } from './store.ts';
import { childText, readDocument, writeDocument, type XmlElement, type XmlObject } from './xml.ts';

/** @throws S3Error `NoSuchBucket`, `NoSuchKey` */
function findObject(parts: S3Parts, { bucket, key }: Pick<S3Call, 'bucket' | 'key'>): StoredObject {
  findBucket(parts, bucket);
  const object = parts.index.get(bucket, key);
  if (object === undefined) throw noSuchKey(key);
  return object;
}

/** Makes the object what the key holds, unless a condition of the write does not hold. */
export function commitObject(parts: S3Parts, { bucket, key, incoming }: S3Call, object: StoredObject): void {
  parts.index.transact(() => {
    checkWrite(incoming.headers, key, parts.index.get(bucket, key));
    parts.index.put(bucket, object);
  });
}

export const putObject: Operation = async (parts, call) => {
  const bucket = findBucket(parts, call.bucket);
  const headers = keptHeaders(call);
  const object = await receiveBlob(parts, call.incoming, (blob, { bytes, md5, checksum }) => {
    const etag = makeEtag(bucket, md5);
    const written = { key: call.key, blob, bytes, etag, modifiedMs: parts.clock.nowMs(), headers, checksum };
    commitObject(parts, call, written);
    return written;
  });
  return { headers: { ...objectHeaders(bucket, object), ...checksumHeaders(object.checksum) } };
};

export const getObject: Operation = (parts, call) => {
  const { blob, status, headers, range } = lookUp(parts, call);
  return { status, headers, ...(range && { body: parts.blobs.read(blob, range) }) };
};

export const headObject: Operation = (parts, call) => {
  const { status, headers } = lookUp(parts, call);
  return { status, headers };
};

interface Found {
  readonly blob: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** What of it is the answer; absent where the client has it already. */
  readonly range?: ByteRange;
}

/** @throws S3Error */
function lookUp(parts: S3Parts, call: S3Call): Found {
  const object = findObject(parts, call);
  const { blob, bytes } = object;
  const { headers: asked } = call.incoming;
  const common = {
    ...objectHeaders(findBucket(parts, call.bucket), object),
    'last-modified': new Date(object.modifiedMs).toUTCString(),
  };
  if (isUnchanged(asked, object)) return { blob, status: 304, headers: common };
  const part = readRange(asked.range, bytes);
  const range = part ?? { from: 0, to: bytes };
  // A checksum is that of the whole, so it does not come with a part.
  const wantsChecksum = asked['x-amz-checksum-mode'] === 'ENABLED' && part === undefined;
  const headers = {
    ...object.headers,
    ...common,
    'accept-ranges': 'bytes',
    'content-length': String(range.to - range.from),
    'content-range': part && `bytes ${part.from}-${part.to - 1}/${bytes}`,
    ...(wantsChecksum && checksumHeaders(object.checksum)),
  };
  return { blob, status: part ? 206 : 200, headers, range };
}

export const deleteObject: Operation = async (parts, { bucket, key, incoming }) => {
  findBucket(parts, bucket);
  parts.index.transact(() => {
    checkWrite(incoming.headers, key, parts.index.get(bucket, key));
    parts.index.delete(bucket, key);
  });
  await removeAbandoned(parts);
  return { status: 204 };
};

const deletedMax = 1_000;

export const deleteObjects: Operation = async (parts, { bucket, incoming }) => {
  findBucket(parts, bucket);
  const document = readDocument(await receiveDocument(incoming, { mustBeProtected: true }));
  const keys = document.children.filter(({ name }) => name === 'Object').map(readDeletedKey);
  if (document.name !== 'Delete' || keys.length === 0 || keys.length > deletedMax) {
    throw malformedXml(`Delete must name 1 to ${deletedMax} objects`);
  }
  parts.index.transact(() => {
    for (const key of keys) parts.index.delete(bucket, key);
  });
  await removeAbandoned(parts);
  const isQuiet = childText(document, 'Quiet') === 'true';
  const deleted: XmlObject[] = isQuiet ? [] : keys.map((key) => ({ Key: key }));
  return { body: writeDocument('DeleteResult', { Deleted: deleted }) };
};

function readDeletedKey(element: XmlElement): string {
  const other = element.children.find(({ name }) => name !== 'Key');
  if (other !== undefined) throw notImplemented(`DeleteObjects with ${other.name}`);
  const key = childText(element, 'Key');
  if (!key) throw malformedXml('Object must have a Key');
  return key;
}

export const copyObject: Operation = async (parts, call) => {
  const bucket = findBucket(parts, call.bucket);
  const from = readCopySource(call);
  const source = findObject(parts, from);
  const { headers: asked } = call.incoming;
  checkCopySource(asked, source);
  const replacesMetadata = asked['x-amz-metadata-directive'] === 'REPLACE';
  if (from.bucket === call.bucket && from.key === call.key && !replacesMetadata) {
    throw new S3Error(
      'InvalidRequest',
      "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata.",
    );
  }
  const headers = replacesMetadata ? keptHeaders(call) : source.headers;
  const bytes = parts.blobs.read(source.blob, { from: 0, to: source.bytes });
  const md5 = createHash('md5');
  const hasher = source.checksum && createHasher(source.checksum.algorithm);
  const fill = async (write: (chunk: Buffer) => Promise<void>) => {
    for await (const chunk of bytes as AsyncIterable<Buffer>) {
      md5.update(chunk);
      hasher?.update(chunk);
      await write(chunk);
    }
  };
  const copy = await writeBlob(parts, fill, (blob) => {
    const etag = makeEtag(bucket, md5.digest());
    const checksum = source.checksum && hasher && { ...source.checksum, value: hasher.digest().toString('base64') };
    const { key } = call;
    const written = { key, blob, bytes: source.bytes, etag, modifiedMs: parts.clock.nowMs(), headers, checksum };
    commitObject(parts, call, written);
    return written;
  });
  const result: XmlObject = {
    ETag: `"${copy.etag}"`,
    LastModified: new Date(copy.modifiedMs).toISOString(),
    ...(copy.checksum && { [`Checksum${copy.checksum.algorithm}`]: copy.checksum.value, ChecksumType: 'FULL_OBJECT' }),
  };
  return { headers: objectHeaders(bucket, copy), body: writeDocument('CopyObjectResult', result) };
};

/** `bucket/key`, URL-encoded, with or without a slash before it. @throws S3Error */
function readCopySource({ incoming }: S3Call): { bucket: string; key: string } {
  const text = String(incoming.headers['x-amz-copy-source']).replace(/^\//, '');
  if (text.includes('?')) throw notImplemented('CopyObject with versionId');
  const slash = text.indexOf('/');
  try {
    const bucket = decodeURIComponent(text.slice(0, Math.max(slash, 0)));
    const key = decodeURIComponent(text.slice(slash + 1));
    if (bucket !== '' && key !== '') return { bucket, key };
  } catch {
    // Refused below, like every other text that names nothing.
  }
  throw invalidArgument('x-amz-copy-source', 'You must specify a bucket and key in the header x-amz-copy-source');
}
