import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { build } from 'esbuild';
import { paths } from '../config/paths.ts';

/**
 * Tells one state of the rules for configurations from every other: the hash of all code that checks one, zod included. The
 * same source has the same hash on every machine.
 *
 * @throws Error when the code does not compile.
 */
export async function hashConfigRules(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(paths.root, 'layers/core/src/config/check-config.ts')],
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    // Without comments, which would say where the files are.
    minify: true,
    legalComments: 'none',
    write: false,
    logLevel: 'silent',
  });
  const hash = createHash('sha256');
  for (const { contents } of outputFiles) hash.update(contents);
  return hash.digest('hex');
}
