import {
  type AccountId,
  accountOf,
  ConfigurationError,
  findConfigDefects,
  gateLimitsOf,
  type Issue,
  type LimitText,
  limitAmount,
  limitsOf,
  type Notional,
  parseDeskConfig,
  type SourceId,
  sourceOf,
} from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { deskConfig, deskDocuments } from '../../support/desk-config.ts';

const limits = { orderNotionalMax: '1', openNotionalMax: '2' };
const live = { main: { exchange: 'fake', mode: 'live' } };
const liveLimits = { ...limits, exposureMax: '50%', dailyLossMax: '5%' };

/** Everything that is wrong with the documents. */
function issuesOf(changes: Parameters<typeof deskConfig>[0]): readonly Issue[] {
  try {
    deskConfig(changes);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    for (const { path, message } of error.issues) expect(error.message).toContain(`${path}: ${message}`);
    return error.issues;
  }
}

const pathsOf = (changes: Parameters<typeof deskConfig>[0]) => issuesOf(changes).map(({ path }) => path);

const exchange = (settings: object) => ({ exchanges: { fake: settings } });
const ranked = (rank: string) => ({ failover: { group: 'spot', rank } });
const source = (settings: object) => ({
  sources: { demo: { authentication: ['token'], accounts: ['main'], ...settings } },
});

