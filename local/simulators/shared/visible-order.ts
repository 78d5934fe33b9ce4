/** An order as a venue shows it, and as the simulator knows it. */
import { fixed, zero } from '../engine/decimal.ts';
import { isOpen, type Order, type Trailing } from '../engine/types.ts';

/** The order without the fills that a fault hides for now. */
export function visibleOrder(order: Readonly<Order>, nowMs: number): Readonly<Order> {
  const fills = order.fills.filter(({ hiddenUntilMs }) => hiddenUntilMs === undefined || hiddenUntilMs <= nowMs);
  if (fills.length === order.fills.length) return order;
  const executed = fills.reduce((sum, fill) => sum.plus(fill.quantity), zero);
  const executedQuote = fills.reduce((sum, fill) => sum.plus(fill.quote), zero);
  const ended = order.status === 'canceled' || order.status === 'expired';
  const status = ended ? order.status : executed.gt(zero) ? 'partial' : 'open';
  return { ...order, fills, executed, executedQuote, status };
}

/** The orders that look open now, of any: one whose last fill is hidden has ended in the engine and still looks open. */
export function visiblyOpen(orders: readonly Readonly<Order>[], nowMs: number): Readonly<Order>[] {
  return orders
    .filter((order) => isOpen(order) || order.fills.some(({ hiddenUntilMs }) => hiddenUntilMs !== undefined))
    .map((order) => visibleOrder(order, nowMs))
    .filter(isOpen);
}

/** The independent truth: what the venue shows of an order, and everything else the simulator knows about it. */
export function orderReport(order: Readonly<Order>, shown: Readonly<Record<string, unknown>>) {
  const averagePrice = order.executed.gt(zero) ? order.executedQuote.div(order.executed) : zero;
  return {
    account: order.accountId,
    ...shown,
    averagePrice: averagePrice.toFixed(8),
    ...conditionsOf(order),
    acceptedAtMs: order.acceptedAtMs,
    updatedAtMs: order.updatedAtMs,
    fills: order.fills.map((fill) => ({
      price: fixed(fill.price),
      qty: fixed(fill.quantity),
      commission: fixed(fill.commission),
      commissionAsset: fill.commissionAsset,
      tradeId: fill.tradeId,
      quoteQty: fixed(fill.quote),
      atMs: fill.atMs,
      isMaker: fill.isMaker,
      ...(fill.hiddenUntilMs !== undefined && { hiddenUntilMs: fill.hiddenUntilMs }),
    })),
  };
}

/** What an order waits for, what it belongs to and what it may not do, in the same words for every venue. */
function conditionsOf({ trigger, list, reduceOnly, expiresAtMs }: Readonly<Order>) {
  return {
    trigger:
      trigger === undefined ? null : { price: trigger.price.toFixed(), when: trigger.when, by: trigger.by ?? 'last' },
    trailing: trigger?.trailing === undefined ? null : trailingReport(trigger.trailing),
    listId: list?.id ?? null,
    reduceOnly: reduceOnly === true,
    expiresAtMs: expiresAtMs ?? null,
  };
}

function trailingReport({ offset, activation, best, activeAtMs }: Trailing) {
  return {
    offset: offset.amount.toFixed(),
    unit: offset.unit,
    activationPrice: activation?.price.toFixed() ?? null,
    best: best?.toFixed() ?? null,
    activeAtMs: activeAtMs ?? null,
  };
}
