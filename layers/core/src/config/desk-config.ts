/**
 * The desk's configuration: what an owner edits in `config/*.yaml`. One document per file, checked together, because
 * sources name accounts and accounts name venues.
 */
import * as z from 'zod';
import type { AccountId, VenueId } from '../ids.ts';
import { dialectSettings } from '../signals/dialects/dialect.ts';
import { collectionConfigSchema } from './collection-config.ts';
import { deadManSchema, deadManTogether } from './dead-man-config.ts';
import { baseUrl, identifier } from './fields.ts';
import { notificationsSchema } from './notifications-config.ts';
import { paperSchema, paperTogether } from './paper-config.ts';
import { riskSchema } from './risk-config.ts';

const proxies = z
  .array(
    z
      .url({
        protocol: /^(https?|socks4a?|socks5h?)$/,
        error: 'must be an address such as http://proxy.example:3128 or socks5://proxy.example:1080',
      })
      .refine((text) => !text.includes('@'), "must hold no user and password; they belong in the account's secret"),
  )
  .min(1)
  .optional();

/** Who of a failover group comes first, second and third. */
export const failoverRanks = ['primary', 'secondary', 'tertiary'] as const;
export type FailoverRank = (typeof failoverRanks)[number];

// Descriptions are what an editor shows beside a setting (`config/schemas`).
const exchangeSchema = z
  .strictObject({
    enabled: z.boolean().default(true).describe('Takes orders. Otherwise every order for this exchange is denied.'),
    sandbox: z
      .boolean()
      .default(false)
      .describe("Speaks to the exchange's test network only; a live account here is refused."),
    baseUrl: z
      .union([baseUrl, z.record(z.string(), baseUrl)], 'must be an address, or an address for each part')
      .optional()
      .describe('Replaces the address, of all parts or by part in the words of ccxt (`public`, `private`, …).'),
    proxies: proxies.describe(
      'Used in turn by accounts that have none of their own: http, https, socks4, socks4a, socks5 or socks5h. One that refuses is passed over for 30 s. User and password belong in the secret of the account.',
    ),
    connectionsMax: z
      .int()
      .min(1)
      .max(64)
      .default(5)
      .describe('Requests of an account under way at once from one process, each on a connection of its own.'),
    failover: z
      .strictObject({ group: identifier('a group'), rank: z.enum(failoverRanks) })
      .optional()
      .describe('Who stands in for whom: when an exchange fails, the next healthy one of the group takes new orders.'),
    timeoutMs: z.int().min(500).max(8_000).default(5_000).describe('Milliseconds until a call counts as unanswered.'),
    risingNonces: z
      .boolean()
      .optional()
      .describe(
        'Orders of one key must arrive with rising nonces, so one lane per account instead of per symbol. Absent leaves it to what is known of the exchange.',
      ),
    limits: z
      .record(z.string(), z.int().min(1))
      .optional()
      .describe(
        'What the exchange lets this owner through, by name of limit (docs/deploy.md lists them), where that is not what it publishes for everybody.',
      ),
    defaultMarketKind: z
      .enum(['spot', 'perpetual'])
      .optional()
      .describe(
        'What a name such as BTCUSDT means where it exists in several kinds. Without it such a name is refused.',
      ),
  })
  .describe("An exchange, by ccxt's name for it.");

const accountSchema = z
  .strictObject({
    exchange: identifier('an exchange').describe('One of exchanges.yaml.'),
    mode: z
      .enum(['paper', 'sandbox', 'live'])
      .describe(
        "`sandbox` trades at the exchange's test network, `live` with real money. `paper` needs no keys: its orders fill inside the desk, by what the exchange shows everybody (docs/paper.md).",
      ),
    readOnlySecret: z
      .boolean()
      .default(false)
      .describe('There is a second secret with a key that may only read, used for all but placing and cancelling.'),
    proxies: proxies.describe("Instead of the exchange's."),
    paper: paperSchema.optional(),
    deadMan: deadManSchema.optional(),
  })
  .superRefine(paperTogether)
  .superRefine(deadManTogether)
  .describe('One set of credentials at one exchange, or one paper account.');

