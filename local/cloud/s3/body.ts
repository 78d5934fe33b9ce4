/** Takes a request's body: out of `aws-chunked` where it is in it, piece by piece, and checked against what was said of it. */
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { decodeChunked } from './aws-chunked.ts';
import { algorithmOfHeader, badDigest, type Checksum, type ChecksumAlgorithm, createHasher } from './checksums.ts';
import { invalidArgument, S3Error } from './errors.ts';

export interface ReceivedBody {
  readonly bytes: number;
  readonly md5: Buffer;
  /** The one that the client sent and that holds. */
  readonly checksum: Checksum | undefined;
  /** Whether the client sent anything by which a change on the way would show. */
  readonly isProtected: boolean;
}

export interface Receiving {
  readonly bytesMax: number;
  /** Takes each piece; the next one is read when it has. */
  write(chunk: Buffer): Promise<void> | void;
}

/** One PUT takes this much (https://docs.aws.amazon.com/AmazonS3/latest/userguide/upload-objects.html). */
export const objectBytesMax = 5 * 1024 ** 3;
/** Bodies of XML: a thousand keys of 1,024 bytes, and what XML adds to them. */
const documentBytesMax = 16 * 1024 ** 2;

/** @throws S3Error when the body is not what its headers and trailers say; what was written is then to be thrown away */
export async function receiveBody(incoming: IncomingMessage, { bytesMax, write }: Receiving): Promise<ReceivedBody> {
  const { headers } = incoming;
  const isChunked = header(incoming, 'x-amz-content-sha256').startsWith('STREAMING-');
  const expectedBytes = expectedLength(incoming, isChunked ? 'x-amz-decoded-content-length' : 'content-length');
  if (expectedBytes > bytesMax) throw tooLarge(bytesMax);
  const expectedMd5 = readMd5(header(incoming, 'content-md5'));
  const algorithm = checksumAlgorithm(incoming);
  const trailers = new Map<string, string>();

  const md5 = createHash('md5');
  const sha256 = isSigned(incoming) ? createHash('sha256') : undefined;
  const hasher = algorithm && createHasher(algorithm);
  let bytes = 0;
  // A write that fails, as on a full disk, must not take the connection with it: its client is answered, and the log told why.
  const plain = incoming.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
  for await (const chunk of isChunked ? decodeChunked(plain, trailers) : plain) {
    bytes += chunk.length;
    if (bytes > expectedBytes) throw incomplete();
    md5.update(chunk);
    sha256?.update(chunk);
    hasher?.update(chunk);
    await write(chunk);
  }
  if (bytes !== expectedBytes) throw incomplete();

  const digest = md5.digest();
  if (expectedMd5 && !expectedMd5.equals(digest)) throw badDigest('Content-MD5');
  if (sha256 && sha256.digest('hex') !== headers['x-amz-content-sha256']) {
    throw new S3Error(
      'XAmzContentSHA256Mismatch',
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
    );
  }
  const checksum =
    algorithm && hasher && verify({ incoming, trailers, algorithm, value: hasher.digest().toString('base64') });
  return { bytes, md5: digest, checksum, isProtected: checksum !== undefined || expectedMd5 !== undefined };
}

/** A body that is XML. Its checksum or MD5 is required where a mistake on the way would delete something else. */
export async function receiveDocument(incoming: IncomingMessage, { mustBeProtected = false } = {}): Promise<string> {
  const chunks: Buffer[] = [];
  const { isProtected } = await receiveBody(incoming, {
    bytesMax: documentBytesMax,
    write: (chunk) => void chunks.push(chunk),
  });
  if (mustBeProtected && !isProtected) {
    throw new S3Error('InvalidRequest', 'Missing required header for this request: Content-MD5 OR x-amz-checksum-*');
  }
  return Buffer.concat(chunks).toString('utf8');
}

const header = ({ headers }: IncomingMessage, name: string): string => String(headers[name] ?? '');

function expectedLength(incoming: IncomingMessage, name: string): number {
  const text = header(incoming, name);
  if (text === '') {
    throw new S3Error('MissingContentLength', 'You must provide the Content-Length HTTP header.', { status: 411 });
  }
  if (!/^\d{1,15}$/.test(text)) throw invalidArgument(name, `${name} must be a whole number`);
  return Number(text);
}

function readMd5(text: string): Buffer | undefined {
  if (text === '') return undefined;
  const md5 = Buffer.from(text, 'base64');
  if (md5.length !== 16) throw new S3Error('InvalidDigest', 'The Content-MD5 you specified was invalid.');
  return md5;
}

/** Told by the header that holds the checksum, or by the name of the trailer that will. */
function checksumAlgorithm(incoming: IncomingMessage): ChecksumAlgorithm | undefined {
  const names = [...Object.keys(incoming.headers), header(incoming, 'x-amz-trailer').toLowerCase()];
  const algorithms = names.flatMap((name) => algorithmOfHeader(name.trim()) ?? []);
  if (algorithms.length > 1)
    throw new S3Error(
      'InvalidRequest',
      'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.',
    );
  return algorithms[0];
}

const isSigned = (incoming: IncomingMessage): boolean =>
  /^[0-9a-f]{64}$/.test(header(incoming, 'x-amz-content-sha256'));

interface Verification {
  incoming: IncomingMessage;
  trailers: ReadonlyMap<string, string>;
  algorithm: ChecksumAlgorithm;
  value: string;
}

function verify({ incoming, trailers, algorithm, value }: Verification): Checksum {
  const name = `x-amz-checksum-${algorithm.toLowerCase()}`;
  const sent = trailers.get(name) ?? header(incoming, name);
  if (sent === '') throw new S3Error('MalformedTrailerError', `The trailer ${name} was announced and did not come.`);
  if (sent !== value) throw badDigest(algorithm);
  return { algorithm, value };
}

const incomplete = (): S3Error =>
  new S3Error('IncompleteBody', 'You did not provide the number of bytes specified by the Content-Length HTTP header');

const tooLarge = (bytesMax: number): S3Error =>
  new S3Error('EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size', {
    details: { MaxSizeAllowed: String(bytesMax) },
  });
