/** An account whose keys are missing, malformed or too weak: its orders end at once with the reason, all others go on. */
import { DeleteSecretCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createDeskClient, type DeskClient } from '@nightdesk/local/supervisor/client.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ConfiguredDesk, startConfiguredDesk } from '../support/configured-desk.ts';

const accounts = {
  main: 'binance',
  second: 'kraken',
  template: 'binance',
  mended: 'binance',
  missing: 'binance',
  leaving: 'kraken',
  prose: 'binance',
  half: 'bybit',
  slip: 'kraken',
  stranger: 'binance',
  reader: 'kraken',
  onlooker: 'bybit',
  real: 'kraken',
};
type Account = keyof typeof accounts;

const limits = 'orderNotionalMax: "1000000", openNotionalMax: "100000000"';
const liveLimits = `${limits}, exposureMax: "1000000000", dailyLossMax: "99%"`;
const documents = {
  exchanges: 'binance: {}\nkraken: {}\nbybit: {}\n',
  accounts: Object.entries(accounts)
    .map(([name, exchange]) => `${name}: { exchange: ${exchange}, mode: ${name === 'real' ? 'live' : 'sandbox'} }\n`)
    .join(''),
  sources: `demo:\n  authentication: [token]\n  accounts: [${Object.keys(accounts).join(', ')}]\n`,
  risk: `desk: { venueExposureMax: "1000000000" }\ndefault: { ${limits} }\naccounts:\n  real: { ${liveLimits} }\n`,
};

/** Keys as they were put where they are no good, none of which may be told. */
const badKeys = {
  prose: 'apiKey=unquoted-key-in-prose secret=unquoted-secret-in-prose',
  half: 'key-without-its-secret',
  slip: 'secret-written-as-the-name-of-a-field',
  stranger: 'a-key-that-the-venue-never-gave-to-anybody-0123456789',
};

let configured: ConfiguredDesk;
let secretsManager: SecretsManagerClient;
let good: Readonly<Record<string, DeskClient>>;

const secretOf = (account: Account) => `nightdesk/local/accounts/${account}/trading`;
const put = (account: Account, value: string | object) => {
  const SecretString = typeof value === 'string' ? value : JSON.stringify(value);
  return secretsManager.send(new PutSecretValueCommand({ SecretId: secretOf(account), SecretString }));
};

/** Opens a customer's account at a simulated venue whose key may do no more than this. */
async function giveWeakKey(account: Account, permissions: readonly string[]): Promise<void> {
  const keys = { apiKey: `key-of-${account}-that-reads`, secret: btoa(`secret-of-${account}-that-reads`) };
  const customer = { name: `${account}-that-reads`, ...keys, balances: { USDT: '1000000' }, permissions };
  const url = `${configured.desk.cloud.ready.simulators[accounts[account]]}/__sim/accounts`;
  const answer = await fetch(url, { method: 'POST', body: JSON.stringify([customer]) });
  expect(await answer.json()).toEqual({ added: [customer.name] });
  await put(account, keys);
}

beforeAll(async () => {
  configured = await startConfiguredDesk(documents, Object.keys(accounts));
  const { ready } = configured.desk.cloud;
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  secretsManager = new SecretsManagerClient({ endpoint: ready.aws, region: 'us-east-1', credentials });
  good = { binance: createDeskClient(ready), kraken: createDeskClient(ready, 'kraken') };
  await put('template', { apiKey: '', secret: '' });
  await secretsManager.send(
    new DeleteSecretCommand({ SecretId: secretOf('missing'), ForceDeleteWithoutRecovery: true }),
  );
  await secretsManager.send(new DeleteSecretCommand({ SecretId: secretOf('leaving') }));
  await put('prose', badKeys.prose);
  await put('half', { apiKey: badKeys.half });
  await put('slip', { apiKey: 'some-key', [badKeys.slip]: '' });
  await put('stranger', { apiKey: badKeys.stranger, secret: badKeys.stranger });
  await giveWeakKey('reader', ['query-funds', 'query-open-trades', 'query-closed-trades']);
  await giveWeakKey('onlooker', ['read']);
});

