/** JSON made smaller by zstd, so that it costs less to keep, to write and to read. */
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';

/** Far beyond a row, and little enough for a function's memory: what claims to be larger is damaged. */
const bytesMax = 64 * 1024 * 1024;

export const squeezeJson = (value: unknown): Uint8Array => zstdCompressSync(JSON.stringify(value));

/** @throws Error when the bytes are damaged */
export const unsqueezeJson = (bytes: Uint8Array): unknown =>
  JSON.parse(zstdDecompressSync(bytes, { maxOutputLength: bytesMax }).toString());
