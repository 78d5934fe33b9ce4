import type { KeyPermissions, VenueId } from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { UnparsableAnswerError } from '../../../layers/exchange/src/fields.ts';
import { keyQuestionOf, keyQuestions } from '../../../layers/exchange/src/key-permissions/registry.ts';

const apiKey = 'the-api-key';
type Answers = Record<string, unknown>;

async function read(venue: string, answers: Answers): Promise<Omit<KeyPermissions, 'source'>> {
  const question = keyQuestionOf(venue as VenueId);
  if (question === undefined) throw new Error(`${venue} is not asked`);
  return question.read(async (method) => {
    expect(question.methods).toContain(method);
    return answers[method];
  }, apiKey);
}

const day = 86_400_000;

/** Answers as the venues document them; ccxt makes texts of numbers that stand as values. */
const documented: { venue: string; name: string; answers: Answers; expected: Omit<KeyPermissions, 'source'> }[] = [
  {
    venue: 'binance',
    name: 'that may trade spot, bound to addresses',
    answers: {
      sapiGetAccountApiRestrictions: {
        ...{ ipRestrict: true, createTime: '1698645219000', enableReading: true, enableWithdrawals: false },
        ...{ enableInternalTransfer: false, enableMargin: false, enableFutures: false, permitsUniversalTransfer: true },
        ...{ enableVanillaOptions: false, enableSpotAndMarginTrading: true, enablePortfolioMarginTrading: false },
        tradingAuthorityExpirationTime: '1764400000000',
      },
    },
    expected: {
      ...{ read: 'allowed', trade: 'allowed', withdraw: 'denied' },
      boundAddresses: ['addresses that Binance does not tell'],
      ...{ createdAtMs: 1_698_645_219_000, expiresAtMs: 1_764_400_000_000 },
    },
  },
  {
    venue: 'binance',
    name: 'that may withdraw and not trade',
    answers: {
      sapiGetAccountApiRestrictions: {
        ...{ ipRestrict: false, enableReading: true, enableWithdrawals: true, enableSpotAndMarginTrading: false },
      },
    },
    expected: { read: 'allowed', trade: 'denied', withdraw: 'allowed', boundAddresses: [] },
  },
  {
    venue: 'bybit',
    name: 'that may trade, from any address, until it expires',
    answers: {
      privateGetV5UserQueryApi: {
        retCode: '0',
        result: {
          ...{ readOnly: '0', ips: ['*'], createdAt: '2022-10-16T02:24:40Z', expiredAt: '2023-05-15T03:21:05Z' },
          permissions: { ContractTrade: ['Order', 'Position'], Spot: ['SpotTrade'], Wallet: ['AccountTransfer'] },
        },
      },
    },
    expected: {
      ...{ read: 'allowed', trade: 'allowed', withdraw: 'denied', boundAddresses: [] },
      ...{ createdAtMs: Date.UTC(2022, 9, 16, 2, 24, 40), expiresAtMs: Date.UTC(2023, 4, 15, 3, 21, 5) },
    },
  },
  {
    venue: 'bybit',
    name: 'that may withdraw',
    answers: {
      privateGetV5UserQueryApi: {
        result: {
          ...{ readOnly: '0', ips: ['1.2.3.4'], createdAt: '2022-10-16T02:24:40Z', expiredAt: '1970-01-01T00:00:00Z' },
          permissions: { Spot: [], Wallet: ['AccountTransfer', 'Withdraw'], Options: ['OptionsTrade'] },
        },
      },
    },
    expected: {
      ...{ read: 'allowed', trade: 'allowed', withdraw: 'allowed', boundAddresses: ['1.2.3.4'] },
      createdAtMs: Date.UTC(2022, 9, 16, 2, 24, 40),
    },
  },
  {
    venue: 'bybiteu',
    name: 'that is read-only, whatever else it lists',
    answers: {
      privateGetV5UserQueryApi: {
        result: { readOnly: 1, ips: [], permissions: { Spot: ['SpotTrade'], Wallet: ['Withdraw'] } },
      },
    },
    expected: { read: 'allowed', trade: 'denied', withdraw: 'denied', boundAddresses: [] },
  },
  {
    venue: 'okx',
    name: 'that may do all',
    answers: {
      privateGetAccountConfig: { code: '0', data: [{ perm: 'read_only,withdraw,trade', ip: '', posMode: 'net_mode' }] },
    },
    expected: { read: 'allowed', trade: 'allowed', withdraw: 'allowed', boundAddresses: [] },
  },
  {
    venue: 'myokx',
    name: 'that may read, from two addresses',
    answers: { privateGetAccountConfig: { data: [{ perm: 'read_only', ip: '1.2.3.4,5.6.7.8' }] } },
    expected: { read: 'allowed', trade: 'denied', withdraw: 'denied', boundAddresses: ['1.2.3.4', '5.6.7.8'] },
  },
  {
    venue: 'kraken',
    name: 'of the documentation, which may withdraw',
    answers: {
      privatePostGetApiKeyInfo: {
        error: [],
        result: {
          permissions: ['query-funds', 'withdraw-funds', 'query-open-trades', 'modify-trades'],
          ...{ validUntil: '0', createdTime: '1772542900', ipAllowlist: [] },
        },
      },
    },
    expected: {
      ...{ read: 'allowed', trade: 'allowed', withdraw: 'allowed', boundAddresses: [] },
      createdAtMs: 1_772_542_900_000,
    },
  },
  {
    venue: 'kraken',
    name: 'that may look at funds only',
    answers: {
      privatePostGetApiKeyInfo: {
        result: { permissions: ['query-funds'], validUntil: '1772627061', ipAllowlist: ['1.2.3.4'] },
      },
    },
    expected: {
      ...{ read: 'denied', trade: 'denied', withdraw: 'denied', boundAddresses: ['1.2.3.4'] },
      expiresAtMs: 1_772_627_061_000,
    },
  },
  {
    venue: 'kucoin',
    name: 'that may trade and move funds within the account',
    answers: {
      privateGetUserApiKey: {
        data: {
          ...{ permission: 'General,Spot,InnerTransfer', ipWhitelist: '1.2.3.4', createdAt: '1729821494000' },
          expiredAt: null,
        },
      },
    },
    expected: {
      ...{ read: 'allowed', trade: 'allowed', withdraw: 'denied', boundAddresses: ['1.2.3.4'] },
      createdAtMs: 1_729_821_494_000,
    },
  },
  {
    venue: 'kucoin',
    name: 'that may transfer, which is to withdraw',
    answers: { privateGetUserApiKey: { data: { permission: 'General, Transfer' } } },
    expected: { read: 'allowed', trade: 'denied', withdraw: 'allowed', boundAddresses: [] },
  },
  {
    venue: 'gate',
    name: 'among others, that may trade and only look at the wallet',
    answers: {
      privateAccountGetMainKeys: [
        { key: 'another', perms: [{ name: 'withdraw', read_only: false }], ip_whitelist: [] },
        {
          ...{ key: apiKey, ip_whitelist: ['1.2.3.4'], created_at: '1632133333' },
          perms: [
            { name: 'spot', read_only: false },
            { name: 'wallet', read_only: true },
          ],
        },
      ],
    },
    expected: {
      ...{ read: 'allowed', trade: 'allowed', withdraw: 'denied', boundAddresses: ['1.2.3.4'] },
      createdAtMs: 1_632_133_333_000,
    },
  },
  {
    venue: 'gate',
    name: 'that may do with the wallet what nobody tells',
    answers: { privateAccountGetMainKeys: [{ key: apiKey, perms: [{ name: 'wallet', read_only: false }] }] },
    expected: { read: 'allowed', trade: 'denied', withdraw: 'unknown', boundAddresses: [] },
  },
  {
    venue: 'gateeu',
    name: 'that may withdraw',
    answers: { privateAccountGetMainKeys: [{ key: apiKey, perms: [{ name: 'withdraw', read_only: false }] }] },
    expected: { read: 'allowed', trade: 'denied', withdraw: 'allowed', boundAddresses: [] },
  },
  {
    venue: 'bitget',
    name: 'that may trade spot',
    answers: { privateSpotGetV2SpotAccountInfo: { data: { authorities: ['stow', 'wtow'], ips: '127.0.0.1' } } },
    expected: { read: 'allowed', trade: 'allowed', withdraw: 'denied', boundAddresses: ['127.0.0.1'] },
  },
  {
    venue: 'bitget',
    name: 'that may withdraw',
    answers: { privateSpotGetV2SpotAccountInfo: { data: { authorities: ['stor', 'wwow'], ips: '' } } },
    expected: { read: 'allowed', trade: 'denied', withdraw: 'allowed', boundAddresses: [] },
  },
  {
    venue: 'htx',
    name: 'that may trade and never expires',
    answers: {
      v2PrivateGetUserUid: { code: '200', data: '63628520' },
      v2PrivateGetUserApiKey: {
        data: [
          {
            ...{ accessKey: apiKey, status: 'normal', permission: 'readOnly,trade', ipAddresses: '1.1.1.1,1.1.1.2' },
            ...{ validDays: '-1', createTime: '1591348751000', updateTime: '1591348751000' },
          },
        ],
      },
    },
    expected: {
      ...{ read: 'allowed', trade: 'allowed', withdraw: 'denied', boundAddresses: ['1.1.1.1', '1.1.1.2'] },
      createdAtMs: 1_591_348_751_000,
    },
  },
  {
    venue: 'htx',
    name: 'that may withdraw and expires, as it is bound to no address',
    answers: {
      v2PrivateGetUserUid: { data: '63628520' },
      v2PrivateGetUserApiKey: {
        data: [{ permission: 'readOnly,withdraw', ipAddresses: '', validDays: '90', updateTime: '1591348751000' }],
      },
    },
    expected: {
      ...{ read: 'allowed', trade: 'denied', withdraw: 'allowed', boundAddresses: [] },
      expiresAtMs: 1_591_348_751_000 + 90 * day,
    },
  },
  {
    venue: 'coinbase',
    name: 'that may trade',
    answers: { v3PrivateGetBrokerageKeyPermissions: { can_view: true, can_trade: true, can_transfer: false } },
    expected: { read: 'allowed', trade: 'allowed', withdraw: 'denied', boundAddresses: 'unknown' },
  },
  {
    venue: 'bitfinex',
    name: 'that may withdraw',
    answers: {
      privatePostAuthRPermissions: [
        ['orders', 1, 1],
        ['wallets', 1, 0],
        ['withdraw', 0, 1],
      ],
    },
    expected: { read: 'allowed', trade: 'allowed', withdraw: 'allowed', boundAddresses: 'unknown' },
  },
  {
    venue: 'deribit',
    name: 'that may trade',
    answers: {
      privateGetListApiKeys: {
        result: [
          {
            ...{ client_id: apiKey, max_scope: 'account:read block_trade:read trade:read_write wallet:read' },
            ...{ timestamp: '1560236001108', enabled: true, ip_whitelist: ['1.2.3.4'] },
          },
        ],
      },
    },
    expected: {
      ...{ read: 'allowed', trade: 'allowed', withdraw: 'denied', boundAddresses: ['1.2.3.4'] },
      createdAtMs: 1_560_236_001_108,
    },
  },
  {
    venue: 'bitmex',
    name: 'that may place and withdraw, from any address',
    answers: {
      privateGetApiKey: [
        {
          ...{ id: apiKey, cidr: '0.0.0.0/0', permissions: ['order', 'withdraw'], enabled: true },
          created: '2020-09-14T02:04:59.423Z',
        },
      ],
    },
    expected: {
      ...{ read: 'allowed', trade: 'allowed', withdraw: 'allowed', boundAddresses: [] },
      createdAtMs: Date.UTC(2020, 8, 14, 2, 4, 59, 423),
    },
  },
];

describe('what a venue tells of a key', () => {
  it.each(documented)('$venue: one $name', async ({ venue, answers, expected }) => {
    expect(await read(venue, answers)).toEqual(expected);
  });

  it('is known for every venue that is asked', () => {
    const shown = new Set(documented.map(({ venue }) => keyQuestionOf(venue as VenueId)));
    expect(Object.values(keyQuestions).filter((question) => !shown.has(question))).toEqual([]);
  });

  it.each(Object.keys(keyQuestions))('%s: an answer that makes no sense is told as one', async (venue) => {
    for (const answer of [undefined, null, 'Bad gateway', [], {}, [[]], { data: null, result: 'no' }]) {
      const answers = Object.fromEntries(
        (keyQuestionOf(venue as VenueId)?.methods ?? []).map((name) => [name, answer]),
      );
      const outcome = await read(venue, answers).catch((error: unknown) => error);
      // What is not told counts as unknown or denied, never as allowed.
      if (outcome instanceof UnparsableAnswerError) continue;
      const { trade, withdraw } = outcome as Partial<KeyPermissions>;
      for (const told of [trade, withdraw]) expect(told).toMatch(/^(unknown|denied)$/);
    }
  });
});
