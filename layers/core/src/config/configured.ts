/**
 * What a configuration says of one account or one source. Apart from the schemas: whoever is handed a configuration that was
 * checked looks things up in it without loading what checks.
 */
import type { AccountId, SourceId, VenueId } from '../ids.ts';
import type { GateLimits } from '../risk/gate.ts';
import type { ConfiguredAccount, DeskConfig, SourceConfig } from './desk-config.ts';
import type { AccountLimits } from './risk-config.ts';

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
export const limitsOf = (config: Pick<DeskConfig, 'risk'>, account: AccountId): AccountLimits =>
  (Object.hasOwn(config.risk.accounts, account) ? config.risk.accounts[account] : undefined) ?? config.risk.default;

/** All limits that apply to what a source, if it is one's, sends to an account. */
export function gateLimitsOf(config: Pick<DeskConfig, 'risk'>, account: AccountId, source?: SourceId): GateLimits {
  const { sources, desk } = config.risk;
  const own = source !== undefined && Object.hasOwn(sources, source) ? sources[source] : undefined;
  return { account: limitsOf(config, account), desk, source: own };
}
