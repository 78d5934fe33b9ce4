/** Writing blobs, and removing those that nothing refers to any more. */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { objectBytesMax, type ReceivedBody, receiveBody } from './body.ts';
import type { Bucket } from './bucket.ts';
import type { S3Call } from './call.ts';
import { S3Error } from './errors.ts';
import type { S3Parts } from './parts.ts';

const newBlobName = (): string => randomBytes(16).toString('hex');

/**
 * Writes a blob that becomes part of something when the caller says so, in `commit`; until then nobody sees it, and if
 * anything fails before, it is removed.
 */
export async function writeBlob<Written, Result>(
  parts: S3Parts,
  fill: (write: (chunk: Buffer) => Promise<void>) => Promise<Written>,
  commit: (blob: string, written: Written) => Result,
): Promise<Result> {
  const blob = newBlobName();
  parts.index.announce(blob);
  try {
    const writer = await parts.blobs.create(blob);
    let written: Written;
    try {
      written = await fill(writer.write);
    } finally {
      await writer.close();
    }
    return commit(blob, written);
  } finally {
    // Without effect when the blob has become part of something.
    parts.index.abandon(blob);
    await removeAbandoned(parts);
  }
}

/** As `writeBlob`, with the body of a request. */
export const receiveBlob = <Result>(
  parts: S3Parts,
  incoming: IncomingMessage,
  commit: (blob: string, body: ReceivedBody) => Result,
): Promise<Result> => writeBlob(parts, (write) => receiveBody(incoming, { bytesMax: objectBytesMax, write }), commit);

const removedAtOnce = 64;
/** Enough for every part of an upload that was aborted. */
const removalRoundsMax = 200;

/** Removes blobs that belong to nothing any more. */
export async function removeAbandoned({ blobs, index }: S3Parts): Promise<void> {
  for (let round = 0; round < removalRoundsMax; round += 1) {
    const abandoned = index.abandoned(removedAtOnce);
    if (abandoned.length === 0) return;
    await Promise.all(abandoned.map((blob) => blobs.remove(blob)));
    index.transact(() => abandoned.forEach(index.forget));
  }
}

/** An ETag is the MD5 of what was written, but not under a key of KMS, where nobody may rely on it. */
export const makeEtag = ({ hasKey }: Bucket, md5: Buffer): string => (hasKey ? randomBytes(16) : md5).toString('hex');

const systemHeaders = ['cache-control', 'content-disposition', 'content-language', 'content-type', 'expires'] as const;
/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html */
const metadataBytesMax = 2048;
const metadataPrefix = 'x-amz-meta-';

/** Headers of a write that come back with the object. @throws S3Error `MetadataTooLarge` */
export function keptHeaders({ incoming: { headers } }: S3Call): Record<string, string> {
  const kept: Record<string, string> = { 'content-type': 'binary/octet-stream' };
  for (const name of systemHeaders) if (headers[name]) kept[name] = String(headers[name]);
  const encodings = String(headers['content-encoding'] ?? '')
    .split(',')
    .map((encoding) => encoding.trim())
    .filter((encoding) => encoding !== '' && encoding !== 'aws-chunked');
  if (encodings.length > 0) kept['content-encoding'] = encodings.join(',');
  let bytes = 0;
  for (const [name, value] of Object.entries(headers)) {
    if (!name.startsWith(metadataPrefix)) continue;
    kept[name] = String(value);
    bytes += Buffer.byteLength(name) - metadataPrefix.length + Buffer.byteLength(String(value), 'latin1');
  }
  if (bytes > metadataBytesMax) {
    throw new S3Error('MetadataTooLarge', 'Your metadata headers exceed the maximum allowed metadata size', {
      details: { Size: String(bytes), MaxSizeAllowed: String(metadataBytesMax) },
    });
  }
  return kept;
}
