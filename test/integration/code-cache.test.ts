/** Compiled code is kept: of sandboxes beside their bundles, of this checkout's programs in one folder. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { bundleCodeCache, ownCodeCache } from '../../local/supervisor/code-cache.ts';
import { ask, probeFunction, startLambda, temporaryDirectory } from '../fixtures/lambda/start-lambda.ts';

const filesIn = (directory: string): string[] => {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
};

/** As one text; what V8 keeps of texts is as it was. */
function contentsOf(directory: string): string {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return entries.map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'latin1')).join('\n');
}

describe('the code of a bundle', () => {
  it('is kept once a sandbox has done what it is for, for every sandbox after it', async () => {
    const assembly = temporaryDirectory();
    const start = () => {
      const lambda = startLambda({ environment: bundleCodeCache(assembly) });
      lambda.defineFunction(probeFunction());
      return { lambda, use: () => ask(lambda, { do: 'process' }) };
    };
    const first = start();
    await first.use();
    expect(filesIn(assembly)).toEqual([]);
    await first.use();
    // Kept between the answer and the next invocation, so it is there when that is answered.
    await first.use();
    const kept = filesIn(assembly);
    expect(kept.length).toBeGreaterThan(0);
    // The text of a function that was not called.
    expect(contentsOf(assembly)).toContain('/bin/sleep');
    await first.lambda.close({ graceMs: 0 });
    const second = start();
    for (const _ of [1, 2, 3]) await second.use();
    expect(filesIn(assembly)).toEqual(kept);
  });

  it('is taken as it was kept, also though more of it is kept than was used', async () => {
    const assembly = temporaryDirectory();
    const environment = bundleCodeCache(assembly);
    const startOnce = async (settings: Record<string, string>) => {
      let told = '';
      const onLog = (_name: string, text: string) => {
        told += text;
      };
      const lambda = startLambda({ environment: settings, onLog });
      lambda.defineFunction(probeFunction());
      for (const _ of [1, 2, 3]) await ask(lambda, { do: 'process' });
      await lambda.close({ graceMs: 0 });
      return told;
    };
    await startOnce(environment);
    expect(await startOnce({ ...environment, NODE_DEBUG_NATIVE: 'COMPILE_CACHE' })).toMatch(
      /code cache for ESM .*probe\/index\.mjs was accepted/,
    );
  });

  it('need not be kept', async () => {
    const lambda = startLambda();
    lambda.defineFunction(probeFunction());
    for (const _ of [1, 2, 3]) expect(await ask(lambda, { do: 'process' })).not.toHaveProperty('functionError');
  });
});

describe('the code of a program', () => {
  it('is kept in the folder that the supervisor gives its children', () => {
    const requireNode = fileURLToPath(new URL('../../local/cli/require-node.mjs', import.meta.url));
    const script = 'process.stdout.write(process.getBuiltinModule("node:module").getCompileCacheDir())';
    // Not the environment of this process: under coverage it says that nothing is to be kept.
    const options = { encoding: 'utf8', env: {} } as const;
    const folder = execFileSync(process.execPath, ['--import', requireNode, '--eval', script], options);
    expect(folder.startsWith(join(String(ownCodeCache.NODE_COMPILE_CACHE), 'v'))).toBe(true);
  });
});
