/** Placing and canceling orders. */
import { decimalOfStatistic } from '../engine/decimal.ts';
import { isOpen, type Order, type OrderRequest, type RejectReason } from '../engine/types.ts';
import { letFillFirst } from '../shared/fill-first.ts';
import { visibleOrder } from '../shared/visible-order.ts';
import type { SymbolSpec } from './catalog.ts';
import { type AccountCall, type Route, requiredSymbol } from './context.ts';
import { BinanceError, cancelRejected, marketClosed, missingEither, noSuchOrder, orderRejected } from './errors.ts';
import { checkFilters } from './filters.ts';
import { canceledListView } from './order-list-view.ts';
import { inventClientOrderId, type NewOrder, readClientOrderId, readNewOrder } from './order-request.ts';
import { canceledOrderView, newOrderView } from './order-view.ts';

export const rejections: Readonly<Record<RejectReason, string>> = {
  'insufficient-balance': 'Account has insufficient balance for requested action.',
  'duplicate-client-order-id': 'Duplicate order sent.',
  'would-take': 'Order would immediately match and take.',
  'would-trigger': 'Order would trigger immediately.',
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
  checkNewOrder(call, spec, newOrder);
  return placeChecked(call, spec, newOrder);
}

/** Places an order that has passed the filters. */
export function placeChecked(call: AccountCall, spec: SymbolSpec, newOrder: NewOrder): unknown {
  const { venue, account, nowMs } = call;
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

export interface CheckedOrder {
  readonly request: OrderRequest;
  /** The id of an open order that shall not count, because it is the one that this replaces or amends. */
  readonly without?: number | undefined;
}

/** What the venue checks before the matching engine sees an order. */
export function checkNewOrder(call: AccountCall, spec: SymbolSpec, { request, without }: CheckedOrder): void {
  const { venue, account, nowMs } = call;
  if (spec.status !== 'TRADING') throw marketClosed();
  venue.market.use(spec.id);
  const open = venue.market.engine.orders
    .openOf(account.id)
    .filter(({ instrumentId, id }) => instrumentId === spec.id && id !== without);
  checkFilters(request, {
    spec,
    averagePrice: decimalOfStatistic(averagePrice(call, spec, nowMs), 8),
    openOrders: open.length,
    openTriggers: open.filter(({ trigger }) => trigger !== undefined).length,
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

/** Cancels an order, and with it its list. @throws BinanceError -2011 when it is not open or not as it must be. */
export function cancelNow(call: AccountCall, order: Order | undefined, cancellation: Cancellation): Readonly<Order> {
  if (order !== undefined) letFillFirst(call, order, call.venue.catalog.byInstrument(order.instrumentId).symbol);
  if (order === undefined || !isOpen(order)) throw cancelRejected();
  const isPartial = order.status === 'partial';
  const { restriction, cancelId } = cancellation;
  if ((restriction === 'ONLY_NEW' && isPartial) || (restriction === 'ONLY_PARTIALLY_FILLED' && !isPartial)) {
    throw new BinanceError(-2011, 'Order was not canceled due to cancel restrictions.');
  }
  const { userStreams, market } = call.venue;
  for (const { id } of [order, ...market.engine.lists.othersOf(order)]) userStreams.nameCancellation(id, cancelId);
  return visibleOrder(market.engine.cancel(order.id), call.nowMs);
}

export function readCancelRestriction(call: AccountCall): Cancellation['restriction'] {
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
  const canceled: unknown[] = [];
  for (const order of open) {
    // It may have ended with another one of its list, or have traded, before its turn.
    if (!isOpen(order)) continue;
    const cancelId = inventClientOrderId();
    const ended = attempt(() => cancelNow(call, order, { cancelId, restriction: undefined }));
    if (!ended.ok) continue;
    canceled.push(
      order.list === undefined
        ? canceledOrderView(visibleOrder(order, call.nowMs), spec.symbol, cancelId)
        : canceledListView(call, order.list.id, cancelId),
    );
  }
  return canceled;
}

/** What came of one part of a request that has several. */
export function attempt(action: () => unknown): { ok: boolean; body: unknown } {
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
