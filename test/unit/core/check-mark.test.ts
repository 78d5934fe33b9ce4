import { checkedConfigIn, markChecked, parseDeskConfig, rulesOf, sha256Hex } from '@nightdesk/core';
import { paths } from '@nightdesk/infra/config/paths.ts';
import { readDeskConfig } from '@nightdesk/infra/config/read-desk-config.ts';
import { describe, expect, it } from 'vitest';
import { deskConfig } from '../../support/desk-config.ts';

const rules = 'rules of today';
/** As it arrives where it is read. */
const published = (config = deskConfig()) =>
  JSON.parse(JSON.stringify(markChecked(config, rules, sha256Hex))) as Record<string, object>;
const openedBy = (document: unknown, wanted: string | undefined = rules) =>
  checkedConfigIn(document, wanted, sha256Hex);

describe('a configuration that says by which rules it was checked', () => {
  it.each([
    ['of the tests', deskConfig()],
    ['of the repository', readDeskConfig(paths.config)],
  ])(
    'is taken as it is by whoever goes by the same rules, and is what checking it again would give: that %s',
    (_name, config) => {
      const opened = openedBy(published(config));
      expect(opened).toEqual(JSON.parse(JSON.stringify(config)));
      expect(parseDeskConfig(published(config))).toEqual(config);
      expect(opened).not.toHaveProperty('checked');
    },
  );

  it('is checked by whoever goes by other rules, or by rules that are not known', () => {
    expect(openedBy(published(), 'rules of tomorrow')).toBeUndefined();
    expect(checkedConfigIn(published(), undefined, sha256Hex)).toBeUndefined();
  });

  it('is checked once something in it is not as it was', () => {
    const { accounts, ...rest } = published();
    expect(openedBy({ ...rest, accounts: { ...accounts, third: { exchange: 'fake', mode: 'live' } } })).toBeUndefined();
    expect(openedBy(rest)).toBeUndefined();
    expect(openedBy({ ...published(), more: {} })).toBeUndefined();
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'exchanges'],
    ['a document without a mark', deskConfig()],
    ['a mark that is null', { ...published(), checked: null }],
    ['a mark that is a text', { ...published(), checked: rules }],
    ['a mark without rules', { ...published(), checked: { digest: '' } }],
    ['a mark without a digest', { ...published(), checked: { rules } }],
    ['rules that are no text', { ...published(), checked: { rules: 1, digest: '' } }],
    ['a digest that is no text', { ...published(), checked: { rules, digest: 1 } }],
  ])('is none where it says nothing that can be used: %s', (_name, document) => {
    expect(openedBy(document)).toBeUndefined();
    expect(rulesOf(document)).toBeUndefined();
  });

  it('carries no mark where it is not known by which rules it was checked', () => {
    expect(markChecked(deskConfig(), undefined, sha256Hex)).toEqual(deskConfig());
    expect(rulesOf(published())).toBe(rules);
  });
});
