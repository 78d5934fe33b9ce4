import type { ConfiguredAccount, SourceConfig } from '../config/desk-config.ts';
import type { AccountId, VenueId } from '../ids.ts';
import type { Clock } from '../ports/clock.ts';
import type { Market } from '../ports/market-data.ts';
import type { BooksStore, OrdersStore, PositionsStore, RiskStore } from '../ports/stores.ts';
import type { ExecutionVenue } from '../ports/venue.ts';
import type { GateLimits, StandingFigures } from '../risk/gate.ts';
import type { SignalMessage } from '../signals/signal.ts';

/** What executing and resolving orders needs from outside. */
export interface ExecutionPorts {
  orders: OrdersStore;
  risk: RiskStore;
  /** The desk's own ledger of what it has traded. */
  positions: Pick<PositionsStore, 'get'>;
  /** What reconciliation found last: conversion prices and balances. */
  books: Pick<BooksStore, 'get'>;
  clock: Clock;
  /** The market, from the store or, where the store does not have it, from the venue itself. */
  findMarket(venue: VenueId, symbol: string): Promise<Market | undefined>;
  /** True while new orders are better sent to another venue. Never throws. */
  isVenueFailing(venue: VenueId): Promise<boolean>;
  /** Has the leg executed by another account, however often it is called. Resolves once that cannot be lost any more. */
  handOver(message: SignalMessage, to: AccountId): Promise<void>;
  /**
   * The venue with the account's credentials.
   *
   * @throws SecretUnavailableError
   * @throws ConfigurationError when there is no such venue, or none of the account's mode
   */
  openVenue(account: ConfiguredAccount): Promise<ExecutionVenue>;
}

/** What the configuration says about one order. */
export interface ExecutionPolicy {
  account: ConfiguredAccount;
  limits: GateLimits;
  /** The stage's setting. */
  liveTrading: boolean;
  onUnknown: SourceConfig['onUnknown'];
  /** Who may take the leg over while the account's venue does not answer, first choice first; mostly nobody. */
  standIns: readonly ConfiguredAccount[];
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

/** One delivery of a leg's message. */
export interface Delivery extends Deadline {
  /** How long the message rests, if this delivery fails, before it is delivered again. */
  retryPauseMs: number;
}
