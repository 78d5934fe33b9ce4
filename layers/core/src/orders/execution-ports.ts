import type { ConfiguredAccount, SourceConfig } from '../config/desk-config.ts';
import type { VenueId } from '../ids.ts';
import type { Clock } from '../ports/clock.ts';
import type { OrdersStore, RiskStore } from '../ports/stores.ts';
import type { Market } from '../ports/market-data.ts';
import type { ExecutionVenue } from '../ports/venue.ts';
import type { AccountLimits, StandingFigures } from '../risk/gate.ts';

/** What executing and resolving orders needs from outside. */
export interface ExecutionPorts {
  orders: OrdersStore;
  risk: RiskStore;
  clock: Clock;
  /** The market, from the store or, where the store does not have it, from the venue itself. */
  findMarket(venue: VenueId, symbol: string): Promise<Market | undefined>;
  /** The venue with the account's credentials. @throws SecretUnavailableError */
  openVenue(account: ConfiguredAccount): Promise<ExecutionVenue>;
}

/** What the configuration says about one order. */
export interface ExecutionPolicy {
  account: ConfiguredAccount;
  limits: AccountLimits;
  /** The stage's setting. */
  liveTrading: boolean;
  onUnknown: SourceConfig['onUnknown'];
  /** No order is placed later than this; UTC epoch milliseconds. */
  expiresAtMs: number;
}

/** What the gate compares of a policy. */
export const standingOf = ({ account, liveTrading }: ExecutionPolicy): StandingFigures => ({
  mode: account.mode,
  exchangeEnabled: account.exchangeConfig.enabled,
  liveTrading,
});

/** Until when the caller can wait; UTC epoch milliseconds. */
export interface Deadline {
  deadlineMs: number;
}
