/** Orders and executions in Bybit's words. */
import { type Decimal, zero } from '../engine/decimal.ts';
import { type Booking, type EndReason, type ExitRule, type Fill, isOpen, type Order } from '../engine/types.ts';
import type { SymbolSpec } from './catalog.ts';
import { sideText } from './market-view.ts';
import { executionIdText, orderIdText } from './order-ids.ts';
import { linkIdOf } from './order-links.ts';

const positionIndexes = { net: 0, long: 1, short: 2 } as const;

export const positionIndexOf = (slot: keyof typeof positionIndexes = 'net'): number => positionIndexes[slot];

/** An order as lists and the stream show it. */
export function orderView(order: Readonly<Order>, spec: SymbolSpec) {
  const { category } = spec;
  const open = isOpen(order);
  const leaves = open && order.quoteQuantity === undefined ? order.quantity.minus(order.executed) : zero;
  return {
    orderId: orderIdText(category, order.id),
    orderLinkId: linkIdOf(order),
    blockTradeId: '',
    symbol: spec.symbol,
    price: order.price?.toFixed() ?? '0',
    qty: (order.quoteQuantity ?? order.quantity).toFixed(),
    side: sideText(order.side),
    isLeverage: order.attributes.isLeverage ?? (category === 'spot' ? '0' : ''),
    positionIdx: positionIndexOf(order.slot),
    orderStatus: statusText(order, category),
    createType: createTypeOf(order),
    cancelType: cancelTypeOf(order),
    rejectReason: rejectReasonOf(order),
    avgPrice: order.executed.gt(zero) ? averagePriceOf(order).toFixed() : '',
    leavesQty: leaves.toFixed(),
    leavesValue: leaves.times(order.price ?? order.trigger?.price ?? zero).toFixed(),
    cumExecQty: order.executed.toFixed(),
    cumExecValue: order.executedQuote.toFixed(),
    cumExecFee: order.fills.reduce((sum, { commission }) => sum.plus(commission), zero).toFixed(),
    cumFeeDetail: feesOf(order),
    timeInForce: timeInForceText(order),
    orderType: order.execution === 'market' ? 'Market' : 'Limit',
    stopOrderType: stopOrderTypeOf(order),
    orderIv: '',
    marketUnit: order.attributes.marketUnit ?? '',
    triggerPrice: order.trigger?.price.toFixed() ?? '',
    ...exitFields(order),
    triggerDirection: order.trigger === undefined ? 0 : order.trigger.when === 'at-or-above' ? 1 : 2,
    triggerBy: order.trigger === undefined ? '' : triggerByText(order.trigger.by),
    lastPriceOnCreated: order.attributes.lastPriceOnCreated ?? '',
    reduceOnly: order.reduceOnly === true,
    closeOnTrigger: order.exit !== undefined || order.attributes.closeOnTrigger === 'true',
    smpType: 'None',
    smpGroup: 0,
    smpOrderId: '',
    placeType: '',
    createdTime: String(Math.floor(order.acceptedAtMs)),
    updatedTime: String(Math.floor(order.updatedAtMs)),
  };
}

function statusText(order: Readonly<Order>, category: SymbolSpec['category']): string {
  if (order.status === 'pending') return 'Untriggered';
  if (order.status === 'open') return 'New';
  if (order.status === 'partial') return 'PartiallyFilled';
  if (order.status === 'filled') return 'Filled';
  if (order.trigger !== undefined && order.workingAtMs === undefined) return 'Deactivated';
  return category === 'spot' && order.executed.gt(zero) ? 'PartiallyFilledCanceled' : 'Cancelled';
}

function createTypeOf({ exit }: Readonly<Order>): string {
  if (exit === undefined) return 'CreateByUser';
  if (exit.kind === 'trailing-stop') return 'CreateByTrailingStop';
  const part = exit.whole ? '' : 'Partial';
  return exit.kind === 'take-profit' ? `CreateBy${part}TakeProfit` : `CreateBy${part}StopLoss`;
}

const cancelTypes: Readonly<Partial<Record<EndReason, string>>> = {
  'position-closed': 'CancelByReduceOnly',
  'nothing-to-reduce': 'CancelByReduceOnly',
  'other-exit-triggered': 'CancelByTpSlTsClear',
  'exit-replaced': 'CancelByTpSlTsClear',
};

function cancelTypeOf({ status, endReason, exit }: Readonly<Order>): string {
  if (status !== 'canceled') return 'UNKNOWN';
  if (endReason === undefined) return 'CancelByUser';
  if (exit !== undefined && endReason === 'position-closed') return 'CancelByTpSlTsClear';
  return cancelTypes[endReason] ?? 'UNKNOWN';
}

const rejectReasons: Readonly<Partial<Record<EndReason, string>>> = {
  'would-take': 'EC_PostOnlyWillTakeLiquidity',
  'no-liquidity': 'EC_NoImmediateQtyToFill',
  'insufficient-balance': 'EC_CancelByAdmin',
};

function rejectReasonOf({ status, endReason, timeInForce }: Readonly<Order>): string {
  if (endReason !== undefined) return rejectReasons[endReason] ?? 'EC_NoError';
  if (status === 'canceled') return 'EC_PerCancelRequest';
  if (status !== 'expired') return 'EC_NoError';
  return timeInForce === 'fill-or-kill' ? 'EC_NoEnoughQtyToFill' : 'EC_NoImmediateQtyToFill';
}

