import { createRequire, isBuiltin } from 'node:module';
import { relative } from 'node:path';
import type { Plugin } from 'esbuild';
import { paths } from '../config/paths.ts';

/** What may be a module of Node; `isBuiltin` knows which are. */
const bareNames = /^(node:)?[a-z0-9_/]+$/;
/** What makes `require` is imported itself. */
const imported = /^(node:)?module$/;
/** What it exports is of the process that bundles, and the same sources are to become the same bundle everywhere. */
const changing = /^node:process$/;
/** For what imports a module by names: its exports, each on its own. */
const named = 'imported-builtin';
/** For what requires a module: the module as it is. */
const whole = 'required-builtin';
const identifier = /^[A-Za-z_$][\w$]*$/;
const load = createRequire(import.meta.url);

/**
 * Has bundles require Node's own modules instead of importing them, and take of each what they use. An import reads every export of a
 * module, and some are getters that load much more: `node:http` brings in WebSocket and all of fetch, 30 ms of every cold start.
 * What a bundler makes of a required module is an object with a getter for each of its exports, and that for each file that
 * imports it: 7 ms more.
 *
 * Each importer gets lines of its own that require. Lines for all of them would belong to no chunk, and become a file that every
 * cold start has to find and read.
 */
export const requiredBuiltins: Plugin = {
  name: 'required-builtins',
  setup(build) {
    build.onResolve({ filter: bareNames }, ({ path, namespace, importer, kind }) => {
      if (!isBuiltin(path) || imported.test(path)) return undefined;
      if (namespace === named || namespace === whole) return { path, external: true };
      const suffix = `?${relative(paths.root, importer)}`;
      const name = `node:${path.replace(/^node:/, '')}`;
      const isNamed = kind === 'import-statement' && !changing.test(name);
      return { path: name, namespace: isNamed ? named : whole, suffix };
    });
    build.onLoad({ filter: /.*/, namespace: whole }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(path)});`,
      loader: 'js',
    }));
    build.onLoad({ filter: /.*/, namespace: named }, ({ path }) => ({ contents: exportsOf(path), loader: 'js' }));
  },
};

/** Of what is not imported nothing is left, so it is not read either: the bundler takes the marked calls for free of effects. */
function exportsOf(path: string): string {
  const names = Object.keys(load(path) as object).filter((name) => identifier.test(name) && name !== 'default');
  return [
    `const all = /* @__PURE__ */ require(${JSON.stringify(path)});`,
    ...names.map((name, index) => `const export${index} = /* @__PURE__ */ (() => all.${name})();`),
    `export { all as default, ${names.map((name, index) => `export${index} as ${name}`).join(', ')} };`,
  ].join('\n');
}
