import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DeskConfig } from '@nightdesk/core';
import { paths } from '@nightdesk/infra/config/paths.ts';
import { readDeskConfig } from '@nightdesk/infra/config/read-desk-config.ts';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { watchConfig } from '../../../local/supervisor/config-watch.ts';
import { waitFor } from '../../support/waiting.ts';

let directory: string;
let applied: DeskConfig[];
let lines: string[];
let fails: boolean;
let close: () => Promise<void>;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'nightdesk-watch-'));
  cpSync(paths.config, directory, { recursive: true });
  [applied, lines, fails] = [[], [], false];
  close = watchConfig({
    ...{ directory, venues: ['binance', 'kraken'], inForce: readDeskConfig(directory) },
    async apply(config) {
      if (fails) throw new Error('simulated kraken did not start');
      applied.push(config);
    },
    log: (message) => lines.push(message),
  });
});

afterEach(async () => {
  await close();
  rmSync(directory, { recursive: true });
});

const exchanges = () => join(directory, 'exchanges.yaml');
const append = (text: string) => writeFileSync(exchanges(), `${readFileSync(exchanges(), 'utf8')}\n${text}\n`);

it('applies what was saved, once, and nothing for a comment', async () => {
  append('# A comment.');
  append('kraken: { timeoutMs: 3000 }');
  await waitFor(() => expect(applied).toHaveLength(1));
  expect(applied[0]?.exchanges.kraken).toMatchObject({ timeoutMs: 3_000 });
  append('# Another one.');
  append('binance: {}');
  await waitFor(() => expect(lines.at(-1)).toContain('"binance" is there twice'));
  expect(applied).toHaveLength(1);
});

it('names a venue that does not exist with those that are close to it', async () => {
  append('krakn: {}');
  await waitFor(() => expect(lines.at(-1)).toContain('no exchange is called "krakn"; close to it: kraken'));
  expect(lines.at(-1)).toContain('What was in force before stays in force.');
  expect(applied).toEqual([]);
});

it('tells what could not be done, and tries again when something else is saved', async () => {
  fails = true;
  append('kraken: {}');
  await waitFor(() => expect(lines.at(-1)).toContain('simulated kraken did not start'));
  fails = false;
  append('# Once more.');
  await waitFor(() => expect(lines.at(-1)).toBe('the saved configuration is in force'));
  expect(applied).toHaveLength(1);
});

it('notices nothing once it has ended', async () => {
  await close();
  append('kraken: {}');
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect([applied, lines]).toEqual([[], []]);
});
