import { isBuiltin } from 'node:module';
import type { Plugin } from 'esbuild';

/** What may be a module of Node; `isBuiltin` knows which are. */
const bareNames = /^(node:)?[a-z0-9_/]+$/;
/** What makes `require` is imported itself. */
const imported = /^(node:)?module$/;
const namespace = 'required-builtin';

/**
 * Has bundles require Node's own modules instead of importing them. An import reads every export of a module, and some are
 * getters that load much more: `node:http` brings in WebSocket and all of fetch, 30 ms of every cold start.
 */
export const requiredBuiltins: Plugin = {
  name: namespace,
  setup(build) {
    build.onResolve({ filter: bareNames }, ({ path, namespace: from }) => {
      if (!isBuiltin(path) || imported.test(path)) return undefined;
      return from === namespace ? { path, external: true } : { path: `node:${path.replace(/^node:/, '')}`, namespace };
    });
    build.onLoad({ filter: /.*/, namespace }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(path)});`,
      loader: 'js',
    }));
  },
};