const sourceSchema = z
  .strictObject({
    authentication: z
      .array(z.enum(['token', 'signing']))
      .min(1)
      .describe('`token`: in the path, for senders that cannot sign. `signing`: HMAC of timestamp and body.'),
    accounts: z.array(identifier('an account')).min(1).describe('Those of accounts.yaml that it may use.'),
    defaultAccount: identifier('an account').optional().describe('Used when a signal names none.'),
    symbols: z.array(z.string()).min(1).optional().describe('Unified symbols that it may trade; absent is all.'),
    allowedIps: z
      .array(z.union([z.literal('tradingview'), z.ipv4(), z.ipv6()], 'must be an IP address, or "tradingview"'))
      .min(1)
      .optional()
      .describe('Sender addresses; `tradingview` stands for the four that TradingView publishes. Absent is any.'),
    maxLagSeconds: z
      .int()
      .min(1)
      .max(3_600)
      .default(60)
      .describe('Oldest signal that is still acted upon, where the signal itself does not say.'),
    duplicateWindowSeconds: z
      .int()
      .min(0)
      .max(3_600)
      .default(60)
      .describe('How long an identical body without id and time counts as the same signal; 0 turns it off.'),
    dialect: z
      .enum(dialectSettings)
      .default('auto')
      .describe(
        'How its signals are written (docs/signals.md). `auto` tells it by the keys, and refuses a body that could be read in two ways.',
      ),
    minConfidence: z
      .number()
      .min(0)
      .max(1)
      .default(0.6)
      .describe(
        'Signals that say how sure they are, from 0 to 1, are refused below this. Those that do not say it pass.',
      ),
    failover: z
      .boolean()
      .default(false)
      .describe(
        'New orders may go to its account at the next exchange of the failover group while that of the signal fails.',
      ),
    onUnknown: z
      .enum(['give_up', 'place_again'])
      .default('give_up')
      .describe('After an exchange has shown that it does not have an order: stop there, or place it once more.'),
    onProtectionFailure: z
      .enum(['keep', 'close'])
      .default('keep')
      .describe(
        'When the stop-loss or the targets of a position cannot be placed: keep the position unprotected and alarm, or close it at market.',
      ),
  })
  .refine((source) => source.defaultAccount === undefined || source.accounts.includes(source.defaultAccount), {
    path: ['defaultAccount'],
    message: 'must be one of `accounts`',
  })
  .describe('Who may send signals.');

/** What each document must look like by itself; how they must fit together is in `cross-checks.ts`. */
export const configSchemas = {
  exchanges: z.record(identifier('an exchange'), exchangeSchema),
  accounts: z.record(identifier('an account'), accountSchema),
  sources: z.record(identifier('a source'), sourceSchema),
  risk: riskSchema,
  notifications: notificationsSchema,
  collection: collectionConfigSchema,
};

/** The documents an owner edits, in the order they refer to each other; the file is `config/<name>.yaml`. */
export type ConfigDocument = keyof typeof configSchemas;
/** Those without which there is no desk. */
export const requiredDocuments = ['exchanges', 'accounts', 'sources', 'risk'] as const satisfies ConfigDocument[];
export const configDocuments = [
  ...requiredDocuments,
  'notifications',
  'collection',
] as const satisfies ConfigDocument[];

export type DeskConfig = { [Name in ConfigDocument]: z.output<(typeof configSchemas)[Name]> };
export type ExchangeConfig = DeskConfig['exchanges'][string];
export type AccountConfig = DeskConfig['accounts'][string];
export type SourceConfig = DeskConfig['sources'][string];

/** An account together with its exchange, whose settings are those that apply to this account. */
export interface ConfiguredAccount extends AccountConfig {
  id: AccountId;
  venue: VenueId;
  exchangeConfig: ExchangeConfig;
}
