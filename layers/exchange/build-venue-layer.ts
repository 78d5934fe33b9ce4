/**
 * Builds the Lambda layer that functions import venues from: every venue of ccxt as its own ES module, split so that
 * importing one costs what that one needs (50 ms instead of the 0.5 to 0.9 s of the whole package).
 *
 * ```text
 * <outDirectory>/venues/rest/<venue>.js    venues/pro/<venue>.js    venues/errors.js
 *                venues/chunks/…           venues/index.json        venues/package.json
 * ```
 *
 * Runs at synth, hence synchronous. Also a command: `node build-venue-layer.ts <outDirectory>`.
 */
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

/** What `venues/index.json` holds. */
export interface VenueIndex {
  ccxtVersion: string;
  /** Hash of this script: together with the version it tells whether a folder is up to date. */
  builtBy: string;
  /** Names of the venues with orders and market data over HTTP, sorted. */
  rest: string[];
  /** Names of the venues with streams, sorted. */
  pro: string[];
}

const scriptPath = fileURLToPath(import.meta.url);
const ccxtRoot = resolve(dirname(createRequire(import.meta.url).resolve('ccxt')), '..');

/** Modules that ccxt only tries to import; it works without them and Nightdesk brings its own transport. */
const optionalModules = ['undici', 'http-proxy-agent', 'https-proxy-agent', 'socks-proxy-agent'];
/** Some dependencies are CommonJS and require Node's own modules, which an ES module cannot do by itself. */
const requireBanner =
  "import{createRequire as nightdeskRequire}from'node:module';const require=nightdeskRequire(import.meta.url);";

/**
 * Writes the layer's content below `outDirectory` unless this very build is there already. The folder is replaced as a
 * whole by a rename, so a reader sees the old one or the new one, never half of one.
 *
 * @returns `outDirectory` as an absolute path.
 * @throws Error when ccxt does not bundle; esbuild has printed why.
 */
export function buildVenueLayer(outDirectory: string): string {
  const target = resolve(outDirectory);
  const venues = join(target, 'venues');
  const index = describeBuild();
  if (isUpToDate(venues, index)) return target;
  mkdirSync(target, { recursive: true });
  const draft = mkdtempSync(join(target, '.venues-'));
  try {
    bundle(draft, index);
    writeFileSync(join(draft, 'package.json'), '{"type":"module"}\n');
    writeFileSync(join(draft, 'index.json'), `${JSON.stringify(index)}\n`);
    if (!isUpToDate(venues, index)) replace(venues, draft);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  if (!isUpToDate(venues, index)) throw new Error(`another build of the venue layer wrote ${venues} at the same time`);
  return target;
}

function describeBuild(): VenueIndex {
  const manifest = JSON.parse(readFileSync(join(ccxtRoot, 'package.json'), 'utf8')) as { version: string };
  const builtBy = createHash('sha256').update(readFileSync(scriptPath)).digest('hex');
  return { ccxtVersion: manifest.version, builtBy, rest: venuesIn('js/src'), pro: venuesIn('js/src/pro') };
}

function venuesIn(folder: string): string[] {
  const files = readdirSync(join(ccxtRoot, folder)).filter((file) => file.endsWith('.js'));
  return files.map((file) => basename(file, '.js')).sort();
}

function isUpToDate(venues: string, index: VenueIndex): boolean {
  const file = join(venues, 'index.json');
  return existsSync(file) && readFileSync(file, 'utf8').trim() === JSON.stringify(index);
}

function bundle(outdir: string, index: VenueIndex): void {
  const source = join(ccxtRoot, 'js/src');
  const entryPoints = Object.fromEntries([
    ...index.rest.map((name) => [`rest/${name}`, join(source, `${name}.js`)]),
    ...index.pro.map((name) => [`pro/${name}`, join(source, 'pro', `${name}.js`)]),
    ['errors', join(source, 'base/errors.js')],
  ]);
  buildSync({
    entryPoints,
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    minify: true,
    legalComments: 'none',
    chunkNames: 'chunks/[name]-[hash]',
    external: optionalModules,
    banner: { js: requireBanner },
    logLevel: 'error',
  });
}

/** Two renames instead of one, because a rename cannot replace a folder that is not empty. */
function replace(venues: string, draft: string): void {
  const old = `${draft}-old`;
  if (existsSync(venues)) renameSync(venues, old);
  try {
    renameSync(draft, venues);
  } catch (error) {
    // Somebody else's build got there first; the caller checks that it is the same one.
    if (!existsSync(venues)) throw error;
  } finally {
    rmSync(old, { recursive: true, force: true });
  }
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === scriptPath) {
  const outDirectory = process.argv[2];
  if (outDirectory === undefined) throw new Error('usage: node build-venue-layer.ts <outDirectory>');
  console.log(buildVenueLayer(outDirectory));
}
