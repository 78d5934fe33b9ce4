/**
 * Loaded by `--import` before any TypeScript, in syntax that old versions of Node can read, so that they end with a sentence
 * instead of an error about a file extension. Those that are new enough keep what they compile, and start sooner the next time.
 */
import * as nodeModule from 'node:module';
import { fileURLToPath } from 'node:url';

const needed = [22, 18];
const [major, minor] = process.versions.node.split('.').map(Number);

if (major < needed[0] || (major === needed[0] && minor < needed[1])) {
  console.error(
    `Nightdesk needs Node.js ${needed.join('.')} or newer on this machine, and this is ${process.versions.node}. ` +
      'Install a newer one from https://nodejs.org, then run `npm ci` again.',
  );
  process.exit(1);
}

// The same folder as in local/supervisor/code-cache.ts.
nodeModule.enableCompileCache(fileURLToPath(new URL('../../node_modules/.cache/nightdesk-code', import.meta.url)));
