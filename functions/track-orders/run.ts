/** What one run of tracking is made with, and what it remembers from round to round. */
import type { Telemetry } from '@nightdesk/aws';
import type {
  ConfiguredAccount,
  DeskConfig,
  ExecutionPolicy,
  ExecutionPorts,
  ExecutionVenue,
  IntentId,
  Market,
  Order,
  OrderContext,
} from '@nightdesk/core';
import { gateLimitsOf } from '@nightdesk/core';

export interface TrackOrdersDependencies {
  loadConfig(): Promise<DeskConfig>;
  ports: Pick<ExecutionPorts, 'orders' | 'positions' | 'clock' | 'findMarket' | 'openVenue'>;
  liveTrading: boolean;
  telemetry: Telemetry;
}

export interface Run extends TrackOrdersDependencies {
  config: DeskConfig;
  /** When this run must have ended; UTC epoch milliseconds. */
  deadlineMs: number;
  /** How long one round asks about resting orders, where another follows: triggers and exits are not to wait for hundreds of them. */
  restingMsMax: number;
  /** When each order was looked at last. */
  lookedAtMs: Map<IntentId, number>;
  outcomes: Map<IntentId, LookOutcome>;
}

/** `unknown`: the venue has still not told its state; `failed`: it could not be asked about. */
export type LookOutcome = 'known' | 'unknown' | 'failed';

/** One account in one round. */
export interface AccountRound extends Run {
  account: ConfiguredAccount;
}

/** The signal is long past: what turns out not to be placed stays that way. */
export const policyOf = ({ account, config, liveTrading }: AccountRound): ExecutionPolicy => ({
  account,
  limits: gateLimitsOf(config, account.id),
  liveTrading,
  onUnknown: 'give_up',
  standIns: [],
  expiresAtMs: 0,
});

/** @throws Error where the order's market cannot be reached from its account any more */
export async function contextOf(order: Order, round: AccountRound): Promise<OrderContext> {
  const { account } = round;
  // Another venue than the order's would show that it does not have the order, and that says nothing.
  if (account.venue !== order.venue) {
    throw new Error(`order ${order.orderId} is at ${order.venue}, and its account ${account.id} at ${account.venue}`);
  }
  return { ...(await placeOf(order.symbol, round)), policy: policyOf(round) };
}

export async function placeOf(
  symbol: string,
  { account, ports }: AccountRound,
): Promise<{ market: Market; venue: ExecutionVenue }> {
  const market = await ports.findMarket(account.venue, symbol);
  if (market === undefined) throw new Error(`${symbol} is not a market of ${account.venue} any more`);
  return { market, venue: await ports.openVenue(account) };
}

/** One question per look and order: every order comes round again. */
export const onceWith = ({ ports }: AccountRound) => ({ ...ports, deadlineMs: ports.clock.nowMs() });

/** Does something about one order, and keeps what came of it. One that fails leaves the others alone. */
export async function lookAt(order: Order, round: AccountRound, look: () => Promise<Order>): Promise<Order> {
  const { orderId } = order;
  round.lookedAtMs.set(orderId, round.ports.clock.nowMs());
  try {
    const seen = await look();
    round.outcomes.set(orderId, seen.state === 'unknown' ? 'unknown' : 'known');
    return seen;
  } catch (error) {
    round.telemetry.failure('order could not be tracked', error);
    round.outcomes.set(orderId, 'failed');
    return order;
  }
}

/** Questions to one venue at once. */
const lanesPerAccount = 4;

/** Side by side, and nothing is begun after the deadline. */
export async function inLanes<T, R>(
  items: readonly T[],
  round: AccountRound,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const waiting = [...items];
  const results: R[] = [];
  const worker = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
      if (round.ports.clock.nowMs() >= round.deadlineMs) return;
      results.push(await work(item));
    }
  };
  await Promise.all(Array.from({ length: lanesPerAccount }, worker));
  return results;
}
