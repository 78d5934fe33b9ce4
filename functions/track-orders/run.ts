/** What one run of tracking is made with, and what it remembers from round to round. */
import type { Telemetry } from '@nightdesk/aws';
import type { DeskConfig, IntentId, Order } from '@nightdesk/core';
import type { FollowRound } from '../shared/order-context.ts';

export interface TrackOrdersDependencies extends Pick<FollowRound, 'ports' | 'liveTrading'> {
  loadConfig(): Promise<DeskConfig>;
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
export interface AccountRound extends Run, Pick<FollowRound, 'account'> {}

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
