/** Small state kept as one JSON file that a crash can never leave half-written. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Only the owner may read state: it holds secrets and what the desk did. */
const ownerOnlyFileMode = 0o600;
const ownerOnlyDirectoryMode = 0o700;

/**
 * Reads what `writeStateFile` wrote, or gives `undefined` when there is none.
 * @throws Error naming the file when it is not JSON, since starting from nothing would lose what it held.
 */
export function readStateFile(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`state file ${path} is not valid JSON: restore it, or delete it to start without its contents`);
  }
}

/** Replaces the file in one step: readers and a killed process see the old contents or the new, never a mixture. */
export function writeStateFile(path: string, state: unknown): void {
  mkdirSync(dirname(path), { recursive: true, mode: ownerOnlyDirectoryMode });
  const temporaryPath = `${path}.new`;
  writeFileSync(temporaryPath, JSON.stringify(state), { mode: ownerOnlyFileMode });
  renameSync(temporaryPath, path);
}
