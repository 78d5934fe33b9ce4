import { isBuiltin } from 'node:module';
import { relative } from 'node:path';
import type { Plugin } from 'esbuild';
import { paths } from '../config/paths.ts';

/** What may be a module of Node; `isBuiltin` knows which are. */
const bareNames = /^(node:)?[a-z0-9_/]+$/;
/** What makes `require` is imported itself. */
const imported = /^(node:)?module$/;
const namespace = 'required-builtin';

/**
 * Has bundles require Node's own modules instead of importing them. An import reads every export of a module, and some are
 * getters that load much more: `node:http` brings in WebSocket and all of fetch, 30 ms of every cold start.
 *
 * Each importer gets a line of its own that requires. One line for all of them would belong to no chunk, and become a file
 * that every cold start has to find and read.
 */
export const requiredBuiltins: Plugin = {
  name: namespace,
  setup(build) {
    build.onResolve({ filter: bareNames }, ({ path, namespace: from, importer }) => {
      if (!isBuiltin(path) || imported.test(path)) return undefined;
      if (from === namespace) return { path, external: true };
      return { path: `node:${path.replace(/^node:/, '')}`, namespace, suffix: `?${relative(paths.root, importer)}` };
    });
    build.onLoad({ filter: /.*/, namespace }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(path)});`,
      loader: 'js',
    }));
  },
};
