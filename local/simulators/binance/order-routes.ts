/** Placing, canceling and replacing orders. */
import { decimalOfStatistic } from '../engine/decimal.ts';
import { isOpen, type Order, type RejectReason } from '../engine/types.ts';
import { visibleOrder } from '../shared/visible-order.ts';
import type { SymbolSpec } from './catalog.ts';
import { type AccountCall, type Route, requiredSymbol } from './context.ts';
import {
  BinanceError,
  cancelRejected,
  invalidParameter,
  marketClosed,
  missingEither,
  noSuchOrder,
  orderRejected,
  unneededParameter,
} from './errors.ts';
import { checkFilters } from './filters.ts';
import { inventClientOrderId, type NewOrder, readClientOrderId, readNewOrder } from './order-request.ts';
import { canceledOrderView, newOrderView } from './order-view.ts';

const rejections: Readonly<Record<RejectReason, string>> = {
  'insufficient-balance': 'Account has insufficient balance for requested action.',
  'duplicate-client-order-id': 'Duplicate order sent.',
  'would-take': 'Order would immediately match and take.',
  'would-trigger': 'Stop price would trigger immediately.',
  'nothing-to-reduce': 'ReduceOnly Order is rejected.',
  'no-liquidity': 'Order book liquidity is less than symbol minimum quantity.',
};

const averagePriceMs = 300_000;
const averagePriceSamples = 10;

export const orderRoutes: readonly Route[] = [
  { method: 'POST', path: '/api/v3/order', weight: 1, security: 'signed', permission: 'trade', handle: placeOrder },
  { method: 'POST', path: '/api/v3/order/test', weight: 1, security: 'signed', permission: 'trade', handle: testOrder },
  { method: 'DELETE', path: '/api/v3/order', weight: 1, security: 'signed', permission: 'trade', handle: cancelOrder },
  {
    method: 'POST',
    path: '/api/v3/order/cancelReplace',
    weight: 1,
    security: 'signed',
    permission: 'trade',
    handle: replaceOrder,
  },
  {
    method: 'DELETE',
    path: '/api/v3/openOrders',
    weight: 1,
    security: 'signed',
    permission: 'trade',
    handle: cancelOpenOrders,
  },
];

function placeOrder(call: AccountCall): unknown {
  const spec = requiredSymbol(call);
  const newOrder = readNewOrder(call.params, { accountId: call.account.id, instrumentId: spec.id });
  call.params.finish();
  return executeNewOrder(call, spec, newOrder);
}

function executeNewOrder(call: AccountCall, spec: SymbolSpec, newOrder: NewOrder): unknown {
  const { venue, account, nowMs } = call;
  checkNewOrder(call, spec, newOrder);
  venue.limiter.checkOrders(account.id, nowMs);
  const request = call.slicing === undefined ? newOrder.request : { ...newOrder.request, slicing: call.slicing };
  const result = venue.market.engine.place(request);
  if (!result.ok) throw orderRejected(rejections[result.reason]);
  Object.assign(call.headers, venue.limiter.countOrder(account.id, nowMs));
  return newOrderView(visibleOrder(result.order, nowMs), spec.symbol, newOrder.responseType);
}

function testOrder(call: AccountCall): unknown {
  const spec = requiredSymbol(call);
  const newOrder = readNewOrder(call.params, { accountId: call.account.id, instrumentId: spec.id });
  call.params.optional('computeCommissionRates');
  call.params.finish();
  checkNewOrder(call, spec, newOrder);
  return {};
}

/** What the venue checks before the matching engine sees an order. */
function checkNewOrder(call: AccountCall, spec: SymbolSpec, { request }: NewOrder): void {
  const { venue, account, nowMs } = call;
  if (spec.status !== 'TRADING') throw marketClosed();
  venue.market.use(spec.id);
  const open = venue.market.engine.orders.openOf(account.id).filter(({ instrumentId }) => instrumentId === spec.id);
  checkFilters(request, {
    spec,
    averagePrice: decimalOfStatistic(averagePrice(call, spec, nowMs), 8),
    openOrders: open.length,
    openTriggers: open.filter(({ status }) => status === 'pending').length,
  });
}

/** Mean of the price path over the last five minutes. */
export function averagePrice(call: Pick<AccountCall, 'venue'>, spec: SymbolSpec, nowMs: number): number {
  const { path } = call.venue.market.candleSource(spec.id);
  let sum = 0;
  for (let index = 0; index < averagePriceSamples; index++) {
    sum += path(nowMs - (index * averagePriceMs) / averagePriceSamples);
  }
  return sum / averagePriceSamples;
}

function cancelOrder(call: AccountCall): unknown {
  const spec = requiredSymbol(call);
  const order = readOrderReference(call, spec, { id: 'orderId', clientId: 'origClientOrderId' });
  const cancelId = readClientOrderId(call.params, 'newClientOrderId') ?? inventClientOrderId();
  const restriction = readCancelRestriction(call);
  call.params.finish();
  return canceledOrderView(cancelNow(call, order, { cancelId, restriction }), spec.symbol, cancelId);
}

interface Cancellation {
  cancelId: string;
  restriction: 'ONLY_NEW' | 'ONLY_PARTIALLY_FILLED' | undefined;
}

