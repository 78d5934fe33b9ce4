import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { type FunctionName, functionNames } from '../config/functions.ts';
import { paths } from '../config/paths.ts';
import { requiredBuiltins } from './required-builtins.ts';

/** Where each function's bundle is: a folder holding `index.mjs`, whose export `handler` Lambda calls. */
export type FunctionBundles = Readonly<Record<FunctionName, string>>;

/**
 * Some dependencies are CommonJS and call `require` for Node's own modules; a module has none until it is made. The name
 * of the import is one that no bundled file uses.
 */
const requireBanner =
  "import { createRequire as nightdeskRequire } from 'node:module';const require = nightdeskRequire(import.meta.url);";

/**
 * Bundles every function into a folder of its own below `outDirectory`: `index.mjs`, and beside it what it imports only when
 * it comes to it, such as proxies.
 *
 * The AWS SDK goes into the bundle rather than being taken from the runtime: that pins its version, and few files without
 * unused parts start faster than the runtime's many.
 *
 * @throws Error when a function has no `index.ts` or does not compile.
 */
export async function bundleFunctions(outDirectory: string): Promise<FunctionBundles> {
  const entryOf = (name: FunctionName): string => join(paths.functions, name, 'index.ts');
  const missing = functionNames.filter((name) => !existsSync(entryOf(name)));
  if (missing.length > 0) throw new Error(`functions/ has no index.ts for ${missing.join(', ')}`);
  const bundles = functionNames.map(async (name) => {
    const outdir = join(outDirectory, name);
    await bundle(entryOf(name), outdir);
    return [name, outdir] as const;
  });
  return Object.fromEntries(await Promise.all(bundles)) as Record<FunctionName, string>;
}

async function bundle(entry: string, outdir: string): Promise<void> {
  await build({
    entryPoints: { index: entry },
    outdir,
    outExtension: { '.js': '.mjs' },
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    // ES modules first, because only they are stripped of what is not used.
    mainFields: ['module', 'main'],
    minify: true,
    alias: { '@aws-sdk/credential-provider-node': join(paths.root, 'layers/aws/src/environment-credentials.ts') },
    plugins: [requiredBuiltins],
    legalComments: 'none',
    banner: { js: requireBanner },
    logLevel: 'silent',
  });
}