describe('the configuration', () => {
  it('has cautious values where an owner writes none', () => {
    const { exchanges, sources, risk } = deskConfig();
    expect(exchanges.fake).toEqual({ enabled: true, sandbox: false, connectionsMax: 5, timeoutMs: 5_000 });
    expect(sources.demo).toMatchObject({ maxLagSeconds: 60, duplicateWindowSeconds: 60, onUnknown: 'give_up' });
    expect(risk.accounts).toEqual({});
  });

  it.each(['https://testnet.example', 'http://127.0.0.1:4100', 'http://localhost/api', 'http://[::1]:80'])(
    'may send a venue to %s',
    (baseUrl) => {
      expect(pathsOf(exchange({ baseUrl }))).toEqual([]);
    },
  );

  it.each<[string, Parameters<typeof deskConfig>[0], string]>([
    ['an unencrypted address', exchange({ baseUrl: 'http://exchange.example' }), 'exchanges.fake.baseUrl'],
    [
      'an address that only begins like loopback',
      exchange({ baseUrl: 'http://127.0.0.1.example' }),
      'exchanges.fake.baseUrl',
    ],
    [
      'an address that has loopback for a user name',
      exchange({ baseUrl: 'http://127.0.0.1:80@exchange.example/' }),
      'exchanges.fake.baseUrl',
    ],
    ['what is no address', exchange({ baseUrl: 'here' }), 'exchanges.fake.baseUrl'],
    [
      'an address with a user and a password',
      exchange({ baseUrl: 'https://me:secret@exchange.example/api' }),
      'exchanges.fake.baseUrl',
    ],
    ['a time-out longer than an order can wait', exchange({ timeoutMs: 8_001 }), 'exchanges.fake.timeoutMs'],
    ['an unknown key', exchange({ colour: 'red' }), 'exchanges.fake.colour'],
    ['a name in capitals', { exchanges: { Fake: {} } }, 'exchanges.Fake'],
    [
      'an account at an exchange that is none',
      { accounts: { main: { exchange: 'x', mode: 'live' } } },
      'accounts.main.exchange',
    ],
    [
      'an account at an exchange named like a part of every object',
      { accounts: { main: { exchange: 'constructor', mode: 'sandbox' } } },
      'accounts.main.exchange',
    ],
    ['an account of an unknown mode', { accounts: { main: { exchange: 'fake', mode: 'play' } } }, 'accounts.main.mode'],
    ['a live account without limits of its own', { accounts: live }, 'accounts.main.mode'],
    [
      'a live account that may lose all of a day',
      { accounts: live, risk: { accounts: { main: { ...liveLimits, dailyLossMax: undefined } } } },
      'risk.accounts.main.dailyLossMax',
    ],
    [
      'a live account with all at stake',
      { accounts: live, risk: { accounts: { main: { ...liveLimits, exposureMax: undefined } } } },
      'risk.accounts.main.exposureMax',
    ],
    [
      'limits of a source that is none',
      { risk: { sources: { other: { ordersPerMinuteMax: 1 } } } },
      'risk.sources.other',
    ],
    [
      'an order that is larger than all may be',
      { risk: { default: { ...limits, orderNotionalMax: '3' } } },
      'risk.default.orderNotionalMax',
    ],
    [
      'an asset that may be more than all',
      { risk: { accounts: { second: { ...limits, assetExposureMax: '51%', exposureMax: '50%' } } } },
      'risk.accounts.second.assetExposureMax',
    ],
    [
      'a day that may lose more than the drawdown',
      { risk: { default: { ...limits, dailyLossMax: '6%', drawdownMax: '5%' } } },
      'risk.default.dailyLossMax',
    ],
    [
      'an asset of the desk that may be more than all',
      { risk: { desk: { assetExposureMax: '2', exposureMax: '1' } } },
      'risk.desk.assetExposureMax',
    ],
    [
      'breakers in the wrong order',
      { risk: { breakers: { dailyLoss: { limit: '9%' }, drawdown: { limit: '8%' } } } },
      'risk.breakers.dailyLoss.limit',
    ],
    ['a limit that is neither amount nor share', { risk: { desk: { exposureMax: 'NaN' } } }, 'risk.desk.exposureMax'],
    ['a share below zero', { risk: { desk: { exposureMax: '-5%' } } }, 'risk.desk.exposureMax'],
    [
      'a collar that is no share',
      { risk: { default: { ...limits, priceDeviationMax: '2' } } },
      'risk.default.priceDeviationMax',
    ],
    ['a time zone that is none', { risk: { timeZone: 'Europe/Atlantis' } }, 'risk.timeZone'],
    ['a source of an account that is none', source({ accounts: ['main', 'x'] }), 'sources.demo.accounts.1'],
    ['a source without accounts', source({ accounts: [] }), 'sources.demo.accounts'],
    ['a source that cannot prove itself', source({ authentication: [] }), 'sources.demo.authentication'],
    ['a default that is not the source’s account', source({ defaultAccount: 'second' }), 'sources.demo.defaultAccount'],
    ['an address that is none', source({ allowedIps: ['tradingview', '1.2.3'] }), 'sources.demo.allowedIps.1'],
    ['a window above an hour', source({ duplicateWindowSeconds: 3_601 }), 'sources.demo.duplicateWindowSeconds'],
    [
      'a limit that is a float',
      { risk: { default: { ...limits, openNotionalMax: 2 } } },
      'risk.default.openNotionalMax',
    ],
    ['a limit of zero', { risk: { default: { ...limits, openNotionalMax: '0' } } }, 'risk.default.openNotionalMax'],
    [
      'a limit that is no number',
      { risk: { default: { ...limits, openNotionalMax: 'all' } } },
      'risk.default.openNotionalMax',
    ],
  ])('is refused for %s, which is named', (_name, changes, path) => {
    expect(pathsOf(changes)).toContain(path);
  });

  it.each<[string, Parameters<typeof deskConfig>[0], string, string]>([
    [
      'a part of an address',
      exchange({ baseUrl: { public: 'http://a.example' } }),
      'exchanges.fake.baseUrl.public',
      'must be https (loopback aside)',
    ],
    [
      'an address that is a number',
      exchange({ baseUrl: 7 }),
      'exchanges.fake.baseUrl',
      'must be an address, or an address for each part',
    ],
    [
      'an address that is none',
      exchange({ baseUrl: 'here' }),
      'exchanges.fake.baseUrl',
      'must be an address such as https://api.example.com',
    ],
    [
      'an IP address that is none',
      source({ allowedIps: ['1.2.3'] }),
      'sources.demo.allowedIps.0',
      'must be an IP address, or "tradingview"',
    ],
    [
      'a name that is none',
      { exchanges: { Fake: {} } },
      'exchanges.Fake',
      'the name of an exchange must be 1 to 32 of a-z, 0-9 and "-", starting with a letter',
    ],
    [
      'a password in a proxy',
      exchange({ proxies: ['http://me:secret@proxy.example:3128'] }),
      'exchanges.fake.proxies.0',
      "must hold no user and password; they belong in the account's secret",
    ],
    [
      'a proxy of another kind',
      exchange({ proxies: ['ftp://proxy.example'] }),
      'exchanges.fake.proxies.0',
      'must be an address such as http://proxy.example:3128 or socks5://proxy.example:1080',
    ],
    ['what is missing', source({ accounts: undefined }), 'sources.demo.accounts', 'is missing'],
    [
      'limits of an account that is none',
      { risk: { accounts: { mian: limits } } },
      'risk.accounts.mian',
      'account "mian" is not in accounts.yaml',
    ],
    [
      'a live account at an exchange kept to its sandbox',
      { ...exchange({ sandbox: true }), accounts: live, risk: { accounts: { main: liveLimits } } },
      'accounts.main.mode',
      'a live account cannot be at "fake", which exchanges.yaml keeps to its sandbox',
    ],
    [
      'two of one rank',
      { exchanges: { fake: ranked('primary'), other: ranked('primary') } },
      'exchanges.other.failover.rank',
      '"fake" is the primary of the group "spot" already',
    ],
    [
      'a secondary without a primary',
      { exchanges: { fake: ranked('secondary') } },
      'exchanges.fake.failover.rank',
      'the group "spot" has a secondary and no primary',
    ],
    [
      'a source that may fail over to nothing',
      { exchanges: { fake: ranked('primary'), other: ranked('secondary') }, ...source({ failover: true }) },
      'sources.demo.failover',
      'needs two accounts of one mode at different exchanges of one failover group',
    ],
  ])('says what is wrong with %s', (_name, changes, path, message) => {
    expect(issuesOf(changes)).toContainEqual({ path, message });
  });

  it('takes a failover group whose accounts stand in for each other', () => {
    const exchanges = { fake: ranked('primary'), other: ranked('secondary'), third: ranked('tertiary') };
    const accounts = { second: { exchange: 'other', mode: 'sandbox' } };
    const changes = { exchanges, accounts, ...source({ accounts: ['main', 'second'], failover: true }) };
    expect(issuesOf(changes)).toEqual([]);
  });

  it('does not check against a document that could not be read', () => {
    const { accounts, sources, risk } = deskDocuments;
    expect(findConfigDefects({ accounts, sources, risk })).toEqual([]);
    expect(findConfigDefects({ exchanges: {}, sources })).toEqual([]);
    expect(findConfigDefects({ accounts: {}, exchanges: { fake: { timeoutMs: 1 } }, sources })).toMatchObject([
      { path: ['exchanges', 'fake', 'timeoutMs'] },
      { path: ['sources', 'demo', 'accounts', 0] },
      { path: ['sources', 'demo', 'accounts', 1] },
    ]);
  });

  it.each([[undefined], ['text'], [{ ...deskDocuments, extra: {} }]])('is refused when it is %j', (documents) => {
    expect(() => parseDeskConfig(documents)).toThrow(ConfigurationError);
  });

  it('compares limits of one kind only, and none that are not there', () => {
    const both = { ...limits, assetExposureMax: '5000', exposureMax: '10%', dailyLossMax: '3' };
    expect(pathsOf({ risk: { default: both, sources: { demo: { ordersPerMinuteMax: 2 } } } })).toEqual([]);
    expect(pathsOf({ risk: { sources: { desk: { ordersPerMinuteMax: 2 } } } })).toEqual([]);
  });

  it('names everything that is wrong at once', () => {
    const paths = pathsOf({ accounts: live, ...source({ accounts: ['x', 'y'] }) });
    expect(paths).toEqual(['accounts.main.mode', 'sources.demo.accounts.0', 'sources.demo.accounts.1']);
  });

  it('is refused when a document is missing', () => {
    const { risk: _risk, ...rest } = deskDocuments;
    expect(() => parseDeskConfig(rest)).toThrow(/the configuration is not usable:\n {2}risk: /);
  });
});

