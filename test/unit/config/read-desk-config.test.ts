import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConfigDocument, ConfigurationError, configDocuments } from '@nightdesk/core';
import { paths } from '@nightdesk/infra/config/paths.ts';
import { parseConfigTexts, readDeskConfig } from '@nightdesk/infra/config/read-desk-config.ts';
import { afterAll, describe, expect, it } from 'vitest';

const usable: Record<ConfigDocument, string> = {
  exchanges: 'binance: {}\n',
  accounts: '# Ours.\n\nmain:\n  exchange: binance\n  mode: sandbox\n',
  sources: 'demo:\n  authentication: [token]\n  accounts:\n    - main\n',
  risk: 'default: { orderNotionalMax: "1", openNotionalMax: "2" }\n',
  notifications: '',
  collection: '',
};
const venues = ['binance', 'kraken', 'krakenfutures'];

function parse(changes: Partial<Record<ConfigDocument, string>> = {}) {
  const texts = { ...usable, ...changes };
  return parseConfigTexts(
    configDocuments.map((document) => ({ document, file: `config/${document}.yaml`, text: texts[document] })),
    venues,
  );
}

/** One line per defect, as an owner reads it. */
function defectsOf(changes: Partial<Record<ConfigDocument, string>>): string[] {
  try {
    parse(changes);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return error.message.split('\n').slice(1);
  }
}

describe('a configuration in YAML', () => {
  it('is read when there is nothing wrong with it', () => {
    expect(Object.keys(parse().accounts)).toEqual(['main']);
    expect(parse({ sources: '' }).sources).toEqual({});
  });

  it.each<[string, Partial<Record<ConfigDocument, string>>, string[]]>([
    [
      'an exchange that is not configured',
      { accounts: '# Ours.\n\nmain:\n  exchange: binanse\n  mode: sandbox\n' },
      ['  config/accounts.yaml:4:3 accounts.main.exchange: exchange "binanse" is not in exchanges.yaml'],
    ],
    [
      'an exchange that does not exist, with those that may be meant',
      { exchanges: 'binance: {}\nkrakn: {}\n' },
      ['  config/exchanges.yaml:2:1 exchanges.krakn: no exchange is called "krakn"; close to it: kraken'],
    ],
    [
      'an exchange that closed',
      { exchanges: 'binance: {}\nftx: {}\n' },
      ['  config/exchanges.yaml:2:1 exchanges.ftx: exchange "ftx" is not usable: FTX closed in November 2022'],
    ],
    [
      'an account that is there twice',
      { accounts: 'main: { exchange: binance, mode: sandbox }\nmain: { exchange: binance, mode: sandbox }\n' },
      ['  config/accounts.yaml:2:1: "main" is there twice'],
    ],
    [
      'a setting that is there twice, once in quotes',
      { exchanges: 'binance:\n  timeoutMs: 1000\n  "timeoutMs": 2000\n' },
      ['  config/exchanges.yaml:3:3: "timeoutMs" is there twice'],
    ],
    [
      'an entry of a list',
      { sources: 'demo:\n  authentication: [token]\n  accounts:\n    - main\n    - mian\n' },
      ['  config/sources.yaml:5:7 sources.demo.accounts.1: account "mian" is not in accounts.yaml'],
    ],
    [
      'a setting that does not exist',
      { exchanges: 'binance:\n  timeoutMs: 5000\n  retries: 3\n' },
      ['  config/exchanges.yaml:3:3 exchanges.binance.retries: is not a setting that exists here'],
    ],
    [
      'what is missing, at what it is missing from',
      { accounts: 'main:\n  exchange: binance\n' },
      ['  config/accounts.yaml:1:1 accounts.main.mode: is missing'],
    ],
    [
      'what comes from an alias, where the alias is defined',
      { exchanges: 'binance: &all\n  timeoutMs: 1\nkraken: *all\n' },
      [
        '  config/exchanges.yaml:2:3 exchanges.binance.timeoutMs: Too small: expected number to be >=500',
        '  config/exchanges.yaml:2:3 exchanges.kraken.timeoutMs: Too small: expected number to be >=500',
      ],
    ],
    [
      'an alias of nothing',
      { exchanges: 'binance: *nothing\n' },
      ['  config/exchanges.yaml:1:1: Unresolved alias (the anchor must be set before the alias): nothing'],
    ],
    [
      'a document that is a list',
      { exchanges: '- binance\n', accounts: '', sources: '' },
      ['  config/exchanges.yaml:1:1 exchanges: Invalid input: expected record, received array'],
    ],
  ])('names file, line and column of %s', (_name, changes, lines) => {
    expect(defectsOf(changes)).toEqual(lines);
  });

  it('tells the defects of all files at once, also beside one that is not YAML', () => {
    const lines = defectsOf({
      exchanges: 'binance: [unclosed\n',
      accounts: 'main:\n  exchange: nowhere\n  mode: play\n',
      risk: 'default: { orderNotionalMax: 1, openNotionalMax: "2" }\n',
    });
    expect(lines).toMatchObject([
      expect.stringContaining('config/exchanges.yaml:2:1: is not YAML: '),
      expect.stringContaining('config/accounts.yaml:3:3 accounts.main.mode: '),
      expect.stringContaining('config/risk.yaml:1:12 risk.default.orderNotionalMax: write the number in quotes'),
    ]);
  });
});

describe('the folder of the configuration', () => {
  const directory = mkdtempSync(join(tmpdir(), 'nightdesk-config-'));
  afterAll(() => rmSync(directory, { recursive: true }));

  it('must hold every file; those that are missing are named', () => {
    writeFileSync(join(directory, 'risk.yaml'), usable.risk);
    expect(() => readDeskConfig(directory)).toThrow(
      new RegExp(`${directory}/exchanges.yaml: cannot be read \\(ENOENT\\)\n.*/accounts.yaml: cannot be read`),
    );
  });

  it('of the repository is usable', () => {
    expect(Object.keys(readDeskConfig(paths.config).accounts)).not.toEqual([]);
  });
});
