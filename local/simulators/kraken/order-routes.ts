/** Placing and canceling orders. */
import { zero } from '../engine/decimal.ts';
import { isOpen, type Order, type RejectReason } from '../engine/types.ts';
import { letFillFirst } from '../shared/fill-first.ts';
import type { PairSpec } from './catalog.ts';
import { type AccountCall, type PrivateRoute, requiredPair } from './context.ts';
import {
  duplicateClientOrderId,
  insufficientFunds,
  invalidArguments,
  invalidOrder,
  invalidPrice,
  type KrakenError,
  noLiquidity,
  tooManyOpenOrders,
  unknownOrder,
  wouldTake,
} from './errors.ts';
import { type NewOrder, readNewOrder } from './order-request.ts';
import { checkMarketMode, checkMinimums } from './order-rules.ts';
import { describe } from './order-view.ts';
import { orderIdOf, orderTxid } from './txid.ts';

export const rejections: Readonly<Record<RejectReason, () => KrakenError>> = {
  'insufficient-balance': insufficientFunds,
  'duplicate-client-order-id': duplicateClientOrderId,
  'would-take': wouldTake,
  'would-trigger': () => invalidPrice('Trigger price is on the wrong side of the market'),
  'no-liquidity': noLiquidity,
  'nothing-to-reduce': invalidOrder,
};

/** A day, by which ccxt stops too; Kraken's documentation names no longest time. */
const timeoutSecondsMax = 86_400;

const trade = { permissions: ['modify-trades'], points: 0 } as const;
const cancel = { permissions: ['modify-trades', 'close-trades'], points: 0 } as const;

export const orderRoutes: readonly PrivateRoute[] = [
  { ...trade, name: 'AddOrder', handle: addOrder },
  { ...cancel, name: 'CancelOrder', handle: cancelOrder },
  { ...cancel, points: 1, name: 'CancelAll', handle: cancelAll },
  { ...cancel, points: 1, name: 'CancelAllOrdersAfter', handle: cancelAllAfter },
];

function addOrder(call: AccountCall): unknown {
  const { venue, account, nowMs } = call;
  const spec = requiredPair(call);
  venue.limiter.chargeOrder({ accountId: account.id, pair: spec.id }, nowMs);
  const { engine } = venue.market;
  const inventedId = `none-${engine.orders.size + 1}`;
  const newOrder = readNewOrder(call.params, { accountId: account.id, spec, nowMs, inventedId });
  checkNewOrder(call, spec, newOrder);
  const request = call.slicing === undefined ? newOrder.request : { ...newOrder.request, slicing: call.slicing };
  const { order: description, ...fields } = describe(request, spec);
  const descr = { order: description, ...fields };
  if (newOrder.validateOnly) {
    const reason = engine.test(request);
    if (reason !== undefined) throw rejections[reason]();
    return { descr };
  }
  const result = engine.place(request);
  if (!result.ok) throw rejections[result.reason]();
  return { descr, txid: [orderTxid(result.order.id)] };
}

/** What is checked before the matching engine sees an order. @throws KrakenError */
export function checkNewOrder({ venue, account }: AccountCall, spec: PairSpec, { request }: NewOrder): void {
  checkMarketMode(spec, request);
  const market = venue.market.use(spec.id);
  checkMinimums(spec, request, market.tape.lastPrice ?? zero);
  const open = venue.market.engine.orders.openOf(account.id);
  // An id must be unlike those of all open orders, whatever their pairs.
  if (open.some(({ clientOrderId }) => clientOrderId === request.clientOrderId)) throw duplicateClientOrderId();
  const inPair = open.filter(({ instrumentId }) => instrumentId === spec.id).length;
  if (inPair >= venue.limits.openOrdersMax) throw tooManyOpenOrders();
}

/** The account's open orders that a request names by id, by the customer's id, or by his reference. */
export function namedOpenOrders(call: AccountCall): readonly Order[] {
  const { params, account } = call;
  const { orders } = call.venue.market.engine;
  const open = orders.openOf(account.id);
  const clientOrderId = params.text('cl_ord_id');
  if (clientOrderId !== undefined) return open.filter(({ attributes }) => attributes.clientOrderId === clientOrderId);
  const text = params.required('txid');
  if (/^-?\d{1,10}$/.test(text)) return open.filter(({ attributes }) => attributes.userReference === text);
  const orderId = orderIdOf(text);
  return open.filter(({ id }) => id === orderId);
}

/** Answers whether there was still something to cancel. */
export function cancelNow(call: AccountCall, order: Order): boolean {
  const { venue, nowMs } = call;
  letFillFirst(call, order, venue.catalog.byInstrument(order.instrumentId).altname);
  if (!isOpen(order)) return false;
  const { accountId, instrumentId, updatedAtMs } = order;
  venue.limiter.chargeCancellation({ accountId, pair: instrumentId, ageMs: nowMs - updatedAtMs }, nowMs);
  venue.market.engine.cancel(order.id);
  return true;
}

function cancelOrder(call: AccountCall): unknown {
  const canceled = namedOpenOrders(call).filter((order) => cancelNow(call, order));
  if (canceled.length === 0) throw unknownOrder();
  return { count: canceled.length };
}

function cancelAll(call: AccountCall): unknown {
  const orders = call.venue.market.engine.orders.openOf(call.account.id);
  return { count: orders.filter((order) => cancelNow(call, order)).length };
}

/** https://docs.kraken.com/api-reference/trading/cancel-all-orders-after-x: 0 takes the switch off. */
function cancelAllAfter({ venue, account, params, nowMs }: AccountCall): unknown {
  params.required('timeout');
  const seconds = params.integer('timeout') ?? 0;
  if (seconds < 0 || seconds > timeoutSecondsMax) throw invalidArguments('timeout');
  const triggerMs = seconds === 0 ? undefined : nowMs + seconds * 1000;
  venue.market.engine.cancelTimers.set(account.id, triggerMs);
  return { currentTime: utcSeconds(nowMs), triggerTime: triggerMs === undefined ? '0' : utcSeconds(triggerMs) };
}

/** Such as `2023-03-24T17:41:56Z`. */
function utcSeconds(atMs: number): string {
  return new Date(atMs).toISOString().replace(/\.\d{3}Z$/, 'Z');
}