function cancelNow(call: AccountCall, order: Order | undefined, cancellation: Cancellation): Readonly<Order> {
  if (order === undefined || !isOpen(order)) throw cancelRejected();
  const isPartial = order.status === 'partial';
  const { restriction, cancelId } = cancellation;
  if ((restriction === 'ONLY_NEW' && isPartial) || (restriction === 'ONLY_PARTIALLY_FILLED' && !isPartial)) {
    throw new BinanceError(-2011, 'Order was not canceled due to cancel restrictions.');
  }
  call.venue.userStreams.nameCancellation(order.id, cancelId);
  return visibleOrder(call.venue.market.engine.cancel(order.id), call.nowMs);
}

function readCancelRestriction(call: AccountCall): Cancellation['restriction'] {
  const text = call.params.optional('cancelRestrictions');
  if (text === undefined || text === 'ONLY_NEW' || text === 'ONLY_PARTIALLY_FILLED') return text;
  const message = '`cancelRestrictions` has to be either `ONLY_NEW` or `ONLY_PARTIALLY_FILLED`.';
  throw new BinanceError(-1145, message);
}

/** The account's order that a request refers to. @throws BinanceError -1102 when it refers to none. */
export function readOrderReference(
  call: AccountCall,
  spec: SymbolSpec,
  names: { id: string; clientId: string },
): Order | undefined {
  const orderId = call.params.integer(names.id);
  const clientOrderId = call.params.optional(names.clientId);
  const { orders } = call.venue.market.engine;
  if (orderId === undefined && clientOrderId === undefined) throw missingEither(names.clientId, names.id);
  const key = { accountId: call.account.id, instrumentId: spec.id };
  const order =
    orderId === undefined
      ? orders.byClientOrderId({ ...key, clientOrderId: clientOrderId ?? '' })
      : orders.byId(orderId);
  const isOwn = order?.accountId === key.accountId && order.instrumentId === key.instrumentId;
  const agrees = clientOrderId === undefined || order?.clientOrderId === clientOrderId;
  return isOwn && agrees ? order : undefined;
}

function cancelOpenOrders(call: AccountCall): unknown {
  const spec = requiredSymbol(call);
  call.params.finish();
  const { engine } = call.venue.market;
  const open = engine.orders.openOf(call.account.id).filter(({ instrumentId }) => instrumentId === spec.id);
  if (open.length === 0) throw cancelRejected();
  return open.map((order) => {
    const cancelId = inventClientOrderId();
    const canceled = cancelNow(call, order, { cancelId, restriction: undefined });
    return canceledOrderView(canceled, spec.symbol, cancelId);
  });
}

/** Cancels one order and places another; each half may fail. */
function replaceOrder(call: AccountCall): unknown {
  const spec = requiredSymbol(call);
  const mode = call.params.required('cancelReplaceMode');
  if (mode !== 'STOP_ON_FAILURE' && mode !== 'ALLOW_FAILURE') throw invalidParameter('cancelReplaceMode');
  const order = readOrderReference(call, spec, { id: 'cancelOrderId', clientId: 'cancelOrigClientOrderId' });
  const cancelId = readClientOrderId(call.params, 'cancelNewClientOrderId') ?? inventClientOrderId();
  const restriction = readCancelRestriction(call);
  if (call.params.has('orderRateLimitExceededMode')) throw unneededParameter('orderRateLimitExceededMode');
  const newOrder = readNewOrder(call.params, { accountId: call.account.id, instrumentId: spec.id });
  call.params.finish();

  const cancelHalf = attempt(() => {
    const canceled = cancelNow(call, order, { cancelId, restriction });
    return canceledOrderView(canceled, spec.symbol, cancelId);
  });
  const stopped = !cancelHalf.ok && mode === 'STOP_ON_FAILURE';
  const newHalf = stopped ? undefined : attempt(() => executeNewOrder(call, spec, newOrder));
  const data = {
    cancelResult: cancelHalf.ok ? 'SUCCESS' : 'FAILURE',
    newOrderResult: newHalf === undefined ? 'NOT_ATTEMPTED' : newHalf.ok ? 'SUCCESS' : 'FAILURE',
    cancelResponse: cancelHalf.body,
    newOrderResponse: newHalf?.body ?? null,
  };
  if (cancelHalf.ok && newHalf?.ok === true) return data;
  const both = !cancelHalf.ok && newHalf?.ok !== true;
  throw both
    ? new CancelReplaceError(-2022, 'Order cancel-replace failed.', data)
    : new CancelReplaceError(-2021, 'Order cancel-replace partially failed.', data);
}

/** A replacement that did not wholly succeed; `data` tells of both halves. */
export class CancelReplaceError extends BinanceError {
  readonly data: unknown;

  constructor(code: number, message: string, data: unknown) {
    super(code, message, { status: code === -2021 ? 409 : 400 });
    this.data = data;
  }
}

function attempt(action: () => unknown): { ok: boolean; body: unknown } {
  try {
    return { ok: true, body: action() };
  } catch (error) {
    if (error instanceof BinanceError) return { ok: false, body: { code: error.code, msg: error.message } };
    throw error;
  }
}

/** @throws BinanceError -2013 when there is no such order of this account. */
export function requireOrder(order: Order | undefined): Order {
  if (order === undefined) throw noSuchOrder();
  return order;
}
