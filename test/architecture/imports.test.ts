import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inFolder, readSources, type Source } from './sources.ts';

const workspaces = [
  'layers/core',
  'layers/aws',
  'layers/exchange',
  'functions',
  'services/stream',
  'lib',
  'local',
] as const;
type Workspace = (typeof workspaces)[number];

const sources = readSources([...workspaces, 'bench']);
const within = (...folders: string[]): Source[] =>
  sources.filter(({ path }) => folders.some((folder) => inFolder(path, folder)));

/** `path imports name`, for every import that a rule forbids. */
const offences = (candidates: readonly Source[], forbidden: (name: string, source: Source) => boolean): string[] =>
  candidates.flatMap((source) =>
    source.imports.filter((name) => forbidden(name, source)).map((name) => `${source.path} imports ${name}`),
  );

it('what the rules look for is seen where it is known to be', () => {
  for (const workspace of workspaces) expect([workspace, within(workspace).length > 0]).toEqual([workspace, true]);
  expect(offences(within('functions'), (name) => name === '@nightdesk/core')).not.toEqual([]);
  expect(within('local').some(({ uses }) => uses.has('Date.now'))).toBe(true);
  expect(within('local').some(({ texts }) => texts.has('binance'))).toBe(true);
});

describe('who may import whom', () => {
  const nameOf: Record<Workspace, string> = {
    'layers/core': '@nightdesk/core',
    'layers/aws': '@nightdesk/aws',
    'layers/exchange': '@nightdesk/exchange',
    functions: '@nightdesk/functions',
    'services/stream': '@nightdesk/stream',
    lib: '@nightdesk/infra',
    local: '@nightdesk/local',
  };
  const mayImport: Record<Workspace, Workspace[]> = {
    'layers/core': [],
    'layers/aws': ['layers/core'],
    'layers/exchange': ['layers/core'],
    functions: ['layers/core', 'layers/aws', 'layers/exchange'],
    'services/stream': ['layers/core', 'layers/aws', 'layers/exchange', 'functions'],
    // What builds the venue layer, at synth; not what runs.
    lib: ['layers/core', 'layers/exchange'],
    local: ['layers/core', 'layers/aws', 'layers/exchange', 'lib'],
  };

  it.each(workspaces)('%s imports only the workspaces it builds on', (workspace) => {
    const allowed = mayImport[workspace].map((other) => nameOf[other]);
    const isForbidden = (name: string) =>
      name.startsWith('@nightdesk/') && !allowed.some((own) => name === own || name.startsWith(`${own}/`));
    expect(offences(within(workspace), isForbidden)).toEqual([]);
  });

  it('nothing reaches out of its workspace by a relative path', () => {
    const leaves = (name: string, { path }: Source) => {
      const workspace = workspaces.find((folder) => inFolder(path, folder)) ?? 'bench';
      return name.startsWith('.') && !inFolder(posix.join(posix.dirname(path), name), workspace);
    };
    expect(offences(sources, leaves)).toEqual([]);
  });

  it('a function imports no other function', () => {
    const reachesOver = (name: string, { path }: Source) => {
      const [, own] = path.split('/');
      const [, other] = posix.join(posix.dirname(path), name).split('/');
      return name.startsWith('.') && other !== own && other !== 'shared';
    };
    expect(offences(within('functions'), reachesOver)).toEqual([]);
  });

  it('the stream service takes of functions only what they share', () => {
    const isOwn = (name: string) => name.startsWith('@nightdesk/functions/') && !name.includes('/shared/');
    expect(offences(within('services/stream'), isOwn)).toEqual([]);
  });

  it('run-time code knows nothing of the infrastructure that deploys it', () => {
    const isInfrastructure = (name: string) => /^(aws-cdk-lib|constructs|cdk-nag|esbuild)(\/|$)/.test(name);
    const running = within('layers/core', 'layers/aws', 'layers/exchange/src', 'functions', 'services/stream');
    expect(offences(running, isInfrastructure)).toEqual([]);
  });

  it('only layers/exchange imports ccxt, bench aside, which measures against it', () => {
    const others = sources.filter(({ path }) => !inFolder(path, 'layers/exchange') && !inFolder(path, 'bench'));
    expect(offences(others, (name) => /^ccxt(\/|$)/.test(name))).toEqual([]);
  });
});

describe('the core is pure', () => {
  const core = within('layers/core');

  it('imports three libraries that compute and nothing that acts', () => {
    expect(offences(core, (name) => !/^(\.{1,2}\/|zod$|big\.js$|@noble\/hashes\/)/.test(name))).toEqual([]);
  });

  it.each([
    'process',
    'Date.now',
    'new Date()',
    'Math.random',
    'performance',
    'crypto',
    'fetch',
    'setTimeout',
    'setInterval',
    'console',
  ])('never uses %s', (name) => {
    expect(core.filter(({ uses }) => uses.has(name)).map(({ path }) => path)).toEqual([]);
  });
});

describe('the environment', () => {
  it('is read in one place, where what is missing is named', () => {
    const running = within('layers/core', 'layers/aws', 'layers/exchange/src', 'functions', 'services/stream');
    const readers = running.filter(({ uses }) => uses.has('process.env'));
    expect(readers.map(({ path }) => path)).toEqual(['layers/aws/src/environment.ts']);
  });
});

describe('venues', () => {
  const ccxtRoot = join(dirname(createRequire(import.meta.url).resolve('ccxt')), '..');
  const venueIds = readdirSync(join(ccxtRoot, 'js/src'))
    .filter((file) => file.endsWith('.js'))
    .map((file) => basename(file, '.js'));

  it('are known by name in layers/exchange only, so that no other code can treat one unlike the rest', () => {
    expect(venueIds).toContain('binance');
    const ids = new Set(venueIds);
    // Senders write names of exchanges: their dialects translate those, and treat none unlike the rest.
    const searched = within('layers/core', 'layers/aws', 'functions', 'services/stream', 'lib').filter(
      ({ path }) => !path.startsWith('layers/core/src/signals/dialects/'),
    );
    const named = searched.flatMap(({ path, texts }) =>
      [...texts].filter((text) => ids.has(text)).map((text) => `${path} says '${text}'`),
    );
    expect(named).toEqual([]);
  });
});
