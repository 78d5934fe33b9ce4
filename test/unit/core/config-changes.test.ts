import {
  type ConfigEventData,
  canonicalJson,
  chainStart,
  configChanges,
  type DeskConfig,
  follow,
  type JournalEvent,
  nextConfigEvent,
} from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { deskConfig } from '../../support/desk-config.ts';
import fc from '../../support/property.ts';

const dataOf = (event: JournalEvent | undefined): ConfigEventData => {
  if (event === undefined) throw new Error('nothing was told');
  return event.data as ConfigEventData;
};
const tell = (last: JournalEvent | undefined, config: DeskConfig, atMs = 1_000) =>
  nextConfigEvent(last, config, { atMs, by: 'deployment' });

/** What is told after `before` was seen and `after` came. */
function changed(before: DeskConfig, after: DeskConfig): ConfigEventData {
  return dataOf(tell(tell(undefined, before), after));
}

const risk = (change: Record<string, unknown>) => deskConfig({ risk: change });

describe('a configuration that is seen first', () => {
  it('is told as a whole, by whom and under its hash', () => {
    const event = tell(undefined, deskConfig());
    expect(event).toMatchObject({ stream: 'config', sequence: 1, type: 'config.seen', atMs: 1_000 });
    const data = dataOf(event);
    expect(data).toMatchObject({ by: 'deployment', document: { accounts: { main: { exchange: 'fake' } } } });
    expect(data.version).toMatch(/^[0-9a-f]{64}$/);
    expect(data.changes).toBeUndefined();
  });

  it('can be written down though it has fractions, which become text', () => {
    const data = dataOf(tell(undefined, deskConfig()));
    expect(data.document).toMatchObject({ sources: { demo: { minConfidence: '0.6', maxLagSeconds: 60 } } });
    expect(() => canonicalJson(data)).not.toThrow();
  });
});

describe('a configuration that is seen again', () => {
  it('is told of no more, in whatever order its keys are', () => {
    const first = tell(undefined, deskConfig());
    expect(tell(first, deskConfig(), 2_000)).toBeUndefined();
    const { accounts, ...rest } = deskConfig();
    expect(tell(first, { ...rest, accounts: Object.fromEntries(Object.entries(accounts).reverse()) })).toBeUndefined();
  });

  it('after others is a change again', () => {
    const wide = risk({ default: { orderNotionalMax: '2000', openNotionalMax: '5000' } });
    const first = tell(undefined, deskConfig());
    const second = tell(first, wide);
    const third = tell(second, deskConfig());
    expect([second?.sequence, third?.sequence]).toEqual([2, 3]);
    expect(dataOf(third).version).toBe(dataOf(first).version);
    const chain = [first, second, third].reduce(
      (cursor, event) => {
        const next = event === undefined ? undefined : follow(cursor, event);
        if (next === undefined || 'reason' in next) throw new Error('the chain is broken');
        return next;
      },
      { ...chainStart },
    );
    expect(chain.sequence).toBe(3);
  });
});

