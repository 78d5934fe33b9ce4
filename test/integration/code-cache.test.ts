/** Compiled code is kept: of sandboxes beside their bundles, of this checkout's programs in one folder. */
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { bundleCodeCache, ownCodeCache } from '../../local/supervisor/code-cache.ts';
import { ask, probeFunction, startLambda, temporaryDirectory } from '../fixtures/lambda/start-lambda.ts';

const filesIn = (directory: string): string[] => {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
};

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
    await first.lambda.close({ graceMs: 0 });
    const second = start();
    for (const _ of [1, 2, 3]) await second.use();
    expect(filesIn(assembly)).toEqual(kept);
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