describe('looking up', () => {
  const config = deskConfig({ accounts: live, risk: { accounts: { main: liveLimits } } });

  it('gives an account together with its exchange', () => {
    expect(accountOf(config, 'main')).toEqual({
      ...{ id: 'main', exchange: 'fake', venue: 'fake', mode: 'live', readOnlySecret: false },
      exchangeConfig: config.exchanges.fake,
    });
  });

  it('gives an account its own proxies, else those of its exchange', () => {
    const [shared, own] = [['http://shared.example:3128'], ['socks5://own.example:1080']];
    const settings = { exchange: 'fake', mode: 'sandbox' };
    const proxied = deskConfig({
      ...exchange({ proxies: shared }),
      accounts: { second: { ...settings, proxies: own } },
    });
    expect(accountOf(proxied, 'main')?.exchangeConfig.proxies).toEqual(shared);
    expect(accountOf(proxied, 'second')?.exchangeConfig.proxies).toEqual(own);
  });

  it.each(['nobody', 'constructor', ''])('finds no account and no source named "%s"', (name) => {
    expect(accountOf(config, name)).toBeUndefined();
    expect(sourceOf(config, name)).toBeUndefined();
  });

  it('gives a source with its name', () => {
    expect(sourceOf(config, 'demo')).toMatchObject({ id: 'demo', accounts: ['main', 'second'] });
  });

  it('gives what a source sends its own limits beside those of the account and of the desk', () => {
    const sources = { demo: { orderNotionalMax: '5' } };
    const limited = deskConfig({ risk: { sources } });
    const of = (source?: string) => gateLimitsOf(limited, 'main' as AccountId, source as SourceId | undefined);
    expect(of('demo')).toEqual({ account: limited.risk.default, desk: limited.risk.desk, source: sources.demo });
    expect([of('other').source, of('constructor').source, of().source]).toEqual([undefined, undefined, undefined]);
  });

  it.each([
    ['1000', undefined, '1000'],
    ['30%', '500', '150'],
    ['30%', undefined, undefined],
  ])('takes the limit %s of an equity of %s for %s', (text, equity, expected) => {
    expect(limitAmount(text as LimitText, equity as Notional | undefined)).toBe(expected);
  });

  it('gives an account its own limits, else the default', () => {
    expect(limitsOf(config, 'main' as AccountId)).toMatchObject(liveLimits);
    expect(limitsOf(config, 'second' as AccountId)).toBe(config.risk.default);
    // A name that an account may have, and that every object has as well.
    expect(limitsOf(config, 'constructor' as AccountId)).toBe(config.risk.default);
  });
});

it('an error without issues says only what it says', () => {
  expect(new ConfigurationError('no such venue').message).toBe('no such venue');
});