describe('a change', () => {
  it.each<[string, DeskConfig, unknown[]]>([
    [
      'of a limit has its values before and after',
      risk({ default: { orderNotionalMax: '2000', openNotionalMax: '5000' } }),
      [{ path: 'risk.default.orderNotionalMax', before: '1000', after: '2000' }],
    ],
    [
      'that sets a limit has no value before',
      risk({ default: { orderNotionalMax: '1000', openNotionalMax: '5000', dailyLossMax: '5%' } }),
      [{ path: 'risk.default.dailyLossMax', after: '5%' }],
    ],
    [
      'of a list has both lists',
      deskConfig({ sources: { demo: { authentication: ['token'], accounts: ['main'], defaultAccount: 'main' } } }),
      [
        { path: 'sources.demo.accounts', before: ['main', 'second'], after: ['main'] },
        { path: 'sources.demo.authentication', before: ['token', 'signing'], after: ['token'] },
      ],
    ],
  ])('%s', (_title, after, changes) => {
    expect(changed(deskConfig(), after).changes).toEqual(changes);
    expect(changed(deskConfig(), after).unlisted).toBeUndefined();
  });

  it('that adds or removes an account has all of it, on the side where it is', () => {
    const more = deskConfig({
      accounts: { third: { exchange: 'fake', mode: 'paper', paper: { balances: { USDT: '1' } } } },
    });
    const [added, ...others] = changed(deskConfig(), more).changes ?? [];
    expect(others).toEqual([]);
    expect(added).toMatchObject({ path: 'accounts.third', after: { exchange: 'fake', mode: 'paper' } });
    expect(added).not.toHaveProperty('before');
    const [removed] = changed(more, deskConfig()).changes ?? [];
    expect(removed).toMatchObject({ path: 'accounts.third', before: { mode: 'paper' } });
    expect(removed).not.toHaveProperty('after');
  });

  it('of more places than are listed says how many there are', () => {
    const many = (timeoutMs: number, count: number) =>
      deskConfig({
        exchanges: Object.fromEntries(Array.from({ length: count }, (_, index) => [`venue-${index}`, { timeoutMs }])),
      });
    const data = changed(many(1_000, 250), many(2_000, 250));
    expect(data.changes).toHaveLength(200);
    expect(data.unlisted).toBe(50);
  });

  it('of larger values than an event can take says that there are more', () => {
    const symbols = (prefix: string) => Array.from({ length: 700 }, (_, index) => `${prefix}${index}/USDT`);
    const limits = (prefix: string) => ({ orderNotionalMax: '1', openNotionalMax: '1', symbols: symbols(prefix) });
    const wide = (prefix: string) => risk({ accounts: { main: limits(prefix), second: limits(prefix) } });
    const data = changed(wide('A'), wide('B'));
    expect(data.changes?.map(({ path }) => path)).toEqual(['risk.accounts.main.symbols']);
    expect(data.unlisted).toBe(1);
  });

  it('of a document that is too large to be kept is told without what has changed', () => {
    const symbols = Array.from({ length: 10_000 }, (_, index) => `COIN${index}/USDT`);
    const large = risk({ default: { orderNotionalMax: '1', openNotionalMax: '1', symbols } });
    const first = tell(undefined, large);
    expect(dataOf(first).document).toBeUndefined();
    const second = tell(first, deskConfig());
    expect(dataOf(second)).toMatchObject({ by: 'deployment', document: expect.anything() });
    expect(dataOf(second).changes).toBeUndefined();
  });
});

describe('the places where two documents differ', () => {
  const document = fc.dictionary(
    fc.constantFrom('a', 'b', 'c'),
    fc.oneof(fc.integer(), fc.string(), fc.array(fc.integer()), fc.dictionary(fc.constantFrom('x', 'y'), fc.integer())),
  );

  it('are none exactly where they are equal, and lead from one to the other', () => {
    fc.assert(
      fc.property(document, document, (before, after) => {
        const changes = configChanges(before, after);
        expect(changes.length === 0).toBe(canonicalJson(before) === canonicalJson(after));
        const result = structuredClone(before) as Record<string, unknown>;
        for (const change of changes) put(result, change.path.split('.'), change.after);
        expect(canonicalJson(result)).toBe(canonicalJson(after));
      }),
    );
  });

  it('are those of the documents, not of what every object has', () => {
    expect(configChanges({}, { constructor: 'x' })).toEqual([{ path: 'constructor', after: 'x' }]);
    expect(configChanges({ a: undefined }, { a: undefined, b: 1 })).toEqual([{ path: 'b', after: 1 }]);
  });
});

function put(document: Record<string, unknown>, [name = '', ...rest]: string[], value: unknown): void {
  const inner = document[name];
  if (rest.length > 0) put(inner as Record<string, unknown>, rest, value);
  else if (value === undefined) delete document[name];
  else document[name] = value;
}
