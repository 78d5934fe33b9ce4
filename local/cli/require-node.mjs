/**
 * Loaded by `--import` before any TypeScript, in syntax that old versions of Node can read, so that they end with a sentence
 * instead of an error about a file extension.
 */
const needed = [22, 18];
const [major, minor] = process.versions.node.split('.').map(Number);

if (major < needed[0] || (major === needed[0] && minor < needed[1])) {
  console.error(
    `Nightdesk needs Node.js ${needed.join('.')} or newer on this machine, and this is ${process.versions.node}. ` +
      'Install a newer one from https://nodejs.org, then run `npm ci` again.',
  );
  process.exit(1);
}
