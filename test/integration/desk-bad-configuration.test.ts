/** What an owner writes that cannot be: the desk says in which line, and goes on as before, with every venue. */
import type { ConfigDocument } from '@nightdesk/core';
import { createDeskClient } from '@nightdesk/local/supervisor/client.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ConfiguredDesk, startConfiguredDesk } from '../support/configured-desk.ts';

const documents: Partial<Record<ConfigDocument, string>> = {
  exchanges: 'binance: {}\nkraken: {}\n',
  accounts: 'main: { exchange: binance, mode: sandbox }\nsecond: { exchange: kraken, mode: sandbox }\n',
  sources: 'demo:\n  authentication: [token]\n  accounts: [main, second]\n',
};
const proxyPassword = 'swordfish-of-the-proxy';
let configured: ConfiguredDesk;

beforeAll(async () => {
  configured = await startConfiguredDesk(documents, ['main', 'second']);
});

afterAll(() => configured.close());

/** Both venues take orders, in the configuration from before. */
async function expectTrading(): Promise<void> {
  const orders = await Promise.all([configured.order('main'), configured.order('second')]);
  expect(orders).toMatchObject([
    { state: 'filled', venue: 'binance' },
    { state: 'filled', venue: 'kraken' },
  ]);
}

const added = (document: ConfigDocument, text: string): [ConfigDocument, string] => [
  document,
  `${documents[document]}${text}\n`,
];

describe('a configuration that cannot be', () => {
  it.each<[string, [ConfigDocument, string], string]>([
    [
      'an exchange that nobody knows',
      added('exchanges', 'krakken: {}'),
      'exchanges.yaml:3:1 exchanges.krakken: no exchange is called "krakken"; close to it: kraken',
    ],
    [
      'an exchange that has closed',
      added('exchanges', 'ftx: {}'),
      'exchanges.yaml:3:1 exchanges.ftx: exchange "ftx" is not usable: FTX closed in November 2022',
    ],
    [
      'an address that is not https',
      added('exchanges', 'bybit:\n  baseUrl: http://api.bybit.example'),
      'exchanges.yaml:4:3 exchanges.bybit.baseUrl: must be https (loopback aside)',
    ],
    [
      'an address in the clear that only looks like this machine',
      added('exchanges', 'bybit:\n  baseUrl:\n    public: http://127.0.0.1.example/'),
      'exchanges.yaml:5:5 exchanges.bybit.baseUrl.public: must be https (loopback aside)',
    ],
    [
      'an account id that is there twice',
      added('accounts', 'main: { exchange: kraken, mode: sandbox }'),
      'accounts.yaml:3:1: "main" is there twice',
    ],
    [
      'an account at an exchange that is not there',
      added('accounts', 'third: { exchange: bybit, mode: sandbox }'),
      'accounts.yaml:3:10 accounts.third.exchange: exchange "bybit" is not in exchanges.yaml',
    ],
    [
      'a live account without limits of its own',
      added('accounts', 'third: { exchange: kraken, mode: live }'),
      'accounts.yaml:3:28 accounts.third.mode: a live account needs limits of its own in risk.yaml',
    ],
    [
      'a password in the address of a proxy',
      added(
        'accounts',
        `third:\n  exchange: kraken\n  mode: sandbox\n  proxies: ["http://me:${proxyPassword}@127.0.0.1:1"]`,
      ),
      "accounts.yaml:6:13 accounts.third.proxies.0: must hold no user and password; they belong in the account's secret",
    ],
  ])('%s is told with file, line and path, and changes nothing', async (_name, [document, text], message) => {
    configured.save(document, text);
    const lines = await configured.logged(message);
    expect(lines.join()).toContain('What was in force before stays in force.');
    await expectTrading();
    configured.save(document, documents[document] ?? '');
  });
});

it('a source may not be sent for an account that it does not name, whatever its venue', async () => {
  expect(await configured.post('third')).toMatchObject({
    status: 400,
    body: { error: { code: 'invalid_signal', issues: [{ path: 'account' }] } },
  });
});

it('nothing was placed but the orders of good accounts, and nothing secret was told', async () => {
  const { desk } = configured;
  await expectTrading();
  const kraken = createDeskClient(desk.cloud.ready, 'kraken');
  const placed = [...(await desk.simulatorOrders()), ...(await kraken.simulatorOrders())];
  expect(new Set(placed.map(({ account }) => account))).toEqual(new Set(['main', 'second']));
  expect(await desk.records.verify()).toMatchObject({ kind: 'verified', orders: placed.length });
  expect(await configured.told([proxyPassword])).toEqual([]);
});
