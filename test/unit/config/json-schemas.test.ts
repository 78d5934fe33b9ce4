import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { configDocuments, editorSchema, markChecked, sha256Hex, validatorSchema } from '@nightdesk/core';
import { paths } from '@nightdesk/infra/config/paths.ts';
import { readDeskConfig } from '@nightdesk/infra/config/read-desk-config.ts';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';

const read = (path: string) => readFileSync(join(paths.config, path), 'utf8');

describe.each(configDocuments)('the schema that editors check %s.yaml by', (document) => {
  it('is up to date (`npm run schemas` makes it so)', () => {
    expect(JSON.parse(read(`schemas/${document}.json`))).toEqual(editorSchema(document));
  });

  it('is named in the first line of the file', () => {
    expect(read(`${document}.yaml`).split('\n')[0]).toBe(`# yaml-language-server: $schema=schemas/${document}.json`);
  });
});

describe('the schema that AppConfig checks the configuration by', () => {
  const schema = validatorSchema();
  // Zod reads what it writes, so the schema is tried as such, whatever it was made from.
  const check = z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);
  const config = () => structuredClone(readDeskConfig(paths.config)) as unknown as Record<string, object>;

  it('is of the one draft that AppConfig knows, and small enough for it', () => {
    expect(schema.$schema).toBe('http://json-schema.org/draft-04/schema#');
    expect(JSON.stringify(schema).length).toBeLessThan(32_768);
    expect(JSON.stringify(schema)).not.toMatch(/"(propertyNames|const|if|\$defs|examples)":/);
  });

  it('takes what synthesis puts there, and a document without what has a default', () => {
    expect(check.safeParse(config())).toMatchObject({ success: true });
    const marked = markChecked(readDeskConfig(paths.config), 'rules', sha256Hex);
    expect(check.safeParse(JSON.parse(JSON.stringify(marked)))).toMatchObject({ success: true });
    expect(check.safeParse({ ...config(), exchanges: { binance: {} } })).toMatchObject({ success: true });
  });

  it.each<[string, Record<string, unknown>]>([
    ['no limits', { risk: undefined }],
    ['a document of another name', { orders: {} }],
    ['an unknown setting', { exchanges: { binance: { retries: 3 } } }],
    ['a value out of bounds', { exchanges: { binance: { timeoutMs: 60_000 } } }],
    ['an unknown mode', { accounts: { main: { exchange: 'binance', mode: 'play' } } }],
    ['a name that is none', { accounts: { 'Main account': { exchange: 'binance', mode: 'sandbox' } } }],
    ['a limit that is a float', { risk: { default: { orderNotionalMax: 1.5, openNotionalMax: '2' } } }],
  ])('refuses %s', (_name, changes) => {
    expect(check.safeParse({ ...config(), ...changes })).toMatchObject({ success: false });
  });
});
