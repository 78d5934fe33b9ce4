import { readFileSync } from 'node:fs';
import { configSchemas, denialCodes, differenceKinds } from '@nightdesk/core';
import { describe, expect, it } from 'vitest';

const text = readFileSync(new URL('../../../docs/risk.md', import.meta.url), 'utf8');

describe('docs/risk.md', () => {
  it.each(denialCodes)('has a line for the denial %s', (code) => {
    expect(text).toMatch(new RegExp(`^\\| \`${code}\` \\|`, 'm'));
  });

  it.each(differenceKinds)('says what a difference of kind %s is', (kind) => {
    expect(text).toContain(`\`${kind}\``);
  });

  it.each(Object.keys(configSchemas.risk.shape.breakers.unwrap().shape))('says when the breaker %s trips', (name) => {
    expect(text).toContain(`\`${name}\``);
  });
});
