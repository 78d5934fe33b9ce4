/**
 * Loaded by `--require` before AWS's runtime client, inside every sandbox. It gives the child what Lambda's machine image
 * would: the runtime client's native addon, the layers at /opt, and the AWS SDK that the runtime ships.
 * Plain JavaScript, because stripping types would be paid on every cold start. The arguments are the layer directories.
 */
'use strict';

const fs = require('node:fs');
const { getCompileCacheDir, isBuiltin, registerHooks, syncBuiltinESMExports } = require('node:module');
const { join, sep } = require('node:path');
const { fileURLToPath, pathToFileURL } = require('node:url');
const { setFlagsFromString } = require('node:v8');

const codeDirectory = process.env.LAMBDA_TASK_ROOT;
const layerDirectories = process.argv.slice(2);
const ownUrl = pathToFileURL(__filename).href;
const runtimeClientUrl = pathToFileURL(join(__dirname, 'runtime-client.cjs')).href;
const existsSync = fs.existsSync;

/** Packages that AWS installs in the Node.js runtime itself, so bundles leave them out. */
const runtimePackage = /^@(aws-sdk|smithy)\//;
const barePackage = /^(?!file:|node:|data:)[^./#\\]/;

/** The file that a path below /opt stands for: layers are unpacked over each other, so the last one wins. */
function inLayers(path) {
  const found = layerDirectories.findLast((directory) => existsSync(join(directory, path.slice('/opt/'.length))));
  return found === undefined ? path : join(found, path.slice('/opt/'.length));
}

function isUploaded(url) {
  if (!url?.startsWith('file:')) return false;
  const path = fileURLToPath(url);
  return [codeDirectory, ...layerDirectories].some((directory) => path.startsWith(directory + sep));
}

/** Resolves a package as Lambda would: from what was uploaded, else from the SDK of the runtime, never from this project. */
function resolvePackage(specifier, context, nextResolve) {
  if (runtimePackage.test(specifier)) {
    try {
      return nextResolve(specifier, context);
    } catch {
      return nextResolve(specifier, { ...context, parentURL: ownUrl });
    }
  }
  const resolved = nextResolve(specifier, context);
  if (isUploaded(resolved.url)) return resolved;
  const error = new Error(
    `Cannot find package '${specifier}' imported from ${context.parentURL}: it is not in the bundle`,
  );
  throw Object.assign(error, { code: 'ERR_MODULE_NOT_FOUND' });
}

registerHooks({
  resolve(specifier, context, nextResolve) {
    if (specifier === './rapid-client.node') {
      return { url: runtimeClientUrl, format: 'commonjs', shortCircuit: true };
    }
    if (/^[A-Za-z]:\\/.test(specifier)) return nextResolve(pathToFileURL(specifier).href, context); // Windows: AWS's client imports by path.
    if (specifier.startsWith('/opt/')) return nextResolve(inLayers(specifier), context);
    if (specifier.startsWith('file:///opt/')) {
      return nextResolve(pathToFileURL(inLayers(decodeURIComponent(new URL(specifier).pathname))).href, context);
    }
    if (barePackage.test(specifier) && !isBuiltin(specifier) && isUploaded(context.parentURL)) {
      return resolvePackage(specifier, context, nextResolve);
    }
    return nextResolve(specifier, context);
  },
});

/** Makes the reading functions of `node:fs` see the layers at /opt too. */
function redirectReads(target, names) {
  for (const name of names) {
    const original = target[name];
    target[name] = (path, ...rest) =>
      original(typeof path === 'string' && path.startsWith('/opt/') ? inLayers(path) : path, ...rest);
  }
}

if (layerDirectories.length > 0) {
  const readers = ['access', 'lstat', 'open', 'opendir', 'readFile', 'readdir', 'stat'];
  redirectReads(fs.promises, readers);
  redirectReads(fs, [...readers, ...readers.map((name) => `${name}Sync`), 'createReadStream', 'existsSync']);
  syncBuiltinESMExports();
}

/**
 * Of a file Node keeps what was compiled when it was loaded, and V8 compiles most functions only when they are called: a ninth of the
 * processor time of a first order, which keeping code alone does not save. Where code is kept, files are therefore compiled as a whole.
 *
 * V8 takes kept code only under the settings that it was made under. Node's own modules were compiled with Node, so those that
 * functions use are loaded before the setting is changed.
 */
function compileWholeFiles() {
  for (const name of ['async_hooks', 'console', 'crypto', 'http', 'https', 'timers/promises', 'zlib']) {
    require(`node:${name}`);
  }
  // Parts that are loaded when they are first read.
  void [globalThis.ReadableStream, globalThis.crypto, fs.ReadStream];
  setFlagsFromString('--no-lazy');
}

if (getCompileCacheDir() !== undefined) compileWholeFiles();

process.argv.length = 2;
