/** The `executions` channel: what becomes of an account's orders. */
import { decimal, zero } from '../engine/decimal.ts';
import { type EngineEvent, type Fill, isOpen, type Order, type Trigger } from '../engine/types.ts';
import { visibleOrder } from '../shared/visible-order.ts';
import type { PairSpec } from './catalog.ts';
import type { AccountChannel } from './channel.ts';
import { averagePrice, endReason, feesOf, shownStatus } from './order-view.ts';
import { amountNumber, exactNumber, priceNumber, timeText } from './socket-text.ts';
import { orderTxid, tradeTxid } from './txid.ts';

const tradesInSnapshot = 50;
const percent = decimal('100');

type OrderEvent = Extract<EngineEvent, { type: 'order' }>;

export const executionsChannel: AccountChannel = ({ venue, listen }, accountId, params) => {
  const withOrders = params.snap_orders ?? params.snapshot ?? true;
  const withTrades = params.snap_trades ?? false;
  const specOf = (order: Readonly<Order>) => venue.catalog.byInstrument(order.instrumentId);
  return {
    acknowledged: { maxratecount: venue.limits.orderCounterMax, snap_orders: withOrders, snap_trades: withTrades },
    start(publish) {
      const orders = venue.market.engine.orders.of(accountId).map((order) => visibleOrder(order, venue.nowMs()));
      const open = orders.filter(isOpen).map((order) => orderFields(order, specOf(order), liveStatus(order)));
      if (withOrders) publish('snapshot', open);
      // Trades come by themselves, because clients tell the two apart by the first entry of a message.
      if (withTrades) publish('snapshot', recentTrades(orders, specOf));
      return listen((event) => {
        if (event.type !== 'order' || event.order.accountId !== accountId) return;
        for (const report of reportsOf(event, specOf(event.order))) publish('update', [report]);
      });
    },
  };
};

function recentTrades(orders: readonly Readonly<Order>[], specOf: (order: Readonly<Order>) => PairSpec) {
  return orders
    .flatMap((order) => order.fills.map((fill) => ({ order, fill })))
    .sort((left, right) => left.fill.atMs - right.fill.atMs)
    .slice(-tradesInSnapshot)
    .map(({ order, fill }) => tradeFields(order, fill, specOf(order)));
}

/** One thing that happened may be several reports. */
function reportsOf({ action, order, fill }: OrderEvent, spec: PairSpec): Record<string, unknown>[] {
  if (action === 'accepted') {
    return [
      orderFields(order, spec, 'pending_new'),
      statusFields(order, spec, { exec_type: 'new', order_status: 'new' }),
    ];
  }
  if (action === 'amended')
    return [{ ...orderFields(order, spec, 'amended'), order_status: liveStatus(order), amended: true }];
  if (action === 'triggered') return [{ ...orderFields(order, spec, 'status'), order_status: liveStatus(order) }];
  if (action === 'traded') {
    // A hidden fill is not reported: whoever wants to know must ask again once it shows.
    if (fill === undefined || fill.hiddenUntilMs !== undefined) return [];
    const trade = tradeFields(order, fill, spec);
    const filled = statusFields(order, spec, { exec_type: 'filled', order_status: 'filled' });
    return order.status === 'filled' ? [trade, filled] : [trade];
  }
  const status = shownStatus(order);
  const reason = endReason(order);
  return [{ ...statusFields(order, spec, { exec_type: status, order_status: status }), cancel_reason: reason, reason }];
}

function liveStatus({ status }: Readonly<Order>): string {
  return status === 'partial' ? 'partially_filled' : 'new';
}

function identity(order: Readonly<Order>) {
  const { clientOrderId, userReference } = order.attributes;
  return {
    order_id: orderTxid(order.id),
    ...(clientOrderId !== undefined && { cl_ord_id: clientOrderId }),
    order_userref: Number(userReference ?? 0),
  };
}

/** All there is to an order. */
function orderFields(order: Readonly<Order>, spec: PairSpec, execType: string): Record<string, unknown> {
  const { type, timeInForce, flags = '' } = order.attributes;
  const { expiresAtMs } = order;
  return {
    ...identity(order),
    symbol: spec.socketSymbol,
    exec_type: execType,
    order_status: execType,
    side: order.side,
    order_type: type,
    order_qty: amountNumber(order.quantity),
    ...(order.price && { limit_price: priceNumber(spec, order.price), limit_price_type: 'static' }),
    ...(order.trigger && {
      stop_price: priceNumber(spec, order.trigger.price),
      triggers: {
        reference: 'last',
        ...triggerTerms(order.trigger, spec),
        status: order.status === 'pending' ? 'untriggered' : 'triggered',
      },
    }),
    time_in_force: timeInForce,
    ...(expiresAtMs !== undefined && { expire_time: timeText(expiresAtMs) }),
    ...(order.postOnly === true && { post_only: true }),
    ...(order.displayQuantity && { display_qty: amountNumber(order.displayQuantity) }),
    fee_ccy_pref: flags.includes('fcib') ? 'fcib' : 'fciq',
    ...progress(order, spec),
    timestamp: timeText(order.updatedAtMs),
  };
}

/** Where a trigger lies: at a price, or behind the best one by an amount or a percentage. */
function triggerTerms({ price, trailing }: Trigger, spec: PairSpec) {
  if (trailing === undefined) return { price: priceNumber(spec, price), price_type: 'static' };
  const { amount, unit } = trailing.offset;
  const terms =
    unit === 'share'
      ? { price: exactNumber(amount.times(percent)), price_type: 'pct' }
      : { price: priceNumber(spec, amount), price_type: 'quote' };
  return { ...terms, ...(trailing.best && { peak_price: priceNumber(spec, trailing.best) }) };
}

/** A change of status only: what the client knows already is not told again, not even the pair. */
function statusFields(
  order: Readonly<Order>,
  spec: PairSpec,
  status: { exec_type: string; order_status: string },
): Record<string, unknown> {
  return { ...identity(order), ...status, ...progress(order, spec), timestamp: timeText(order.updatedAtMs) };
}

function progress(order: Readonly<Order>, spec: PairSpec) {
  return {
    cum_qty: amountNumber(order.executed),
    cum_cost: exactNumber(order.executedQuote),
    avg_price: exactNumber(averagePrice(order).round(spec.priceDecimals, 0)),
    // In dollars only where the fee was: nothing here converts.
    fee_usd_equiv: exactNumber(spec.quote === 'USD' ? feesOf(order) : zero),
  };
}

function tradeFields(order: Readonly<Order>, fill: Fill, spec: PairSpec): Record<string, unknown> {
  return {
    ...identity(order),
    exec_id: tradeTxid(order.id, fill.tradeId),
    exec_type: 'trade',
    trade_id: fill.tradeId,
    symbol: spec.socketSymbol,
    side: order.side,
    last_qty: amountNumber(fill.quantity),
    last_price: priceNumber(spec, fill.price),
    liquidity_ind: fill.isMaker ? 'm' : 't',
    cost: exactNumber(fill.quote),
    order_status: order.status === 'filled' ? 'filled' : 'partially_filled',
    order_type: order.attributes.type,
    order_qty: amountNumber(order.quantity),
    ...progress(order, spec),
    fees: [{ asset: fill.commissionAsset, qty: exactNumber(fill.commission) }],
    timestamp: timeText(fill.atMs),
  };
}
