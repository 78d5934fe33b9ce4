/** One order at its venue: what is asked about it, and what is asked for. */
import {
  awaitsTrades,
  callStartMsMax,
  cancelRecorded,
  finalStates,
  type Order,
  type OrderContext,
  observeOnce,
  recordDecision,
  refreshOrder,
  resolveOrder,
  settleAmendment,
  tradesAwaitedMs,
  type VenueOrderId,
} from '@nightdesk/core';
import { type AccountRound, contextOf, onceWith } from './run.ts';

/** How long a venue that keeps a good-till date itself may take to end an order. */
const endingMsMax = 60_000;

export async function followOrder(order: Order, round: AccountRound): Promise<Order> {
  const { clock } = round.ports;
  // Whoever recorded it is still at work on it.
  if (order.state === 'intended' && clock.nowMs() - order.attemptedAtMs < callStartMsMax) return order;
  if (finalStates.has(order.state)) return awaitsTrades(order) ? askForTrades(order, round) : order;
  const context = { ...(await contextOf(order, round)), others: await othersThan(order, round) };
  const ports = onceWith(round);
  const reason = order.cancel?.reason ?? overdueReason(order, context, clock.nowMs());
  if (reason !== undefined) return cancelRecorded(order, reason, { context, ports });
  if (order.amendment !== undefined) return settleAmendment(order, context, ports);
  return order.state === 'open' ? refreshOrder(order, context, ports) : resolveOrder(order, context, ports);
}

/** Trades are listed a moment after what they add up to, and cannot always be asked for in the moment that an order ends. */
async function askForTrades(order: Order, round: AccountRound): Promise<Order> {
  const ports = onceWith(round);
  const asked = await observeOnce(order, await contextOf(order, round), ports);
  const nowMs = ports.clock.nowMs();
  if (!awaitsTrades(asked) || nowMs < asked.updatedAtMs + tradesAwaitedMs) return asked;
  return (await recordDecision(asked, { type: 'order.trades_given_up', atMs: nowMs }, ports)).order;
}

/** Why an order is to end now that is good until a date which its venue cannot keep; `undefined` while it may go on. */
export function overdueReason(order: Order, { venue, market }: OrderContext, nowMs: number): string | undefined {
  const { goodTillMs, state } = order;
  if (goodTillMs === undefined) return undefined;
  const isKeptThere = state !== 'waiting' && venue.abilitiesOf(market).timesInForce.has('GTD');
  const endsAtMs = isKeptThere ? goodTillMs + endingMsMax : goodTillMs;
  return nowMs >= endsAtMs ? `good till ${new Date(goodTillMs).toISOString()}` : undefined;
}

/** Orders that are looked through for those that one in doubt is not. */
const recentMax = 100;

/** Where a venue knows no ids of ours, an order in doubt is none of those that are known to be others. */
async function othersThan(order: Order, { account, ports, recentIds }: AccountRound): Promise<readonly VenueOrderId[]> {
  if (order.venueOrderId !== undefined) return [];
  const { symbol } = order;
  const key = `${account.id} ${symbol}`;
  const query = { account: account.id, symbol, limit: recentMax, nowMs: ports.clock.nowMs() };
  const asked =
    recentIds.get(key) ??
    ports.orders
      .list(query)
      .then(({ orders }) => orders.flatMap(({ venueOrderId }) => (venueOrderId === undefined ? [] : [venueOrderId])));
  recentIds.set(key, asked);
  return asked;
}
