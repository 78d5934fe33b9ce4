import { beforeEach, describe, expect, it } from 'vitest';
import type { InvokeResult } from '../../../local/cloud/lambda/index.ts';
import { createStoredMarkets } from '../../../local/supervisor/stored-markets.ts';
import { deskConfig } from '../../support/desk-config.ts';

const done = { payload: '{}', logTail: '' } as InvokeResult;
const refused = { functionError: 'Unhandled', payload: 'markets not refreshed: fake', logTail: 'why' } as InvokeResult;

let lines: string[];
let asked: (readonly string[] | undefined)[];
let answers: (() => Promise<InvokeResult>)[];

beforeEach(() => {
  lines = [];
  asked = [];
  answers = [];
});

const markets = () =>
  createStoredMarkets({
    path: undefined,
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
});
