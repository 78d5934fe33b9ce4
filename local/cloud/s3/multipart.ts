/** Uploads in parts (https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html). */
import { createHash, randomBytes } from 'node:crypto';
import { receiveDocument } from './body.ts';
import { readNumber, type S3Call } from './call.ts';
import { type Checksum, checksumAlgorithms, compositeChecksum, readAlgorithm } from './checksums.ts';
import { invalidArgument, malformedXml, noSuchUpload, notImplemented, S3Error } from './errors.ts';
import { partNumberMax, type Upload, type UploadedPart } from './multipart-index.ts';
import { commitObject } from './objects.ts';
import { checksumHeaders, findBucket, type Operation, objectHeaders, quote, type S3Parts } from './parts.ts';
import { keptHeaders, makeEtag, receiveBlob, removeAbandoned, writeBlob } from './store.ts';
import { childText, readDocument, writeDocument, type XmlElement } from './xml.ts';

/** Of every part but the last. */
const partBytesMin = 5 * 1024 ** 2;

export const createMultipartUpload: Operation = (parts, call) => {
  findBucket(parts, call.bucket);
  const { bucket, key, incoming } = call;
  const asked = incoming.headers['x-amz-checksum-algorithm'];
  const algorithm = asked === undefined ? undefined : readAlgorithm(String(asked));
  if (incoming.headers['x-amz-checksum-type'] === 'FULL_OBJECT') {
    throw notImplemented('CreateMultipartUpload with x-amz-checksum-type FULL_OBJECT');
  }
  const id = randomBytes(32).toString('base64url');
  parts.uploads.begin({ id, bucket, key, begunMs: parts.clock.nowMs(), headers: keptHeaders(call), algorithm });
  return {
    headers: { 'x-amz-checksum-algorithm': algorithm, 'x-amz-checksum-type': algorithm && 'COMPOSITE' },
    body: writeDocument('InitiateMultipartUploadResult', { Bucket: bucket, Key: key, UploadId: id }),
  };
};

/** @throws S3Error `NoSuchBucket`, `NoSuchUpload` */
function findUpload(parts: S3Parts, { bucket, key, query }: S3Call): Upload {
  findBucket(parts, bucket);
  const id = query.get('uploadId') ?? '';
  const upload = parts.uploads.get(id);
  if (upload?.bucket !== bucket || upload.key !== key) throw noSuchUpload(id);
  return upload;
}

export const uploadPart: Operation = async (parts, call) => {
  const bucket = findBucket(parts, call.bucket);
  const { algorithm } = findUpload(parts, call);
  const number = readNumber(call.query, 'partNumber', { least: 1, most: partNumberMax });
  if (number === undefined) throw invalidArgument('partNumber', 'This operation needs a partNumber');
  const part = await receiveBlob(parts, call.incoming, (blob, { bytes, md5, checksum }): UploadedPart => {
    if (algorithm !== undefined && checksum?.algorithm !== algorithm) {
      const sent = checksum?.algorithm.toLowerCase() ?? 'null';
      throw new S3Error(
        'InvalidRequest',
        `Checksum Type mismatch occurred, expected checksum Type: ${algorithm.toLowerCase()}, actual checksum Type: ${sent}`,
      );
    }
    const written = { number, blob, bytes, etag: makeEtag(bucket, md5), checksum };
    // It may have been aborted while the part came in.
    parts.uploads.putPart(findUpload(parts, call).id, written);
    return written;
  });
  return { headers: { etag: quote(part.etag), ...checksumHeaders(part.checksum) } };
};

export const abortMultipartUpload: Operation = async (parts, call) => {
  const { id } = findUpload(parts, call);
  parts.index.transact(() => parts.uploads.end(id));
  await removeAbandoned(parts);
  return { status: 204 };
};

interface NamedPart {
  readonly number: number;
  readonly etag: string;
  readonly checksum: Checksum | undefined;
}

