/** What following an order of an account takes: where it is, and what may be done about it. */
import {
  type ConfiguredAccount,
  type DeskConfig,
  type ExecutionPolicy,
  type ExecutionPorts,
  type ExecutionVenue,
  gateLimitsOf,
  type Market,
  type Order,
  type OrderContext,
  type SwitchRows,
} from '@nightdesk/core';

/** Whose orders are followed, and with what. */
export interface FollowRound {
  account: ConfiguredAccount;
  config: DeskConfig;
  /** The stage's setting. */
  liveTrading: boolean;
  ports: Pick<ExecutionPorts, 'orders' | 'positions' | 'clock' | 'findMarket' | 'openVenue'> & { risk: SwitchRows };
}

/** The signal is long past: what turns out not to be placed stays that way. */
export const policyOf = ({ account, config, liveTrading }: FollowRound): ExecutionPolicy => ({
  account,
  limits: gateLimitsOf(config, account.id),
  liveTrading,
  onUnknown: 'give_up',
  standIns: [],
  expiresAtMs: 0,
});

/** @throws Error where the order's market cannot be reached from its account any more */
export async function contextOf(order: Order, round: FollowRound): Promise<OrderContext> {
  const { account } = round;
  // Another venue than the order's would show that it does not have the order, and that says nothing.
  if (account.venue !== order.venue) {
    throw new Error(`order ${order.orderId} is at ${order.venue}, and its account ${account.id} at ${account.venue}`);
  }
  return { ...(await placeOf(order.symbol, round)), policy: policyOf(round) };
}

export async function placeOf(
  symbol: string,
  { account, ports }: FollowRound,
): Promise<{ market: Market; venue: ExecutionVenue }> {
  const market = await ports.findMarket(account.venue, symbol);
  if (market === undefined) throw new Error(`${symbol} is not a market of ${account.venue} any more`);
  return { market, venue: await ports.openVenue(account) };
}

/** One question per look and order: every order comes round again. */
export const onceWith = ({ ports }: FollowRound) => ({ ...ports, deadlineMs: ports.clock.nowMs() });
