/** ListObjectsV2 (https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html). */
import { localPlace } from '../../assembly/pseudo-parameters.ts';
import { readNumber } from './call.ts';
import { invalidArgument } from './errors.ts';
import { afterPrefix, type ListedObject, type ObjectIndex, rangeOfPrefix } from './object-index.ts';
import { findBucket, type Operation, quote } from './parts.ts';
import { writeDocument, type XmlObject } from './xml.ts';

const keysMax = 1_000;

interface Listing {
  readonly bucket: string;
  readonly prefix: string;
  readonly delimiter: string;
  /** Keys before these bytes are passed over. */
  readonly from: Buffer;
  readonly entriesMax: number;
}

interface Page {
  readonly objects: ListedObject[];
  readonly commonPrefixes: string[];
  /** Where the next page begins, when there is one. */
  readonly next: Buffer | undefined;
}

export const listObjectsV2: Operation = (parts, { bucket, query }) => {
  findBucket(parts, bucket);
  const maxKeys = Math.min(readNumber(query, 'max-keys', { least: 0, most: 2 ** 31 - 1 }) ?? keysMax, keysMax);
  const [prefix, delimiter] = [query.get('prefix') ?? '', query.get('delimiter') ?? ''];
  const [startAfter, token] = [query.get('start-after'), query.get('continuation-token')];
  const encode = readEncoding(query.get('encoding-type'));
  const from = token === null ? behind(startAfter ?? '') : readToken(token);
  const page = listPage(parts.index, { bucket, prefix, delimiter, from, entriesMax: maxKeys });
  const owner = query.get('fetch-owner') === 'true' ? { Owner: { ID: localPlace.accountId } } : {};
  const result: XmlObject = {
    Name: bucket,
    Prefix: encode(prefix),
    Delimiter: delimiter === '' ? undefined : encode(delimiter),
    StartAfter: startAfter === null ? undefined : encode(startAfter),
    ContinuationToken: token ?? undefined,
    NextContinuationToken: page.next?.toString('base64url'),
    KeyCount: page.objects.length + page.commonPrefixes.length,
    MaxKeys: maxKeys,
    EncodingType: query.get('encoding-type') ?? undefined,
    IsTruncated: page.next !== undefined,
    Contents: page.objects.map((object) => ({ ...describe(object), Key: encode(object.key), ...owner })),
    CommonPrefixes: page.commonPrefixes.map((common) => ({ Prefix: encode(common) })),
  };
  return { body: writeDocument('ListBucketResult', result) };
};

const describe = ({ key, modifiedMs, etag, bytes, checksum }: ListedObject): XmlObject => ({
  Key: key,
  LastModified: new Date(modifiedMs).toISOString(),
  ETag: quote(etag),
  ...(checksum && { ChecksumAlgorithm: checksum.algorithm }),
  Size: bytes,
  StorageClass: 'STANDARD',
});

function listPage(index: ObjectIndex, { bucket, prefix, delimiter, from, entriesMax }: Listing): Page {
  const prefixBytes = Buffer.from(prefix);
  const range = rangeOfPrefix(prefixBytes);
  const page: Page & { next: Buffer | undefined } = { objects: [], commonPrefixes: [], next: undefined };
  let start = Buffer.compare(from, range.from) > 0 ? from : range.from;
  // Asked for nothing, S3 says that this was all.
  if (entriesMax === 0) return page;
  for (let isDone = false; !isDone; ) {
    isDone = true;
    for (const object of index.list(bucket, { from: start, to: range.to })) {
      if (page.objects.length + page.commonPrefixes.length === entriesMax) {
        page.next = object.keyBytes;
        break;
      }
      const end = delimiter === '' ? -1 : object.keyBytes.indexOf(delimiter, prefixBytes.length);
      if (end < 0) {
        page.objects.push(object);
        continue;
      }
      const common = object.keyBytes.subarray(0, end + Buffer.byteLength(delimiter));
      page.commonPrefixes.push(common.toString('utf8'));
      // Everything below it counts once, so it is stepped over instead of being read.
      start = afterPrefix(common);
      isDone = false;
      break;
    }
  }
  return page;
}

/** The least bytes that are greater than the key. */
const behind = (key: string): Buffer =>
  key === '' ? Buffer.alloc(0) : Buffer.concat([Buffer.from(key), Buffer.from([0])]);

/** A token is where the next page begins. */
function readToken(token: string): Buffer {
  const bytes = Buffer.from(token, 'base64url');
  if (bytes.length > 0 && bytes.toString('base64url') === token) return bytes;
  throw invalidArgument('continuation-token', 'The continuation token provided is incorrect');
}

function readEncoding(type: string | null): (text: string) => string {
  if (type === null) return (text) => text;
  if (type !== 'url') throw invalidArgument('encoding-type', 'Invalid Encoding Method specified in Request');
  return (text) =>
    encodeURIComponent(text)
      .replace(/[!'()~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
      .replaceAll('%20', '+')
      .replaceAll('%2F', '/');
}
