/** The cache of assemblies, with a small script in the place of the CDK app. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hashSources } from '../../local/supervisor/source-hash.ts';
import { synthesizeCached } from '../../local/supervisor/synthesis.ts';

let root: string;
let cacheDirectory: string;
let script: string;
let logged: string[];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'nightdesk-synthesis-'));
  cacheDirectory = join(root, 'cache');
  script = join(root, 'script.mjs');
  logged = [];
  for (const folder of ['lib', 'functions', 'services', 'layers', 'config']) mkdirSync(join(root, folder));
  for (const file of ['package-lock.json', 'cdk.json', 'tsconfig.json', 'lib/app.ts'])
    writeFileSync(join(root, file), '1');
  synthesizeBy(`writeFileSync(join(out, 'made-of'), readFileSync(join(process.cwd(), 'lib/app.ts')))`);
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

function synthesizeBy(statement: string): void {
  const imports = `import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'; import { join } from 'node:path';`;
  writeFileSync(script, `${imports} const out = process.argv[2]; mkdirSync(out, { recursive: true }); ${statement};`);
}

const synthesize = () => synthesizeCached({ root, cacheDirectory, script, log: (message) => logged.push(message) });

describe('the cache of assemblies', () => {
  it('synthesizes once for the same sources', async () => {
    const first = await synthesize();
    expect(await synthesize()).toBe(first);
    expect(logged).toHaveLength(1);
    expect(readFileSync(join(first, 'made-of'), 'utf8')).toBe('1');
  });

  it('synthesizes again after a change, and keeps both', async () => {
    const first = await synthesize();
    writeFileSync(join(root, 'lib/app.ts'), '2');
    const second = await synthesize();
    expect(readFileSync(join(first, 'made-of'), 'utf8')).toBe('1');
    expect(readFileSync(join(second, 'made-of'), 'utf8')).toBe('2');
  });

  it('gives everyone who starts at the same time one whole assembly, and leaves no drafts', async () => {
    const directories = await Promise.all([synthesize(), synthesize(), synthesize()]);
    expect(new Set(directories).size).toBe(1);
    expect(readFileSync(join(directories[0], 'made-of'), 'utf8')).toBe('1');
    expect(readdirSync(cacheDirectory)).toHaveLength(1);
  });

  it('throws away what was made while the sources changed', async () => {
    const change = `if (readFileSync('lib/app.ts', 'utf8') === '1') writeFileSync('lib/app.ts', '2')`;
    synthesizeBy(`${change}; writeFileSync(join(out, 'made-of'), readFileSync('lib/app.ts'))`);
    const stale = hashSources(root);
    const directory = await synthesize();
    expect(directory).toContain(hashSources(root));
    expect(existsSync(join(cacheDirectory, `assembly-${stale}`))).toBe(false);
  });

  it('shows what a failed synthesis said, and caches nothing', async () => {
    synthesizeBy(`throw new Error('the stage has no name')`);
    await expect(synthesize()).rejects.toThrow('the stage has no name');
    expect(readdirSync(cacheDirectory)).toEqual([]);
  });

  it('deletes assemblies that nobody has used for long', async () => {
    const old = await synthesize();
    utimesSync(old, new Date(0), new Date(0));
    writeFileSync(join(root, 'lib/app.ts'), '2');
    await synthesize();
    expect(existsSync(old)).toBe(false);
  });
});

describe('the hash of the sources', () => {
  it.each([
    ['a changed file', () => writeFileSync(join(root, 'lib/app.ts'), '2')],
    ['a new file', () => writeFileSync(join(root, 'config/more.yaml'), '')],
    ['a renamed file', () => renameSync(join(root, 'lib/app.ts'), join(root, 'lib/other.ts'))],
    ['other dependencies', () => writeFileSync(join(root, 'package-lock.json'), '2')],
  ])('tells %s', (_what, change) => {
    const before = hashSources(root);
    change();
    expect(hashSources(root)).not.toBe(before);
  });

  it.each([
    ['installed packages', 'layers/node_modules'],
    ['build results', 'layers/.build'],
  ])('leaves out %s', (_what, folder) => {
    const before = hashSources(root);
    mkdirSync(join(root, folder));
    writeFileSync(join(root, folder, 'file'), '1');
    expect(hashSources(root)).toBe(before);
  });
});
