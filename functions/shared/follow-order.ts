/** One order at its venue: what is asked about it, and what is asked for. */
import {
  awaitsTrades,
  callStartMsMax,
  cancelRecorded,
  type FollowPorts,
  finalStates,
  isSettling,
  type Order,
  type OrderContext,
  observeOnce,
  othersThan,
  recordDecision,
  recordFact,
  recordSeen,
  referenceOf,
  refreshOrder,
  resolveOrder,
  settleAmendment,
  settledAfterMs,
  tradesAwaitedMs,
} from '@nightdesk/core';
import { contextOf, type FollowRound, onceWith } from './order-context.ts';

/** How long a venue that keeps a good-till date itself may take to end an order. */
const endingMsMax = 60_000;

export async function followOrder(order: Order, round: FollowRound): Promise<Order> {
  const { clock } = round.ports;
  // Whoever recorded it is still at work on it.
  if (order.state === 'intended' && clock.nowMs() - order.attemptedAtMs < callStartMsMax) return order;
  if (finalStates.has(order.state)) return needsLastLook(order) ? lookOnceMore(order, round) : order;
  const context = { ...(await contextOf(order, round)), others: await othersThan(order, round.ports) };
  const ports = onceWith(round);
  const reason = order.cancel?.reason ?? overdueReason(order, context, clock.nowMs());
  if (reason !== undefined) return cancelRecorded(order, reason, { context, ports });
  if (order.amendment !== undefined) return settleAmendment(order, context, ports);
  return order.state === 'open' ? refreshOrder(order, context, ports) : resolveOrder(order, context, ports);
}

/** True for an order that is over, as long as its last fills, or the trades behind them, may not be known yet. */
export const needsLastLook = (order: Order): boolean => isSettling(order) || awaitsTrades(order);

async function lookOnceMore(order: Order, round: FollowRound): Promise<Order> {
  const ports = onceWith(round);
  const sinceMs = order.settling?.sinceMs ?? order.updatedAtMs;
  try {
    const context = await contextOf(order, round);
    return isSettling(order) ? await settle(order, context, ports) : await askForTrades(order, context, ports);
  } catch (error) {
    // Nobody can ask any more once the account is elsewhere or the market is gone.
    if (!isAwaitedInVain(sinceMs, ports)) throw error;
    return isSettling(order) ? recordFact(order, settledAt(ports), ports) : giveUpTrades(order, ports);
  }
}

const settledAt = ({ clock }: FollowPorts) => ({ type: 'order.settled' as const, atMs: clock.nowMs() });

/** Venues answer a cancellation before every trade is in the answer, so one that has ended is asked about again. */
async function settle(order: Order, { venue, market }: OrderContext, ports: FollowPorts): Promise<Order> {
  const askedAtMs = ports.clock.nowMs();
  const outcome = await venue.findOrder(referenceOf(order), market);
  const seen = outcome.kind === 'found' ? await recordSeen(order, outcome.order, ports) : order;
  if (seen.settling === undefined) return seen;
  // Some venues forget what ended without a fill: that they show none is an answer.
  const isLate = outcome.kind !== 'unknown' && askedAtMs >= seen.settling.sinceMs + settledAfterMs;
  return isLate || isAwaitedInVain(seen.settling.sinceMs, ports) ? recordFact(seen, settledAt(ports), ports) : seen;
}

/** Trades are listed a moment after what they add up to, and cannot always be asked for in the moment that an order ends. */
async function askForTrades(order: Order, context: OrderContext, ports: FollowPorts): Promise<Order> {
  const asked = await observeOnce(order, context, ports);
  return awaitsTrades(asked) && isAwaitedInVain(asked.updatedAtMs, ports) ? giveUpTrades(asked, ports) : asked;
}

const giveUpTrades = async (order: Order, ports: FollowPorts): Promise<Order> =>
  (await recordDecision(order, { type: 'order.trades_given_up', atMs: ports.clock.nowMs() }, ports)).order;

const isAwaitedInVain = (sinceMs: number, { clock }: FollowPorts): boolean =>
  clock.nowMs() >= sinceMs + tradesAwaitedMs;

/** Why an order is to end now that is good until a date which its venue cannot keep; `undefined` while it may go on. */
export function overdueReason(order: Order, { venue, market }: OrderContext, nowMs: number): string | undefined {
  const { goodTillMs, state } = order;
  if (goodTillMs === undefined) return undefined;
  const isKeptThere = state !== 'waiting' && venue.abilitiesOf(market).timesInForce.has('GTD');
  const endsAtMs = isKeptThere ? goodTillMs + endingMsMax : goodTillMs;
  return nowMs >= endsAtMs ? `good till ${new Date(goodTillMs).toISOString()}` : undefined;
}
