/** An order as a venue shows it, and as the simulator knows it. */
import { fixed, zero } from '../engine/decimal.ts';
import { isOpen, type Order } from '../engine/types.ts';

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
