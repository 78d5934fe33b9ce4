import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { denialCodes } from '@nightdesk/core';
import { paths } from '@nightdesk/infra/config/paths.ts';
import { expect, it } from 'vitest';
import { readings } from '../../layers/exchange/src/outcome.ts';

/** Where the causes of orders are made. */
const folders = ['layers/core/src/orders', 'layers/exchange/src', 'functions/execute-order'];

const textOf = (file: string): string => readFileSync(join(paths.root, file), 'utf8');
const written = globSync(
  folders.map((folder) => `${folder}/**/*.ts`),
  { cwd: paths.root },
).flatMap((file) => [...textOf(file).matchAll(/(?:code: |refuse\(|denied\(|NotSentCode = .*)'([a-z_]+)'/g)]);
const codes = new Set([
  ...written.map((match) => match[1] ?? ''),
  ...denialCodes,
  ...Object.values(readings).map(({ code }) => code),
]);

it('codes are found where they are known to be', () => {
  expect([...codes]).toEqual(expect.arrayContaining(['credentials_unusable', 'stale_signal', 'bad_symbol']));
});

it.each([...codes].sort())('docs/api.md says what %s means', (code) => {
  expect(textOf('docs/api.md')).toContain(`\`${code}\``);
});
