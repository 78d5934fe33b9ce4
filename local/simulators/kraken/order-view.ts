/** An order as Kraken's REST answers show it. */
import { balanceDecimals, type Decimal, zero } from '../engine/decimal.ts';
import { type Fill, isOpen, type Order, type OrderRequest } from '../engine/types.ts';
import type { PairSpec } from './catalog.ts';
import { amountText, priceText } from './market-text.ts';
import { distanceText } from './order-prices.ts';
import { orderTxid, tradeTxid } from './txid.ts';

export type ShownStatus = 'open' | 'closed' | 'canceled' | 'expired';

/** Engine orders that found nobody to trade with expire; here that is canceled. */
export function shownStatus(order: Readonly<Order>): ShownStatus {
  if (isOpen(order)) return 'open';
  if (order.status === 'filled') return 'closed';
  return order.endReason === 'time-is-up' ? 'expired' : 'canceled';
}

/** Why an order ended before it was filled; null for any other. */
export function endReason(order: Readonly<Order>): string | null {
  const status = shownStatus(order);
  if (status === 'expired') return 'Order expired';
  if (status !== 'canceled') return null;
  return order.status === 'expired' ? 'Out of liquidity' : 'User requested';
}

/** Costs and fees are shown to the last decimal that the ledger keeps, so that sums of them agree with balances. */
export function costText(spec: PairSpec, cost: Decimal): string {
  return cost.toFixed(Math.max(spec.costDecimals, balanceDecimals), 0);
}

export function feesOf(order: Readonly<Order>): Decimal {
  return order.fills.reduce((sum, { commission }) => sum.plus(commission), zero);
}

export function averagePrice(order: Readonly<Order>): Decimal {
  return order.executed.gt(zero) ? order.executedQuote.div(order.executed) : zero;
}

/** The order in words, such as `buy 0.01000000 XBTUSD @ limit 50000.0`. */
export function describe(order: OrderRequest, spec: PairSpec) {
  const { type = '' } = order.attributes;
  const { trailing } = order.trigger ?? {};
  // A trailing order shows how far it stays behind, not where it stands.
  const limit =
    trailing === undefined
      ? order.price?.toFixed(spec.priceDecimals)
      : trailing.limit && distanceText(trailing.limit, spec);
  const trigger =
    trailing === undefined ? order.trigger?.price.toFixed(spec.priceDecimals) : distanceText(trailing.offset, spec);
  const amount = order.quoteQuantity?.toFixed(spec.costDecimals) ?? amountText(order.quantity ?? zero);
  const terms = trigger === undefined ? [type, limit] : [triggerWords(type), trigger, limit && `-> limit ${limit}`];
  return {
    pair: spec.altname,
    type: order.side,
    ordertype: type,
    price: trigger ?? limit ?? '0',
    price2: trigger === undefined ? '0' : (limit ?? '0'),
    leverage: 'none',
    order: [order.side, amount, spec.altname, '@', ...terms].filter(Boolean).join(' '),
    close: '',
  };
}

function triggerWords(type: string): string {
  if (type.startsWith('trailing-stop')) return 'trailing stop';
  return type.startsWith('stop-loss') ? 'stop loss' : 'take profit';
}

/** `OpenOrders`, `ClosedOrders` and `QueryOrders`. */
export function orderView(order: Readonly<Order>, spec: PairSpec, options: { withTrades: boolean }) {
  const { clientOrderId, userReference, flags } = order.attributes;
  const { expiresAtMs } = order;
  const ended = isOpen(order) ? {} : { reason: endReason(order), closetm: order.updatedAtMs / 1000 };
  const trades = order.fills.map(({ tradeId }) => tradeTxid(order.id, tradeId));
  return {
    refid: null,
    userref: userReference === undefined ? null : Number(userReference),
    ...(clientOrderId !== undefined && { cl_ord_id: clientOrderId }),
    status: shownStatus(order),
    ...ended,
    opentm: order.acceptedAtMs / 1000,
    starttm: 0,
    expiretm: expiresAtMs === undefined ? 0 : expiresAtMs / 1000,
    descr: describe(order, spec),
    vol: order.quoteQuantity === undefined ? amountText(order.quantity) : costText(spec, order.quoteQuantity),
    vol_exec: amountText(order.executed),
    cost: costText(spec, order.executedQuote),
    fee: costText(spec, feesOf(order)),
    price: priceText(spec, averagePrice(order)),
    stopprice: priceText(spec, order.trigger?.price ?? zero),
    limitprice: priceText(spec, (order.trigger && order.price) ?? zero),
    misc: '',
    oflags: flags ?? '',
    ...(options.withTrades && trades.length > 0 && { trades }),
  };
}

/** `TradesHistory` and `QueryTrades`. The fee is told in the quote currency, whatever it was taken from. */
export function tradeView(order: Readonly<Order>, fill: Fill, spec: PairSpec) {
  const fee = fill.commissionAsset === spec.quote ? fill.commission : fill.commission.times(fill.price);
  return {
    ordertxid: orderTxid(order.id),
    postxid: 'TKH2SE-M7IF5-CFI7LT',
    pair: spec.id,
    time: fill.atMs / 1000,
    type: order.side,
    ordertype: order.price === undefined ? 'market' : 'limit',
    price: priceText(spec, fill.price),
    cost: costText(spec, fill.quote),
    fee: costText(spec, fee),
    vol: amountText(fill.quantity),
    margin: costText(spec, zero),
    leverage: '0',
    misc: '',
    trade_id: fill.tradeId,
    maker: fill.isMaker,
  };
}

/** What the control calls tell of an order, in the same words for every venue. */
export function reportedOrder(order: Readonly<Order>, spec: PairSpec) {
  return {
    symbol: spec.altname,
    orderId: orderTxid(order.id),
    clientOrderId: order.attributes.clientOrderId ?? '',
    userref: order.attributes.userReference ?? null,
    status: shownStatus(order),
    type: order.attributes.type,
    side: order.side,
    timeInForce: order.attributes.timeInForce,
    price: (order.price ?? zero).toFixed(balanceDecimals),
    stopPrice: (order.trigger?.price ?? zero).toFixed(balanceDecimals),
    origQty: order.quantity.toFixed(balanceDecimals),
    executedQty: order.executed.toFixed(balanceDecimals),
    cummulativeQuoteQty: order.executedQuote.toFixed(balanceDecimals),
  };
}