function averagePriceOf(order: Readonly<Order>): Decimal {
  return order.executedQuote.div(order.executed).round(8);
}

function feesOf({ fills }: Readonly<Order>): Record<string, string> {
  const sums = new Map<string, Decimal>();
  for (const { commission, commissionAsset } of fills) {
    sums.set(commissionAsset, (sums.get(commissionAsset) ?? zero).plus(commission));
  }
  return Object.fromEntries([...sums].map(([asset, sum]) => [asset, sum.toFixed()]));
}

function timeInForceText({ timeInForce, postOnly }: Readonly<Order>): string {
  if (postOnly === true) return 'PostOnly';
  if (timeInForce === 'immediate-or-cancel') return 'IOC';
  return timeInForce === 'fill-or-kill' ? 'FOK' : 'GTC';
}

function stopOrderTypeOf({ exit, attributes }: Readonly<Order>): string {
  if (exit === undefined) return attributes.stopOrderType ?? '';
  if (exit.kind === 'trailing-stop') return 'TrailingStop';
  const part = exit.whole ? '' : 'Partial';
  return exit.kind === 'take-profit' ? `${part}TakeProfit` : `${part}StopLoss`;
}

function exitFields({ exits, exit }: Readonly<Order>) {
  const mode = exits === undefined && exit === undefined ? '' : exits?.scope === 'fill' || exit?.whole === false;
  return {
    takeProfit: exits?.takeProfit?.trigger.price.toFixed() ?? '',
    stopLoss: exits?.stopLoss?.trigger.price.toFixed() ?? '',
    tpslMode: mode === '' ? '' : mode ? 'Partial' : 'Full',
    tpLimitPrice: limitPriceOf(exits?.takeProfit),
    slLimitPrice: limitPriceOf(exits?.stopLoss),
    tpTriggerBy: exits?.takeProfit === undefined ? '' : triggerByText(exits.takeProfit.trigger.by),
    slTriggerBy: exits?.stopLoss === undefined ? '' : triggerByText(exits.stopLoss.trigger.by),
  };
}

function limitPriceOf(rule: ExitRule | undefined): string {
  return rule?.price?.toFixed() ?? '';
}

function triggerByText(by: 'last' | 'mark' = 'last'): string {
  return by === 'last' ? 'LastPrice' : 'MarkPrice';
}

/** A trade of an order as lists and the stream show it. */
export function executionView(order: Readonly<Order>, fill: Fill, spec: SymbolSpec) {
  return {
    symbol: spec.symbol,
    orderId: orderIdText(spec.category, order.id),
    orderLinkId: linkIdOf(order),
    side: sideText(order.side),
    orderPrice: order.price?.toFixed() ?? '0',
    orderQty: order.quantity.toFixed(),
    leavesQty: isOpen(order) ? order.quantity.minus(order.executed).toFixed() : '0',
    // Spot trades do not have it, by which ccxt tells them from those of contracts where no symbol was asked for.
    ...(spec.category === 'linear' && { createType: createTypeOf(order) }),
    orderType: order.execution === 'market' ? 'Market' : 'Limit',
    stopOrderType: stopOrderTypeOf(order) || 'UNKNOWN',
    execFee: fill.commission.toFixed(),
    execId: executionIdText(spec.category, fill.tradeId),
    execPrice: fill.price.toFixed(),
    execQty: fill.quantity.toFixed(),
    execType: 'Trade',
    execValue: fill.quote.toFixed(),
    execTime: String(Math.floor(fill.atMs)),
    feeCurrency: fill.commissionAsset,
    isMaker: fill.isMaker,
    feeRate: (fill.isMaker ? spec.fees.maker : spec.fees.taker).toFixed(),
    tradeIv: '',
    markIv: '',
    markPrice: spec.category === 'linear' ? fill.price.toFixed() : '',
    indexPrice: '',
    underlyingPrice: '',
    blockTradeId: '',
    closedSize: fill.closed?.toFixed() ?? '',
    isLeverage: '0',
    seq: fill.tradeId,
  };
}

/** A funding as the list of executions shows it; here a fee above zero was paid. */
export function fundingExecutionView({ id, amount, atMs, position }: Booking, spec: SymbolSpec) {
  if (position === undefined) throw new Error(`booking ${id} is no funding`);
  const size = position.size.abs();
  return {
    symbol: spec.symbol,
    orderId: executionIdText(spec.category, id),
    orderLinkId: '',
    side: position.size.gt(zero) ? 'Sell' : 'Buy',
    ...{ orderPrice: '0', orderQty: '0', leavesQty: '0', createType: '', orderType: 'UNKNOWN' },
    stopOrderType: 'UNKNOWN',
    execFee: amount.neg().toFixed(),
    execId: executionIdText(spec.category, id),
    execPrice: position.price.toFixed(),
    execQty: size.toFixed(),
    execType: 'Funding',
    execValue: size.times(position.price).toFixed(),
    execTime: String(Math.floor(atMs)),
    feeCurrency: spec.quote,
    isMaker: false,
    feeRate: position.rate.toFixed(),
    ...{ tradeIv: '', markIv: '', markPrice: position.price.toFixed(), indexPrice: '', underlyingPrice: '' },
    ...{ blockTradeId: '', closedSize: '', isLeverage: '0', seq: id },
  };
}
