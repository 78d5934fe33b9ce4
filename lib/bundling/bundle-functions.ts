import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type FunctionName, functionNames } from '../config/functions.ts';
import { paths } from '../config/paths.ts';
import { bundleScript } from './bundle-script.ts';

/** Where each function's bundle is: a folder holding `index.mjs`, whose export `handler` Lambda calls. */
export type FunctionBundles = Readonly<Record<FunctionName, string>>;

/**
 * Bundles every function into a folder of its own below `outDirectory`: `index.mjs`, and beside it what it imports only when
 * it comes to it, such as proxies.
 *
 * The AWS SDK goes into the bundle rather than being taken from the runtime: that pins its version, and few files without
 * unused parts start faster than the runtime's many.
 *
 * @param configRules by which they check a configuration (config-rules.ts)
 * @throws Error when a function has no `index.ts` or does not compile.
 */
export async function bundleFunctions(outDirectory: string, configRules: string): Promise<FunctionBundles> {
  const entryOf = (name: FunctionName): string => join(paths.functions, name, 'index.ts');
  const missing = functionNames.filter((name) => !existsSync(entryOf(name)));
  if (missing.length > 0) throw new Error(`functions/ has no index.ts for ${missing.join(', ')}`);
  const bundles = functionNames.map(async (name) => {
    const outdir = join(outDirectory, name);
    const constants = { NIGHTDESK_CONFIG_RULES: configRules };
    await bundleScript({ entry: entryOf(name), credentials: 'environment', constants, name: 'index', outdir });
    return [name, outdir] as const;
  });
  return Object.fromEntries(await Promise.all(bundles)) as Record<FunctionName, string>;
}
