/** The assembly of this checkout's app, which everything that runs from here shares. */
import { fileURLToPath } from 'node:url';
import { synthesizeCached } from './synthesis.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const cacheDirectory = fileURLToPath(new URL('../../node_modules/.cache/nightdesk', import.meta.url));

/**
 * Synthesizes the app for local mode, unless that was done since the sources last changed.
 *
 * @param log is told when it takes long
 * @returns the assembly's folder
 * @throws Error with the output of the synthesis when it fails
 */
export function synthesizeApp(log: (message: string) => void): Promise<string> {
  return synthesizeCached({ root, cacheDirectory, log });
}
