import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { InvokeResult } from '../../../local/cloud/lambda/index.ts';
import { createStoredMarkets } from '../../../local/supervisor/stored-markets.ts';
import { deskConfig } from '../../support/desk-config.ts';

const done = { payload: '{}', logTail: '' } as InvokeResult;
const refused = { functionError: 'Unhandled', payload: 'markets not refreshed: fake', logTail: 'why' } as InvokeResult;

let directory: string;
let lines: string[];
let asked: (readonly string[] | undefined)[];
let answers: (() => Promise<InvokeResult>)[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'nightdesk-markets-'));
  lines = [];
  asked = [];
  answers = [];
});

afterEach(() => rmSync(directory, { recursive: true }));

const markets = (path?: string) =>
  createStoredMarkets({
    path,
    refresh: (venues) => {
      asked.push(venues);
      return answers.shift()?.() ?? Promise.resolve(done);
    },
    log: (message) => lines.push(message),
  });

describe('the markets of a running desk', () => {
  it('are loaded of each enabled venue once', async () => {
    const stored = markets();
    await stored.loadMissing(deskConfig());
    await stored.loadMissing(deskConfig({ exchanges: { added: {}, off: { enabled: false } } }));
    expect(asked).toEqual([undefined, ['added']]);
  });

  it.each([
    ['ended in an error', () => Promise.resolve(refused), 'markets not refreshed: fake'],
    ['could not be started', () => Promise.reject(new Error('the service is closing')), 'the service is closing'],
  ])(
    'that were not loaded because the function %s are told, and tried again with the next change',
    async (_, answer, why) => {
      const stored = markets();
      answers.push(answer);
      // A configuration is in force by then, so this must not end as if it were not.
      await expect(stored.loadMissing(deskConfig())).resolves.toBeUndefined();
      expect(lines.join()).toContain(why);
      await stored.loadMissing(deskConfig());
      expect(asked).toHaveLength(2);
    },
  );

  describe('while a refresh is under way', () => {
    const withVenues = (...venues: string[]) =>
      deskConfig({ exchanges: Object.fromEntries(venues.map((venue) => [venue, {}])) });
    /** Ends the refresh that is under way. */
    let end: (answer: InvokeResult) => void;
    beforeEach(() => {
      answers.push(() => new Promise((resolve) => (end = resolve)));
    });

    it('are asked for after it, by the configuration that was given last', async () => {
      const stored = markets();
      const loads = ['one', 'two', 'three'].map((venue) => stored.loadMissing(withVenues(venue)));
      expect(asked).toEqual([undefined]);
      end(done);
      await Promise.all(loads);
      expect(asked).toEqual([undefined, ['three']]);
      await stored.loadMissing(withVenues('two', 'three'));
      expect(asked.slice(2)).toEqual([['two']]);
    });

    it('are asked for after one that has failed', async () => {
      const stored = markets();
      const loads = [stored.loadMissing(withVenues('one')), stored.loadMissing(withVenues('one', 'two'))];
      end(refused);
      await Promise.all(loads);
      expect(asked).toHaveLength(2);
      expect(lines.join()).toContain('markets not refreshed: fake');
    });

    it.each([
      ['has worked', done],
      ['has failed', refused],
    ])('are left alone once the desk closes, also where the refresh %s', async (_, answer) => {
      const path = join(directory, 'progress.json');
      const stored = markets(path);
      const loads = [stored.loadMissing(withVenues('one')), stored.loadMissing(withVenues('one', 'two'))];
      const before = lines.length;
      stored.close();
      end(answer);
      await Promise.all([...loads, stored.loadMissing(withVenues('three'))]);
      expect(asked).toHaveLength(1);
      expect(lines).toHaveLength(before);
      const next = markets(path);
      await next.loadMissing(withVenues('one'));
      expect(asked).toHaveLength(2);
    });
  });

  it('that cannot be remembered are told, and nothing fails', async () => {
    const folder = join(directory, 'state');
    const stored = markets(join(folder, 'progress.json'));
    // Something else is where the folder was to be.
    writeFileSync(folder, '');
    await expect(stored.loadMissing(deskConfig())).resolves.toBeUndefined();
    expect(lines.at(-1)).toContain('was not remembered');
  });
});
