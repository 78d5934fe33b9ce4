/** Bytes of objects and parts, each under a name that is used once. What they belong to is said by the index. */
import { closeSync, createReadStream, openSync } from 'node:fs';
import { mkdir, open, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';

export interface ByteRange {
  /** First byte. */
  readonly from: number;
  /** Behind the last byte. */
  readonly to: number;
}

export interface BlobWriter {
  write(chunk: Buffer): Promise<void>;
  close(): Promise<void>;
}

export interface Blobs {
  create(name: string): Promise<BlobWriter>;
  /** Opens at once: what is removed after this call is still read to its end. @throws Error when there is none */
  read(name: string, range: ByteRange): Readable;
  /** Also of one that is not there, or only in part. */
  remove(name: string): Promise<void>;
}

/** Objects are as private as the rest of the state. */
const ownerOnlyFileMode = 0o600;
const ownerOnlyDirectoryMode = 0o700;

/** One file per blob below `directory`, in folders by the name's first two characters; in memory when it is absent. */
export function createBlobs(directory: string | undefined): Blobs {
  return directory === undefined ? createMemoryBlobs() : createFiles(directory);
}

function createFiles(directory: string): Blobs {
  const pathOf = (name: string): string => join(directory, name.slice(0, 2), name);
  return {
    async create(name) {
      await mkdir(dirname(pathOf(name)), { recursive: true, mode: ownerOnlyDirectoryMode });
      const file = await open(pathOf(name), 'wx', ownerOnlyFileMode);
      return { write: (chunk) => file.appendFile(chunk), close: () => file.close() };
    },
    read(name, { from, to }) {
      const fd = openSync(pathOf(name), 'r');
      if (to > from) return createReadStream('', { fd, start: from, end: to - 1 });
      closeSync(fd);
      return Readable.from([]);
    },
    remove: (name) => rm(pathOf(name), { force: true }),
  };
}

function createMemoryBlobs(): Blobs {
  const blobs = new Map<string, Buffer>();
  return {
    async create(name) {
      const chunks: Buffer[] = [];
      return {
        write: async (chunk) => void chunks.push(chunk),
        close: async () => void blobs.set(name, Buffer.concat(chunks)),
      };
    },
    read(name, { from, to }) {
      const blob = blobs.get(name);
      if (blob === undefined) throw new Error(`there is no blob ${name}`);
      return Readable.from(to > from ? [blob.subarray(from, to)] : []);
    },
    remove: async (name) => void blobs.delete(name),
  };
}
