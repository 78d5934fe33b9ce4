/**
 * ccxt finds out by the name of a hash's class which of Node's RSA signatures to make. Minifying renames classes, after which
 * no RSA key could sign anything, so these get their names back where they are defined.
 */
import { readFileSync } from 'node:fs';
import type { Plugin } from 'esbuild';

const hashes = /@noble[\\/]hashes[\\/]sha2\.js$/;
const naming = `
for (const [name, hash] of Object.entries({ SHA256: sha256, SHA384: sha384, SHA512: sha512 }))
  Object.defineProperty(hash.create().constructor, 'name', { value: name });
`;

export const namedHashes: Plugin = {
  name: 'named-hashes',
  setup(build) {
    build.onLoad({ filter: hashes }, ({ path }) => ({ contents: readFileSync(path, 'utf8') + naming, loader: 'js' }));
  },
};
