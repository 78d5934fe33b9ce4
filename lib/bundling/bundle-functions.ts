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
 * Bundles every function into a folder of its own below `outDirectory`, all in one run of esbuild.
 *
 * The AWS SDK goes into the bundle rather than being taken from the runtime: that pins its version, and one file without
 * unused parts starts faster than the runtime's many.
 *
 * @throws Error when a function has no `index.ts` or does not compile.
 */
export async function bundleFunctions(outDirectory: string): Promise<FunctionBundles> {
  const entryOf = (name: FunctionName): string => join(paths.functions, name, 'index.ts');
  const missing = functionNames.filter((name) => !existsSync(entryOf(name)));
  if (missing.length > 0) throw new Error(`functions/ has no index.ts for ${missing.join(', ')}`);
  await build({
    entryPoints: functionNames.map((name) => ({ in: entryOf(name), out: `${name}/index` })),
    outdir: outDirectory,
    outExtension: { '.js': '.mjs' },
    bundle: true,
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
  return Object.fromEntries(functionNames.map((name) => [name, join(outDirectory, name)])) as Record<
    FunctionName,
    string
  >;
}
