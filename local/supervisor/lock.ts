/** One supervisor per state folder. The operating system drops the lock with the process, however that ends. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { readStateFile, writeStateFile } from '../cloud/state-file.ts';

const lockFile = 'lock.db';
const ownerFile = 'owner.json';

/** Files of the lock in a state folder. */
export const lockFiles: ReadonlySet<string> = new Set([lockFile, `${lockFile}-journal`, ownerFile]);

/** What SQLite answers when another process, or another part of this one, holds the file. */
const sqliteBusy = 5;

/**
 * Takes the folder for this process. A lock file that names a process would outlive `kill -9` and mistake a later process of
 * the same number for its owner; a lock on an open SQLite file does neither. The file beside it only tells people who it is.
 *
 * @returns what gives the folder free again
 * @throws Error naming the running process when the folder is taken
 */
export function lockState(directory: string): () => void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const ownerPath = join(directory, ownerFile);
  const database = new DatabaseSync(join(directory, lockFile));
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (error instanceof Error && 'errcode' in error && error.errcode === sqliteBusy) {
      const owner = readStateFile(ownerPath) as { pid?: number } | undefined;
      throw new Error(
        `${directory} is in use by process ${owner?.pid ?? 'unknown'}: stop that one, or set NIGHTDESK_STATE_DIR to another folder`,
      );
    }
    throw error;
  }
  writeStateFile(ownerPath, { pid: process.pid });
  return () => database.close();
}
