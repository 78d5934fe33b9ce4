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

/** Stands for the SDK's whole chain of credential providers, most of which a function never asks. */
const environmentCredentials = {
  '@aws-sdk/credential-provider-node': join(paths.root, 'layers/aws/src/environment-credentials.ts'),
};

export interface BundledScript {
  /** Path of the source. */
  entry: string;
  /** Where its credentials come from: Lambda puts them into the environment, and other places have their own ways. */
  credentials: 'environment' | 'anywhere';
  /** Texts that stand in place of global names. */
  constants?: Readonly<Record<string, string>>;
  /** Name of the bundle, without an extension. */
  name: string;
  outdir: string;
}

/**
 * Bundles one script for Node 24: `<name>.mjs`, and beside it what it imports only when it comes to it.
 *
 * @throws Error when it does not compile.
 */
export async function bundleScript(script: BundledScript): Promise<void> {
  const { entry, credentials, constants = {}, name, outdir } = script;
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
    alias: credentials === 'environment' ? environmentCredentials : {},
    define: Object.fromEntries(Object.entries(constants).map(([key, text]) => [key, JSON.stringify(text)])),
    plugins: [requiredBuiltins],
    legalComments: 'none',
    banner: { js: requireBanner },
    logLevel: 'silent',
  });
}