afterAll(async () => {
  secretsManager.destroy();
  await configured.close();
});

/** Posts for a bad account and, while that is under way, for good ones at the same venue and at another. */
async function orderBesideGoodOnes(account: Account) {
  const [bad, ...others] = await Promise.all([
    configured.order(account),
    configured.order('main'),
    configured.order('second'),
  ]);
  expect(others).toMatchObject([{ state: 'filled' }, { state: 'filled' }]);
  return bad;
}

async function ordersAtVenue(account: Account): Promise<number> {
  const venue = createDeskClient(configured.desk.cloud.ready, accounts[account]);
  const orders = await venue.simulatorOrders();
  return orders.filter((order) => order.account.startsWith(account)).length;
}

describe('an account whose keys', () => {
  it.each<[string, Account, string, RegExp]>([
    [
      'are still the empty template',
      'template',
      'credentials_unusable',
      /is not filled in yet: put the account's keys/,
    ],
    ['are not there', 'missing', 'credentials_unusable', /is not there, or has no value yet/],
    ['are marked for deletion', 'leaving', 'credentials_unusable', /is marked for deletion/],
    ['are not JSON', 'prose', 'credentials_unusable', /is not JSON; write \{"apiKey":"…","secret":"…"\}/],
    ['lack what the venue asks for', 'half', 'credentials_unusable', /lacks what bybit asks for: secret/],
    ['have a field that is not known', 'slip', 'credentials_unusable', /a field is not known/],
  ])('%s gets a denial at once that names the secret, and no order', async (_name, account, code, message) => {
    const order = await orderBesideGoodOnes(account);
    expect(order).toMatchObject({ state: 'denied', attempts: 0, cause: { code } });
    expect(order.cause?.message).toMatch(message);
    expect(order.cause?.message).toContain(secretOf(account));
    expect(await ordersAtVenue(account)).toBe(0);
  });

  it.each<[string, Account, string, RegExp]>([
    ['the venue never gave', 'stranger', 'authentication_failed', /Invalid API-key/],
    ['may only read', 'reader', 'permission_denied', /Permission denied/],
    ['may only read, at a venue that says so by number', 'onlooker', 'permission_denied', /10005/],
  ])('%s gets a rejection with the venue’s word, and no order', async (_name, account, code, message) => {
    const order = await orderBesideGoodOnes(account);
    expect(order).toMatchObject({ state: 'rejected', attempts: 1, cause: { code } });
    expect(order.cause?.message).toMatch(message);
    expect(await ordersAtVenue(account)).toBe(0);
  });

  it('are for real money where live trading is off gets a denial', async () => {
    const order = await orderBesideGoodOnes('real');
    expect(order).toMatchObject({ state: 'denied', cause: { code: 'live_trading_off' } });
    expect(await ordersAtVenue('real')).toBe(0);
  });

  it('are mended trades with the next order', async () => {
    await put('mended', { apiKey: '', secret: '' });
    expect(await configured.order('mended')).toMatchObject({ state: 'denied' });
    const keys = { apiKey: 'key-that-was-put-there-in-the-end', secret: 'secret-that-was-put-there-in-the-end' };
    const url = `${configured.desk.cloud.ready.simulators.binance}/__sim/accounts`;
    const customer = { name: 'mended-in-the-end', ...keys, balances: { USDT: '1000000' } };
    await fetch(url, { method: 'POST', body: JSON.stringify([customer]) });
    await put('mended', keys);
    expect(await configured.order('mended')).toMatchObject({ state: 'filled' });
    expect(await good.binance?.simulatorOrders({ account: 'mended-in-the-end' })).toHaveLength(1);
  });
});

it('no key is told in any log or answer, and the journal holds', async () => {
  await configured.order('prose');
  const secrets = Object.values(badKeys).flatMap((key) => [
    key,
    ...key.split(/[= ]/).filter((part) => part.length > 8),
  ]);
  expect(await configured.told(secrets)).toEqual([]);
  expect(await configured.desk.records.verify()).toMatchObject({ kind: 'verified' });
});
