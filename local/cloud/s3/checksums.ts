/** Checksums of bodies, which clients send and S3 keeps (https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html). */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { notImplemented, S3Error } from './errors.ts';

export const checksumAlgorithms = ['CRC32', 'CRC32C', 'SHA1', 'SHA256'] as const;
export type ChecksumAlgorithm = (typeof checksumAlgorithms)[number];

export interface Checksum {
  readonly algorithm: ChecksumAlgorithm;
  /** Base64; of several parts with `-<parts>` at its end. */
  readonly value: string;
}

export interface Hasher {
  update(chunk: Uint8Array): void;
  digest(): Buffer;
}

export const headerOf = (algorithm: ChecksumAlgorithm): string => `x-amz-checksum-${algorithm.toLowerCase()}`;

/** Of whole bodies, or of the checksums of parts. */
export const typeOf = ({ value }: Checksum): 'COMPOSITE' | 'FULL_OBJECT' =>
  value.includes('-') ? 'COMPOSITE' : 'FULL_OBJECT';

/** @throws S3Error for an algorithm that S3 or this emulation does not have. */
export function readAlgorithm(name: string): ChecksumAlgorithm {
  const found = checksumAlgorithms.find((algorithm) => algorithm === name.toUpperCase());
  if (found === undefined) throw notImplemented(`checksum algorithm ${name}`);
  return found;
}

/** Headers that begin like one that holds a checksum, but hold something else. */
const otherHeaders: ReadonlySet<string> = new Set(['algorithm', 'mode', 'type']);
const prefix = 'x-amz-checksum-';

/** The algorithm whose value a header or trailer of that name holds. @returns undefined for other headers */
export function algorithmOfHeader(name: string): ChecksumAlgorithm | undefined {
  const rest = name.startsWith(prefix) ? name.slice(prefix.length) : '';
  return rest === '' || otherHeaders.has(rest) ? undefined : readAlgorithm(rest);
}

export function createHasher(algorithm: ChecksumAlgorithm): Hasher {
  if (algorithm === 'CRC32') return createCrc((value, chunk) => crc32(chunk, value));
  if (algorithm === 'CRC32C') return createCrc(crc32c);
  const hash = createHash(algorithm.toLowerCase());
  return { update: (chunk) => void hash.update(chunk), digest: () => hash.digest() };
}

function createCrc(next: (value: number, chunk: Uint8Array) => number): Hasher {
  let value = 0;
  return {
    update(chunk) {
      value = next(value, chunk);
    },
    digest() {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(value >>> 0);
      return bytes;
    },
  };
}

/** Castagnoli's polynomial, its bits reversed (RFC 3720, appendix B.4). */
const polynomial = 0x82f63b78;
const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ polynomial : value >>> 1;
  return value;
});

function crc32c(start: number, chunk: Uint8Array): number {
  let value = ~start;
  for (const byte of chunk) value = (value >>> 8) ^ (table[(value ^ byte) & 0xff] ?? 0);
  return ~value >>> 0;
}

/** The checksum of an object that was put together: of the checksums of its parts, one after the other. */
export function compositeChecksum(algorithm: ChecksumAlgorithm, parts: readonly Checksum[]): Checksum {
  const hasher = createHasher(algorithm);
  for (const part of parts) hasher.update(Buffer.from(part.value, 'base64'));
  return { algorithm, value: `${hasher.digest().toString('base64')}-${parts.length}` };
}

export const badDigest = (what: string): S3Error =>
  new S3Error('BadDigest', `The ${what} you specified did not match the calculated checksum.`);
