/** An order as Binance's answers and streams show it. */
import { decimal, fixed, zero } from '../engine/decimal.ts';
import type { Fill, Order, OrderAction, OrderStatus, Side } from '../engine/types.ts';
import type { ResponseType } from './order-request.ts';

const statusNames: Readonly<Record<OrderStatus, string>> = {
  pending: 'NEW',
  open: 'NEW',
  partial: 'PARTIALLY_FILLED',
  filled: 'FILLED',
  canceled: 'CANCELED',
  expired: 'EXPIRED',
};

export function sideName(side: Side): 'BUY' | 'SELL' {
  return side === 'buy' ? 'BUY' : 'SELL';
}

/** The fields that every view of an order has. */
function commonFields(order: Readonly<Order>, symbol: string) {
  return {
    symbol,
    orderId: order.id,
    orderListId: order.list?.id ?? -1,
    clientOrderId: order.clientOrderId,
    price: fixed(order.price ?? zero),
    origQty: fixed(order.quantity),
    executedQty: fixed(order.executed),
    origQuoteOrderQty: fixed(order.quoteQuantity ?? zero),
    cummulativeQuoteQty: fixed(order.executedQuote),
    status: statusNames[order.status],
    timeInForce: order.attributes.timeInForce,
    type: order.attributes.type,
    side: sideName(order.side),
  };
}

function extraFields(order: Readonly<Order>) {
  const { strategyId, strategyType } = order.attributes;
  return {
    ...(strategyId !== undefined && { strategyId: Number(strategyId) }),
    ...(strategyType !== undefined && { strategyType: Number(strategyType) }),
    selfTradePreventionMode: order.attributes.selfTradePreventionMode,
  };
}

function conditionalFields(order: Readonly<Order>) {
  return {
    ...(stopPriceOf(order) && { stopPrice: stopPriceOf(order) }),
    ...trailingFields(order),
    ...(order.displayQuantity && { icebergQty: fixed(order.displayQuantity) }),
  };
}

/** The stop price as it was sent; a trailing order may have none. */
function stopPriceOf({ trigger, attributes }: Readonly<Order>): string | undefined {
  if (trigger === undefined) return undefined;
  if (trigger.trailing === undefined) return fixed(trigger.price);
  return attributes.stopPrice === undefined ? undefined : fixed(decimal(attributes.stopPrice));
}

function trailingFields({ trigger, attributes }: Readonly<Order>) {
  if (trigger?.trailing === undefined) return {};
  return {
    trailingDelta: Number(attributes.trailingDelta),
    trailingTime: Math.floor(trigger.trailing.activeAtMs ?? -1),
  };
}

/** Answer to a new order. */
export function newOrderView(order: Readonly<Order>, symbol: string, responseType: ResponseType) {
  const transactTime = Math.floor(order.updatedAtMs);
  const { id: orderId, clientOrderId } = order;
  if (responseType === 'ACK') {
    return { symbol, orderId, orderListId: order.list?.id ?? -1, clientOrderId, transactTime };
  }
  const workingTime = order.workingAtMs === undefined ? {} : { workingTime: Math.floor(order.workingAtMs) };
  const result = {
    ...commonFields(order, symbol),
    transactTime,
    ...workingTime,
    ...conditionalFields(order),
    ...extraFields(order),
  };
  return responseType === 'RESULT' ? result : { ...result, fills: order.fills.map(fillView) };
}

function fillView(fill: Fill) {
  return {
    price: fixed(fill.price),
    qty: fixed(fill.quantity),
    commission: fixed(fill.commission),
    commissionAsset: fill.commissionAsset,
    tradeId: fill.tradeId,
  };
}

/** Answer to a query for orders. */
export function queriedOrderView(order: Readonly<Order>, symbol: string) {
  return {
    ...commonFields(order, symbol),
    stopPrice: stopPriceOf(order) ?? fixed(zero),
    ...trailingFields(order),
    icebergQty: fixed(order.displayQuantity ?? zero),
    time: Math.floor(order.acceptedAtMs),
    updateTime: Math.floor(order.updatedAtMs),
    isWorking: order.workingAtMs !== undefined,
    workingTime: order.workingAtMs === undefined ? -1 : Math.floor(order.workingAtMs),
    ...extraFields(order),
  };
}

/** Answer to a cancellation. */
export function canceledOrderView(order: Readonly<Order>, symbol: string, cancelId: string) {
  return {
    ...commonFields(order, symbol),
    origClientOrderId: order.clientOrderId,
    clientOrderId: cancelId,
    transactTime: Math.floor(order.updatedAtMs),
    ...conditionalFields(order),
    ...extraFields(order),
  };
}

