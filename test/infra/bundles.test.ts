import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleFunctions, type FunctionBundles } from '@nightdesk/infra/bundling/bundle-functions.ts';
import { functionNames } from '@nightdesk/infra/config/functions.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let directory: string;
let bundles: FunctionBundles;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'nightdesk-bundles-'));
  bundles = await bundleFunctions(directory);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe.each(functionNames)('the bundle of %s', (name) => {
  const source = () => readFileSync(join(bundles[name], 'index.mjs'), 'utf8');

  it("imports none of Node's modules that load more than is used of them", () => {
    const imported = [...source().matchAll(/\bfrom\s*["'](node:[a-z/_]+)["']/g)].map(([, module]) => module);
    expect(new Set(imported)).toEqual(new Set(['node:module']));
  });

  it('takes credentials from the environment alone', () => {
    expect(source()).toContain('AWS_SECRET_ACCESS_KEY');
    expect(source()).not.toMatch(/sso_account_id|credential_process|\.aws\/sso/);
  });
});