export const completeMultipartUpload: Operation = async (parts, call) => {
  const bucket = findBucket(parts, call.bucket);
  const { id, key, headers, algorithm } = findUpload(parts, call);
  const named = readNamedParts(await receiveDocument(call.incoming));
  const chosen = chooseParts(named, parts.uploads.parts(id));
  const checksums = chosen.flatMap(({ checksum }) => checksum ?? []);
  const object = await writeBlob(
    parts,
    async (write) => {
      for (const { blob, bytes } of chosen) {
        for await (const chunk of parts.blobs.read(blob, { from: 0, to: bytes })) await write(chunk as Buffer);
      }
    },
    (blob) => {
      // Of two that complete the same upload, the second finds none.
      findUpload(parts, call);
      const object = {
        ...{ key, blob, headers },
        bytes: chosen.reduce((sum, { bytes }) => sum + bytes, 0),
        etag: etagOfParts(chosen),
        modifiedMs: parts.clock.nowMs(),
        checksum: algorithm && compositeChecksum(algorithm, checksums),
      };
      commitObject(parts, call, object);
      parts.index.transact(() => parts.uploads.end(id));
      return object;
    },
  );
  return {
    headers: { ...objectHeaders(bucket, object), etag: undefined },
    body: writeDocument('CompleteMultipartUploadResult', {
      Location: `/${call.bucket}/${encodeURIComponent(key)}`,
      Bucket: call.bucket,
      Key: key,
      ETag: quote(object.etag),
      ...(object.checksum && {
        [`Checksum${object.checksum.algorithm}`]: object.checksum.value,
        ChecksumType: 'COMPOSITE',
      }),
    }),
  };
};

/** The MD5 of the MD5s of the parts, and how many there are. */
function etagOfParts(parts: readonly UploadedPart[]): string {
  const md5 = createHash('md5');
  for (const { etag } of parts) md5.update(Buffer.from(etag, 'hex'));
  return `${md5.digest('hex')}-${parts.length}`;
}

function readNamedParts(text: string): NamedPart[] {
  const document = readDocument(text);
  const named = document.children.filter(({ name }) => name === 'Part').map(readNamedPart);
  if (document.name !== 'CompleteMultipartUpload' || named.length === 0) {
    throw malformedXml('CompleteMultipartUpload must name its parts');
  }
  if (named.some(({ number }, position) => number <= (named[position - 1]?.number ?? 0))) {
    throw new S3Error(
      'InvalidPartOrder',
      'The list of parts was not in ascending order. Parts must be ordered by part number.',
    );
  }
  return named;
}

function readNamedPart(element: XmlElement): NamedPart {
  const number = Number(childText(element, 'PartNumber') ?? '');
  const etag = childText(element, 'ETag');
  if (!Number.isInteger(number) || etag === undefined) throw malformedXml('Part must have PartNumber and ETag');
  const [checksum] = checksumAlgorithms.flatMap((algorithm) => {
    const value = childText(element, `Checksum${algorithm}`);
    return value === undefined ? [] : [{ algorithm, value }];
  });
  return { number, etag: etag.trim().replace(/^"|"$/g, ''), checksum };
}

function chooseParts(named: readonly NamedPart[], uploaded: readonly UploadedPart[]): UploadedPart[] {
  const byNumber = new Map(uploaded.map((part) => [part.number, part]));
  const chosen = named.map(({ number, etag, checksum }) => {
    const part = byNumber.get(number);
    const isOther = checksum !== undefined && checksum.value !== part?.checksum?.value;
    if (part === undefined || part.etag !== etag || isOther) throw invalidPart(number, etag);
    return part;
  });
  const small = chosen.slice(0, -1).find(({ bytes }) => bytes < partBytesMin);
  if (small !== undefined) {
    throw new S3Error('EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size', {
      details: {
        PartNumber: String(small.number),
        ProposedSize: String(small.bytes),
        MinSizeAllowed: String(partBytesMin),
      },
    });
  }
  return chosen;
}

const invalidPart = (number: number, etag: string): S3Error =>
  new S3Error(
    'InvalidPart',
    "One or more of the specified parts could not be found. The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
    { details: { PartNumber: String(number), ETag: etag } },
  );