/** An order that was made smaller. */
export function amendedOrderView(order: Readonly<Order>, symbol: string, origClientOrderId: string) {
  const { id: orderId, clientOrderId, attributes } = order;
  return {
    symbol,
    orderId,
    orderListId: order.list?.id ?? -1,
    origClientOrderId,
    clientOrderId,
    price: fixed(order.price ?? zero),
    qty: fixed(order.quantity),
    executedQty: fixed(order.executed),
    preventedQty: fixed(zero),
    quoteOrderQty: fixed(order.quoteQuantity ?? zero),
    cumulativeQuoteQty: fixed(order.executedQuote),
    status: statusNames[order.status],
    timeInForce: attributes.timeInForce,
    type: attributes.type,
    side: sideName(order.side),
    ...(order.workingAtMs !== undefined && { workingTime: Math.floor(order.workingAtMs) }),
    ...conditionalFields(order),
    ...extraFields(order),
  };
}

/** One of an account's own trades. */
export function ownTradeView(order: Readonly<Order>, fill: Fill, symbol: string) {
  return {
    symbol,
    id: fill.tradeId,
    orderId: order.id,
    orderListId: order.list?.id ?? -1,
    price: fixed(fill.price),
    qty: fixed(fill.quantity),
    quoteQty: fixed(fill.quote),
    commission: fixed(fill.commission),
    commissionAsset: fill.commissionAsset,
    time: Math.floor(fill.atMs),
    isBuyer: order.side === 'buy',
    isMaker: fill.isMaker,
    isBestMatch: true,
  };
}

const executionTypes: Readonly<Record<OrderAction, string>> = {
  accepted: 'NEW',
  amended: 'REPLACED',
  triggered: 'NEW',
  traded: 'TRADE',
  canceled: 'CANCELED',
  expired: 'EXPIRED',
};

export interface ExecutionReport {
  order: Readonly<Order>;
  action: OrderAction;
  fill?: Fill | undefined;
  symbol: string;
  /** The id of the request that canceled the order. */
  cancelId?: string | undefined;
  /** The id that the order had before it was amended. */
  amendedId?: string | undefined;
  executionId: number;
}

/** The user data stream's `executionReport`. */
export function executionReport(report: ExecutionReport) {
  const { order, fill, symbol } = report;
  const atMs = Math.floor(order.updatedAtMs);
  const canceled = report.action === 'canceled';
  const trailing = order.trigger?.trailing;
  const isResting = order.status === 'open' || order.status === 'partial';
  return {
    e: 'executionReport',
    E: atMs,
    s: symbol,
    c: canceled ? (report.cancelId ?? order.clientOrderId) : order.clientOrderId,
    S: sideName(order.side),
    o: order.attributes.type,
    f: order.attributes.timeInForce,
    q: fixed(order.quantity),
    p: fixed(order.price ?? zero),
    P: stopPriceOf(order) ?? fixed(zero),
    F: fixed(order.displayQuantity ?? zero),
    g: order.list?.id ?? -1,
    C: canceled ? order.clientOrderId : (report.amendedId ?? ''),
    x: executionTypes[report.action],
    X: statusNames[order.status],
    r: 'NONE',
    i: order.id,
    l: fixed(fill?.quantity ?? zero),
    z: fixed(order.executed),
    L: fixed(fill?.price ?? zero),
    n: fill === undefined ? '0' : fixed(fill.commission),
    N: fill?.commissionAsset ?? null,
    T: atMs,
    t: fill?.tradeId ?? -1,
    I: report.executionId,
    w: isResting && order.execution === 'limit',
    m: fill?.isMaker ?? false,
    M: false,
    O: Math.floor(order.acceptedAtMs),
    Z: fixed(order.executedQuote),
    Y: fixed(fill?.quote ?? zero),
    Q: fixed(order.quoteQuantity ?? zero),
    ...(order.workingAtMs !== undefined && { W: Math.floor(order.workingAtMs) }),
    ...(trailing !== undefined && { d: Number(order.attributes.trailingDelta) }),
    ...(trailing?.activeAtMs !== undefined && { D: Math.floor(trailing.activeAtMs) }),
    ...(order.endReason === 'other-of-list' && { eR: 'OCO_TRIGGER' }),
    V: order.attributes.selfTradePreventionMode,
  };
}
