/**
 * Builds the Lambda layer that functions import venues from: every venue of ccxt as its own ES module, split so that
 * importing one costs what that one needs (50 ms instead of the 0.5 to 0.9 s of the whole package). Venues that ccxt
 * does not have are classes of our own in `custom/<venue>/index.ts` and land next to them (docs/custom-venues.md).
 *
 * ```text
 * <outDirectory>/venues/rest/<venue>.js    venues/pro/<venue>.js    venues/errors.js
 *                venues/chunks/…           venues/lazy/…            venues/index.json        venues/package.json
 * ```
 *
 * Runs at synth. Also a command: `node build-venue-layer.ts <outDirectory>`.
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
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { deferModules } from './deferred-modules.ts';
import { leanBaseClass } from './lean-base-class.ts';
import { namedHashes } from './named-hashes.ts';

/** What `venues/index.json` holds. */
export interface VenueIndex {
  ccxtVersion: string;
  /** Hash of this script and of our own venues: together with the version it tells whether a folder is up to date. */
  builtBy: string;
  /** Names of the venues with orders and market data over HTTP, our own included, sorted. */
  rest: string[];
  /** Names of the venues with streams, sorted. */
  pro: string[];
  /** Those of `rest` that are classes of our own, sorted. */
  custom: string[];
}

export interface BuildVenueLayerOptions {
  /**
   * The folder with one folder per venue of our own, each with an `index.ts` that exports its class by default.
   *
   * @default the folder `custom` beside this file
   */
  customDirectory?: string;
}

/** What is built: the index and where each of our own venues comes from. */
interface Build {
  index: VenueIndex;
  customDirectory: string;
}

const scriptPath = fileURLToPath(import.meta.url);
const parts = ['./deferred-modules.ts', './implicit-endpoints.ts', './lean-base-class.ts', './named-hashes.ts'];
const partPaths = parts.map((file) => fileURLToPath(new URL(file, import.meta.url)));
const ccxtRoot = resolve(dirname(createRequire(import.meta.url).resolve('ccxt')), '..');

/** Modules that ccxt only tries to import; it works without them and Nightdesk brings its own transport. */
const optionalModules = ['undici', 'http-proxy-agent', 'https-proxy-agent', 'socks-proxy-agent'];
/** Some dependencies are CommonJS and require Node's own modules, which an ES module cannot do by itself. */
const requireFunction = 'nightdeskRequire';
const requireBanner = `import{createRequire as ${requireFunction}}from'node:module';const require=${requireFunction}(import.meta.url);`;
/**
 * What `import … from 'ccxt'` in a venue of our own means: the base class and its helpers, from the very files that
 * ccxt's venues import them from, so that all share one chunk. The package's own entry would bring in every venue.
 */
const ccxtBase = `
export { Exchange } from ${sourceOf('base/Exchange.js')};
export { Precise } from ${sourceOf('base/Precise.js')};
export * from ${sourceOf('base/errors.js')};
export * as functions from ${sourceOf('base/functions.js')};
`;

function sourceOf(file: string): string {
  return JSON.stringify(join(ccxtRoot, 'js/src', file));
}

/**
 * Writes the layer's content below `outDirectory` unless this very build is there already. The folder is replaced as a
 * whole by a rename, so a reader sees the old one or the new one, never half of one.
 *
 * @returns `outDirectory` as an absolute path.
 * @throws Error when ccxt or a venue of our own does not bundle, of which esbuild has printed why, or when a venue of
 *   our own has the name of one of ccxt's.
 */
export async function buildVenueLayer(outDirectory: string, options: BuildVenueLayerOptions = {}): Promise<string> {
  const target = resolve(outDirectory);
  const venues = join(target, 'venues');
  const customDirectory = resolve(options.customDirectory ?? join(dirname(scriptPath), 'custom'));
  const index = describeBuild(customDirectory);
  if (isUpToDate(venues, index)) return target;
  mkdirSync(target, { recursive: true });
  const draft = mkdtempSync(join(target, '.venues-'));
  try {
    await bundle(draft, { index, customDirectory });
    writeFileSync(join(draft, 'package.json'), '{"type":"module"}\n');
    writeFileSync(join(draft, 'index.json'), `${JSON.stringify(index)}\n`);
    if (!isUpToDate(venues, index)) replace(venues, draft);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  if (!isUpToDate(venues, index)) throw new Error(`another build of the venue layer wrote ${venues} at the same time`);
  return target;
}

function describeBuild(customDirectory: string): VenueIndex {
  const manifest = JSON.parse(readFileSync(join(ccxtRoot, 'package.json'), 'utf8')) as { version: string };
  const ours = customVenues(customDirectory);
  const theirs = venuesIn('js/src');
  for (const name of ours) {
    if (!theirs.includes(name)) continue;
    const folder = join(customDirectory, name);
    throw new Error(
      `ccxt ${manifest.version} has a venue "${name}" of its own; remove ${folder} or give it another name`,
    );
  }
  return {
    ccxtVersion: manifest.version,
    builtBy: hashOf([scriptPath, ...partPaths, ...sourcesBelow(customDirectory)]),
    rest: [...theirs, ...ours].sort(),
    pro: venuesIn('js/src/pro'),
    custom: ours,
  };
}

function venuesIn(folder: string): string[] {
  const files = readdirSync(join(ccxtRoot, folder)).filter((file) => file.endsWith('.js'));
  return files.map((file) => basename(file, '.js')).sort();
}

function customVenues(directory: string): string[] {
  return readdirSync(directory)
    .filter((name) => existsSync(join(directory, name, 'index.ts')))
    .sort();
}

function sourcesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(directory, file))
    .sort();
}

/** Of names and contents; names count from this script, so that a checkout elsewhere has the same hash. */
function hashOf(files: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of files) {
    const content = createHash('sha256').update(readFileSync(file)).digest('hex');
    hash.update(`${relative(dirname(scriptPath), file)} ${content}\n`);
  }
  return hash.digest('hex');
}

function isUpToDate(venues: string, index: VenueIndex): boolean {
  const file = join(venues, 'index.json');
  return existsSync(file) && readFileSync(file, 'utf8').trim() === JSON.stringify(index);
}

async function bundle(outdir: string, { index, customDirectory }: Build): Promise<void> {
  const source = join(ccxtRoot, 'js/src');
  const fileOf = (name: string) =>
    index.custom.includes(name) ? join(customDirectory, name, 'index.ts') : join(source, `${name}.js`);
  const entryPoints = Object.fromEntries([
    ...index.rest.map((name) => [`rest/${name}`, fileOf(name)]),
    ...index.pro.map((name) => [`pro/${name}`, join(source, 'pro', `${name}.js`)]),
    ['errors', join(source, 'base/errors.js')],
  ]);
  const base = join(outdir, 'ccxt-base.js');
  writeFileSync(base, ccxtBase);
  const modules = deferModules(requireFunction);
  await build({
    entryPoints,
    plugins: [modules.plugin, leanBaseClass, namedHashes],
    alias: { ccxt: base },
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
  rmSync(base);
  await modules.write(outdir);
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
  console.log(await buildVenueLayer(outDirectory));
}
