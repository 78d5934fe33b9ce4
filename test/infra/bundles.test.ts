import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleFunctions, type FunctionBundles } from '@nightdesk/infra/bundling/bundle-functions.ts';
import { bundleScript } from '@nightdesk/infra/bundling/bundle-script.ts';
import { bundleService } from '@nightdesk/infra/bundling/bundle-service.ts';
import { hashConfigRules } from '@nightdesk/infra/bundling/config-rules.ts';
import { functionNames } from '@nightdesk/infra/config/functions.ts';
import { paths } from '@nightdesk/infra/config/paths.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** Stands for the hash of the rules. */
const configRules = 'rules-of-this-test';

let directory: string;
let bundles: FunctionBundles;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'nightdesk-bundles-'));
  bundles = await bundleFunctions(directory, configRules);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** All files of a bundle: the one that Lambda starts, and those that it loads when it comes to them. */
const sourceOf = (name: (typeof functionNames)[number]): string =>
  readdirSync(bundles[name], { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.mjs'))
    .map((file) => readFileSync(join(bundles[name], file), 'utf8'))
    .join('\n');

describe.each(functionNames)('the bundle of %s', (name) => {
  const source = () => sourceOf(name);

  it("imports none of Node's modules that load more than is used of them", () => {
    const imported = [...source().matchAll(/\bfrom\s*["'](node:[a-z/_]+)["']/g)].map(([, module]) => module);
    expect(new Set(imported)).toEqual(new Set(['node:module']));
  });

  it('starts from few files, none of which only stands for a module of Node', () => {
    const { imported } = startOf(name);
    expect(imported.length).toBeLessThanOrEqual(6);
    for (const file of imported) expect(statSync(join(bundles[name], file)).size).toBeGreaterThan(500);
  });

  it('takes credentials from the environment alone', () => {
    expect(source()).toContain('AWS_SECRET_ACCESS_KEY');
    expect(source()).not.toMatch(/sso_account_id|credential_process|\.aws\/sso/);
  });
});

/** What is loaded when Lambda starts a function: its bundle, and the chunks that this imports at once. */
function startOf(name: (typeof functionNames)[number]): { imported: string[]; loaded: string } {
  const start = readFileSync(join(bundles[name], 'index.mjs'), 'utf8');
  const imported = [...start.matchAll(/\bimport\s*[^;(]*?["'](\.\/chunks\/[^"']+)["']/g)].map(([, file]) => file ?? '');
  const loaded = [start, ...imported.map((file) => readFileSync(join(bundles[name], file), 'utf8'))].join('\n');
  return { imported, loaded };
}

it("takes of Node's modules what is imported of them, and reads nothing else of them", async () => {
  const outdir = mkdtempSync(join(tmpdir(), 'nightdesk-bundle-'));
  try {
    const entry = join(outdir, 'entry.ts');
    const source = `
      import { createHash } from 'node:crypto';
      import files, { existsSync as exists } from 'fs';
      import * as path from 'node:path';
      const later = await import('node:os');
      console.log(JSON.stringify([createHash('md5').update('').digest('hex'), files.existsSync === exists, path.posix.join('a', 'b'),
        typeof (later.default ?? later).cpus]));
    `;
    writeFileSync(entry, source);
    await bundleScript({ entry, credentials: 'environment', name: 'index', outdir });
    const told = execFileSync(process.execPath, [join(outdir, 'index.mjs')], { encoding: 'utf8' });
    expect(JSON.parse(told)).toEqual(['d41d8cd98f00b204e9800998ecf8427e', true, 'a/b', 'function']);
    const bundle = readFileSync(join(outdir, 'index.mjs'), 'utf8');
    for (const unused of ['webcrypto', 'ReadStream', 'toNamespacedPath']) expect(bundle).not.toContain(unused);
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
});

it('sets a switch without having loaded what reaches venues', () => {
  const { loaded } = startOf('switch-risk');
  expect(loaded).toContain('TransactWriteItems');
  expect(loaded).not.toMatch(/InvokeFunction|SocksClient/);
  expect(sourceOf('switch-risk')).not.toMatch(/cannot be opened here|createOrder|SocksClient/);
});

it('places an order without having loaded proxies or the client of the queue', () => {
  const { imported, loaded } = startOf('execute-order');
  expect(imported).not.toEqual([]);
  expect(loaded).toContain('TransactWriteItems');
  expect(loaded).not.toMatch(/ChangeMessageVisibilityBatch|SocksClient/);
});

it('places an order of a checked configuration without having loaded what checks one', () => {
  const { loaded } = startOf('execute-order');
  const ofZod = '_zod';
  expect(loaded).toContain(configRules);
  expect(loaded).not.toContain('is no document of a configuration');
  expect(loaded).not.toContain(ofZod);
  // It is there for the configuration that was changed by hand.
  expect(sourceOf('execute-order')).toContain('is no document of a configuration');
  expect(sourceOf('execute-order')).toContain(ofZod);
});

it('knows the rules for configurations again, whatever the folder it is started in', async () => {
  const rules = await hashConfigRules();
  expect(rules).toMatch(/^[0-9a-f]{64}$/);
  const script =
    "import('@nightdesk/infra/bundling/config-rules.ts').then(async (m) => console.log(await m.hashConfigRules()))";
  const options = { cwd: join(paths.root, 'lib'), encoding: 'utf8' } as const;
  expect(execFileSync(process.execPath, ['--input-type=module', '-e', script], options).trim()).toBe(rules);
});

describe('the folder of the stream service', () => {
  const folder = () => join(directory, 'stream-image');
  const entry = join(paths.services, 'stream/src/main.ts');

  beforeAll(async () => {
    const venueLayer = join(directory, 'layer');
    mkdirSync(join(venueLayer, 'venues', 'pro'), { recursive: true });
    writeFileSync(join(venueLayer, 'venues', 'pro', 'binance.js'), 'export default class {}');
    writeFileSync(join(venueLayer, 'venues', '.half-written'), '');
    await bundleService({ entry, venueLayer, outdir: folder() });
  });

  it('holds the program and the venues, and nothing that another build is just writing', () => {
    expect(readdirSync(folder()).sort()).toEqual(['Dockerfile', 'chunks', 'index.mjs', 'venues']);
    expect(readdirSync(join(folder(), 'venues'), { recursive: true }).sort()).toEqual([
      'pro',
      join('pro', 'binance.js'),
    ]);
  });

  it('makes an image of Node 24 that any machine can build for any processor, and that does not run as root', () => {
    const steps = readFileSync(join(folder(), 'Dockerfile'), 'utf8').trim().split('\n');
    expect(steps.map((step) => step.split(' ')[0])).toEqual(['FROM', 'WORKDIR', 'COPY', 'USER', 'CMD']);
    expect(steps[0]).toMatch(/\/node:24-slim$/);
    expect(steps.slice(-2)).toEqual(['USER node', 'CMD ["node","index.mjs"]']);
  });

  it('takes credentials where ECS has them, which is not in the environment', () => {
    const files = readdirSync(folder(), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.mjs'));
    const source = files.map((file) => readFileSync(join(folder(), file), 'utf8')).join('\n');
    expect(source).toContain('AWS_CONTAINER_CREDENTIALS_RELATIVE_URI');
  });

  it('is not made of a program that is not there', async () => {
    const missing = bundleService({ entry: `${entry}.js`, venueLayer: '', outdir: folder() });
    await expect(missing).rejects.toThrow('is not there: it is what the service runs');
  });
});
