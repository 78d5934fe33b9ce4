import { join } from 'node:path';
import { build } from 'esbuild';
import { paths } from '../config/paths.ts';
import { requiredBuiltins } from './required-builtins.ts';

/**
 * Some dependencies are CommonJS and call `require` for Node's own modules; a module has none until it is made. The name
 * of the import is one that no bundled file uses.
 */
const requireBanner =
  "import { createRequire as nightdeskRequire } from 'node:module';const require = nightdeskRequire(import.meta.url);";

export interface BundledScript {
  /** Path of the source. */
  entry: string;
  /** Name of the bundle, without an extension. */
  name: string;
  outdir: string;
}

/**
 * Bundles one script for Lambda's Node: `<name>.mjs`, and beside it what it imports only when it comes to it.
 *
 * @throws Error when it does not compile.
 */
export async function bundleScript({ entry, name, outdir }: BundledScript): Promise<void> {
  await build({
    entryPoints: { [name]: entry },
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
