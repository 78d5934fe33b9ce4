/** Loopback only, for this process and for every child. */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { ownCodeCache } from './code-cache.ts';

const guardPath = fileURLToPath(new URL('./loopback-only.cjs', import.meta.url));

/** From now on this process can neither connect to nor listen on anything but loopback. Running it again changes nothing. */
export function stayOnLoopback(): void {
  createRequire(import.meta.url)(guardPath);
}

/** Makes every Node process that a child's environment reaches load the guard first, its own children included. */
export const guardedNodeOptions = `--require "${guardPath.replaceAll('\\', '\\\\')}"`;

/**
 * The environment of a child: built, never inherited, so that no credential or proxy of the owner's shell gets in.
 *
 * @param variables what the child needs beyond finding programs and a folder for temporary files
 */
export function childEnvironment(variables: Readonly<Record<string, string>> = {}): Record<string, string> {
  const inherited = ['PATH', 'TMPDIR', 'TEMP', 'SystemRoot'].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value]];
  });
  const own = { ...ownCodeCache, NODE_OPTIONS: guardedNodeOptions, TZ: 'UTC' };
  return { ...Object.fromEntries(inherited), ...own, ...variables };
}
