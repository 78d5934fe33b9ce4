/**
 * Where Node keeps the code that it compiled (https://nodejs.org/api/module.html#module-compile-cache), so that the same files
 * start sooner the next time. Lambda has nothing of the kind: a cold start takes longer there by what this saves here.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** For programs of this checkout; `local/cli/require-node.mjs` names the same folder. A file that changed replaces what was kept of it. */
const ownDirectory = fileURLToPath(new URL('../../node_modules/.cache/nightdesk-code', import.meta.url));

/** Variables of a process that runs programs of this checkout. */
export const ownCodeCache: Readonly<Record<string, string>> = { NODE_COMPILE_CACHE: ownDirectory };

/** Variables of a process that runs bundles of an assembly. What is kept goes when the assembly goes. */
export const bundleCodeCache = (assemblyDirectory: string): Record<string, string> => ({
  NODE_COMPILE_CACHE: join(assemblyDirectory, 'compiled'),
});
