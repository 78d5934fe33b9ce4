/** How ccxt is made to watch an account. */
import type { AccountStreamKind } from '@nightdesk/core';
import type { VenueSession } from '../venue-session.ts';
import { type AccountWatch, isRaw } from './account-reading.ts';
import { methodOf, type StreamVenueClient } from './stream-client.ts';

export const kindOf = {
  watchOrders: 'orders',
  watchMyTrades: 'fills',
  watchBalance: 'balances',
  watchPositions: 'positions',
} as const satisfies Record<AccountWatch['method'], AccountStreamKind>;

/** @param symbol for venues that watch one market at a time */
export function invoke(
  { client }: VenueSession,
  { method, parameters }: AccountWatch,
  symbol?: string,
): Promise<unknown> {
  const watch = methodOf(client, method);
  if (watch === undefined) throw new Error(`the venue's class has no ${method}`);
  if (method === 'watchBalance') return watch(parameters);
  const which = method === 'watchPositions' && symbol !== undefined ? [symbol] : symbol;
  return watch(which, undefined, undefined, parameters);
}

/** What an account has is asked for elsewhere; here only what changes is told. */
export function keepSnapshotsOff({ options }: StreamVenueClient): void {
  const own = (name: string): object => (isRaw(options[name]) ? options[name] : {});
  options.watchBalance = { ...own('watchBalance'), fetchBalanceSnapshot: false, awaitBalanceSnapshot: false };
  options.watchPositions = { ...own('watchPositions'), fetchPositionsSnapshot: false, awaitPositionsSnapshot: false };
}
