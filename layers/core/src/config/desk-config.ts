/**
 * The desk's configuration: what an owner edits in `config/*.yaml`. One document per file, checked together, because
 * sources name accounts and accounts name venues.
 */
import * as z from 'zod';
import type { AccountId, SourceId, VenueId } from '../ids.ts';
import { isDecimal, isPositive, type Notional } from '../money.ts';

const identifier = (what: string) =>
  z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,31}$/, `the name of ${what} must be 1 to 32 of a-z, 0-9 and "-", starting with a letter`);

const positiveDecimal = z
  .string('write the number in quotes, e.g. "1000"')
  .refine((text) => isDecimal(text) && isPositive(text), 'must be a decimal number above zero, e.g. "1000"')
  .transform((text) => text as Notional);

const baseUrl = z
  .url('must be an address such as https://api.example.com')
  .refine(
    (text) => /^https:|^http:\/\/(127\.0\.0\.1|localhost|\[::1\])[:/]/.test(text),
    'must be https (loopback aside)',
  );

/** Where requests go through. User and password, if any, are in the account's secret. */
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

const exchangeSchema = z.strictObject({
  enabled: z.boolean().default(true),
  /** Only the venue's test network is ever spoken to; a live account here is a mistake. */
  sandbox: z.boolean().default(false),
  /** Overrides the venue's address, for all parts of it or by part in ccxt's words (`public`, `private`, …). */
  baseUrl: z.union([baseUrl, z.record(z.string(), baseUrl)]).optional(),
  /** Used in turn by all accounts that have none of their own; one that refuses is passed over for a while. */
  proxies,
  /** Requests of an account that are under way to the venue at once from one process, each on a connection of its own. */
  connectionsMax: z.int().min(1).max(64).default(5),
  /** Who stands in for whom when a venue fails: the next healthy one of the group takes new orders. */
  failover: z.strictObject({ group: identifier('a group'), rank: z.enum(failoverRanks) }).optional(),
  /** Milliseconds until a call counts as unanswered. */
  timeoutMs: z.int().min(500).max(8_000).default(5_000),
  /**
   * Orders of one key must reach the venue with rising nonces, so one lane per account instead of per symbol. Absent
   * leaves it to what is known of the venue.
   */
  risingNonces: z.boolean().optional(),
  /**
   * What the venue lets this owner through, by name of limit (docs/deploy.md lists them), where that is not what it
   * publishes for everybody: a higher tier, or a venue for tests.
   */
  limits: z.record(z.string(), z.int().min(1)).optional(),
  /** What a name such as `BTCUSDT` means where a venue has it in several kinds. Without it such a name is refused. */
  defaultMarketKind: z.enum(['spot', 'perpetual']).optional(),
});

const accountSchema = z.strictObject({
  exchange: identifier('an exchange'),
  /** `paper` fills inside Nightdesk, `sandbox` at the venue's test network, `live` with real money. */
  mode: z.enum(['paper', 'sandbox', 'live']),
  /** A second secret with a key that may only read, used for everything but placing and cancelling. */
  readOnlySecret: z.boolean().default(false),
  /** Instead of the exchange's. */
  proxies,
});

const sourceSchema = z
  .strictObject({
    /** `token`: in the path, for senders that cannot sign. `signing`: HMAC of timestamp and body. */
    authentication: z.array(z.enum(['token', 'signing'])).min(1),
    accounts: z.array(identifier('an account')).min(1),
    /** Used when a signal names none. */
    defaultAccount: identifier('an account').optional(),
    /** Unified symbols this source may trade; absent is all. */
    symbols: z.array(z.string()).min(1).optional(),
    /** Sender addresses; `tradingview` stands for the four that TradingView publishes. Absent is any. */
    allowedIps: z
      .array(z.union([z.literal('tradingview'), z.ipv4(), z.ipv6()], 'must be an IP address, or "tradingview"'))
      .min(1)
      .optional(),
    /** Oldest signal that is still acted upon, where the signal itself does not say. */
    maxLagSeconds: z.int().min(1).max(3_600).default(60),
    /** How long an identical body without id and time counts as the same signal; 0 turns it off. */
    duplicateWindowSeconds: z.int().min(0).max(3_600).default(60),
    /** New orders may go to an account of this source at the next venue of the failover group while theirs fails. */
    failover: z.boolean().default(false),
    /** After a venue has shown that it does not have an order: stop there, or place it once more. */
    onUnknown: z.enum(['give_up', 'place_again']).default('give_up'),
  })
  .refine((source) => source.defaultAccount === undefined || source.accounts.includes(source.defaultAccount), {
    path: ['defaultAccount'],
    message: 'must be one of `accounts`',
  });

/** Currencies that limits may count one to one: the dollar and what stands for it. */
const dollarQuotes = ['USD', 'USDT', 'USDC', 'FDUSD'];

const limitsSchema = z.strictObject({
  /**
   * Quote currencies that the limits below are in. An order in a market of another one is denied: its worth cannot be
   * compared, and a thousand of one currency is not a thousand of another.
   */
  quotes: z.array(z.string().min(1)).min(1).default(dollarQuotes),
  /** Largest order, in quote currency. */
  orderNotionalMax: positiveDecimal,
  /** Most that may be in open orders of an account at once, in quote currency. */
  openNotionalMax: positiveDecimal,
});

const riskSchema = z.strictObject({
  default: limitsSchema,
  accounts: z.record(identifier('an account'), limitsSchema).default({}),
});

/** What each document must look like by itself; how they must fit together is in `cross-checks.ts`. */
export const configSchemas = {
  exchanges: z.record(identifier('an exchange'), exchangeSchema),
  accounts: z.record(identifier('an account'), accountSchema),
  sources: z.record(identifier('a source'), sourceSchema),
  risk: riskSchema,
};

/** The four documents an owner edits, in the order they refer to each other; the file is `config/<name>.yaml`. */
export type ConfigDocument = keyof typeof configSchemas;
export const configDocuments = ['exchanges', 'accounts', 'sources', 'risk'] as const satisfies ConfigDocument[];

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

/** The account, or `undefined` when there is none of that name. */
export function accountOf(config: DeskConfig, id: string): ConfiguredAccount | undefined {
  const account = Object.hasOwn(config.accounts, id) ? config.accounts[id] : undefined;
  const exchangeConfig = account && config.exchanges[account.exchange];
  if (account === undefined || exchangeConfig === undefined) return undefined;
  const { proxies = exchangeConfig.proxies } = account;
  const applied = proxies === undefined ? exchangeConfig : { ...exchangeConfig, proxies };
  return { ...account, id: id as AccountId, venue: account.exchange as VenueId, exchangeConfig: applied };
}

/** The source, or `undefined` when there is none of that name. */
export function sourceOf(config: DeskConfig, id: string): (SourceConfig & { id: SourceId }) | undefined {
  const source = Object.hasOwn(config.sources, id) ? config.sources[id] : undefined;
  return source && { ...source, id: id as SourceId };
}

/** The limits of an account: its own where it has some, else the default. */
export const limitsOf = (config: DeskConfig, account: AccountId) =>
  config.risk.accounts[account] ?? config.risk.default;
