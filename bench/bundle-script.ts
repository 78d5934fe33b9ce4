/** Bundles a script of `bench/processes` as functions are bundled, so that it starts as one of those does. */
import { basename, join } from 'node:path';
import { requiredBuiltins } from '@nightdesk/infra/bundling/required-builtins.ts';
import { build } from 'esbuild';
import { scriptPath } from './child.ts';

/** @returns the path of the bundle; what it imports only when it comes to it lies beside it, in `outDirectory`. */
export async function bundleScript(name: string, outDirectory: string): Promise<string> {
  const bundleName = basename(name, '.ts');
  await build({
    entryPoints: { [bundleName]: scriptPath(name) },
    outdir: outDirectory,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    minify: true,
    plugins: [requiredBuiltins],
    legalComments: 'none',
    banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
    logLevel: 'error',
  });
  return join(outDirectory, `${bundleName}.mjs`);
}
