/** A file that is there as a whole or not at all. */
import { existsSync } from 'node:fs';
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CandlesError } from '../candles-error.ts';

export interface NewFile {
  readonly path: string;
  /** Bytes so far. */
  readonly size: number;
  /** Resolves once the system has them, so that whoever waits for it holds no more than one piece in memory. */
  write(bytes: Uint8Array): Promise<void>;
  /** Puts it in its place, at once. */
  finish(): Promise<void>;
  /** Leaves nothing behind; what was in its place stays. */
  discard(): Promise<void>;
}

/** @throws CandlesError when there is such a file, unless it may be replaced */
export function requireFree(path: string, { force }: { force: boolean }): void {
  if (!force && existsSync(path)) throw new CandlesError(`${path} exists: --force replaces it`);
}

/** @returns how many bytes it has; @throws as `createNewFile`, and when it cannot be written: then nothing is left of it */
export async function writeNewFile(path: string, bytes: Uint8Array, options: { force: boolean }): Promise<number> {
  const file = await createNewFile(path, options);
  try {
    await file.write(bytes);
    await file.finish();
    return file.size;
  } catch (error) {
    await file.discard();
    throw error;
  }
}

/** @throws CandlesError as `requireFree` */
export async function createNewFile(path: string, { force }: { force: boolean }): Promise<NewFile> {
  requireFree(path, { force });
  await mkdir(dirname(path), { recursive: true });
  const unfinished = `${path}.${process.pid}.part`;
  const handle: FileHandle = await open(unfinished, 'w');
  let size = 0;
  return {
    path,
    get size() {
      return size;
    },
    async write(bytes) {
      // One call may write less than it was given.
      for (let at = 0; at < bytes.length; ) at += (await handle.write(bytes, at)).bytesWritten;
      size += bytes.length;
    },
    async finish() {
      await handle.sync();
      await handle.close();
      await rename(unfinished, path);
    },
    async discard() {
      await handle.close();
      await rm(unfinished, { force: true });
    },
  };
}
