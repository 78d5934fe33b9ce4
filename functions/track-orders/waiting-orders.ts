/** Orders whose triggers Nightdesk watches: one price of a market serves them all. */
import {
  cancelRecorded,
  type Order,
  type OrderContext,
  placeRecorded,
  recordDecision,
  standingDenial,
  standingOf,
  type Ticker,
  watchTrigger,
} from '@nightdesk/core';
import { overdueReason } from '../shared/follow-order.ts';
import { contextOf } from '../shared/order-context.ts';
import { type AccountRound, inLanes, lookAt } from './run.ts';

/** How long a triggered order is stayed with, which is what placing any order takes. */
const placingMsMax = 5_000;

/** @param orders of one account in one market, all of them waiting */
export async function watchWaiting(orders: readonly Order[], round: AccountRound): Promise<Order[]> {
  let price: Promise<Ticker> | undefined;
  const askOnce = ({ venue, market }: OrderContext): Promise<Ticker> => {
    price ??= venue.fetchTicker(market);
    return price;
  };
  return inLanes(orders, round, (order) => lookAt(order, round, () => watch(order, round, askOnce)));
}

async function watch(
  order: Order,
  round: AccountRound,
  askOnce: (context: OrderContext) => Promise<Ticker>,
): Promise<Order> {
  const { ports } = round;
  const context = await contextOf(order, round);
  const working = { ...ports, deadlineMs: Math.min(round.deadlineMs, ports.clock.nowMs() + placingMsMax) };
  const reason = overdueReason(order, context, ports.clock.nowMs());
  if (reason !== undefined) return cancelRecorded(order, reason, { context, ports: working });
  const watched = watchTrigger(order, await askOnce(context));
  const atMs = ports.clock.nowMs();
  switch (watched.kind) {
    case 'waits':
      return order;
    case 'price_missing':
      throw new Error(`${order.venue} tells no price of ${order.symbol}, by which order ${order.orderId} waits`);
    case 'trailed':
      return (await recordDecision(order, { type: 'order.trailed', atMs, price: watched.price }, working)).order;
    case 'triggered':
      return trigger(order, { type: 'order.triggered', atMs, price: watched.price }, { context, ports: working });
  }
}

/** Decided on the order as it was read, so of two workers one calls the venue. A switch that is set keeps it waiting. */
async function trigger(
  order: Order,
  decision: Parameters<typeof recordDecision>[1],
  { context, ports }: { context: OrderContext; ports: Parameters<typeof placeRecorded>[2] },
): Promise<Order> {
  const denial = standingDenial(standingOf(context.policy));
  if (denial !== undefined)
    throw new Error(`order ${order.orderId} is triggered and may not be placed: ${denial.message}`);
  const { order: triggered, won } = await recordDecision(order, decision, ports);
  return won ? placeRecorded(triggered, context, ports) : triggered;
}
