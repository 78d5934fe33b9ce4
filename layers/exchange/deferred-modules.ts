/**
 * Modules that ccxt's base class imports for the sake of few venues: elliptic curves, Starknet, zkLink, Cosmos messages,
 * sockets, unpacking. Evaluating them takes longer than a whole venue does, so each becomes a file of its own in the
 * layer, which is read when one of its exports is first used.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';

/** By the name of its file in the layer: how it is imported. */
const deferred: Readonly<Record<string, RegExp>> = {
  cosmos: /dydx-v4-client\/helpers\.js$/,
  ed25519: /^@noble\/curves\/ed25519\.js$/,
  fflate: /^fflate$/,
  nist: /^@noble\/curves\/nist\.js$/,
  secp256k1: /^@noble\/curves\/secp256k1\.js$/,
  starknet: /^@scure\/starknet$/,
  ws: /^ws$/,
  zklink: /zklink-sdk-web\.js$/,
};
/** Parts of a deferred module import each other as they are. */
const withinDeferred = /dydx-v4-client/;
const namespace = 'deferred-module';
/** Marks a resolution that asks what a module really is. */
const asItIs = Symbol('resolve as it is');

/**
 * Stands in for one export until it is used. What these modules export are functions, classes and objects; a proxy over a
 * function can be called, constructed and read, and hands each on to the real one.
 */
const standIn = `const standIn = (load) => new Proxy(function () {}, {
  get: (_, key) => load()[key],
  has: (_, key) => key in load(),
  apply: (_, self, parameters) => Reflect.apply(load(), self, parameters),
  construct: (_, parameters) => new (load())(...parameters),
});`;

export interface DeferredModules {
  /** For the build that imports the modules. */
  plugin: Plugin;
  /** Writes the modules that were met into `lazy/` below a folder. */
  write(outDirectory: string): Promise<void>;
}

/**
 * @param requireFunction name of the function by which any file of the layer makes its own `require`; every file is one
 *   folder below the layer's root
 */
export function deferModules(requireFunction: string): DeferredModules {
  const paths = new Map<string, string>();
  const plugin: Plugin = {
    name: namespace,
    setup(esbuild) {
      for (const [name, filter] of Object.entries(deferred)) {
        esbuild.onResolve({ filter }, async ({ path, importer, resolveDir, kind, pluginData }) => {
          if (pluginData === asItIs || withinDeferred.test(importer)) return undefined;
          const found = await esbuild.resolve(path, { importer, resolveDir, kind, pluginData: asItIs });
          if (found.errors.length > 0) return { errors: found.errors };
          paths.set(name, found.path);
          return { path: name, namespace, sideEffects: false };
        });
      }
      esbuild.onLoad({ filter: /.*/, namespace }, async ({ path: name }) => {
        const module = (await import(pathToFileURL(paths.get(name) ?? '').href)) as object;
        const load = `${requireFunction}(import.meta.url)('../lazy/${name}.cjs')`;
        return { contents: standInsFor(Object.keys(module), load), loader: 'js' };
      });
    },
  };
  const write = async (outDirectory: string): Promise<void> => {
    const settings = { bundle: true, format: 'cjs', platform: 'node', target: 'node24', minify: true } as const;
    await build({
      ...settings,
      entryPoints: Object.fromEntries(paths),
      outdir: join(outDirectory, 'lazy'),
      outExtension: { '.js': '.cjs' },
      legalComments: 'none',
      logLevel: 'error',
    });
  };
  return { plugin, write };
}

function standInsFor(names: readonly string[], load: string): string {
  const exported = names.filter((name) => name !== 'default' && name !== 'module.exports');
  return [
    standIn,
    `let module; const load = () => (module ??= ${load});`,
    ...exported.map((name) => `export const ${name} = /* @__PURE__ */ standIn(() => load().${name});`),
    ...(names.includes('default') ? ['export default /* @__PURE__ */ standIn(() => load().default ?? load());'] : []),
  ].join('\n');
}
