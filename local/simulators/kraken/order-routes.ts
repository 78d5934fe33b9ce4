/** Placing, amending and canceling orders. */
import { crosses } from '../engine/book.ts';
import { type Decimal, zero } from '../engine/decimal.ts';
import { isOpen, type Order, opposite, type RejectReason } from '../engine/types.ts';
import { lotDecimals, type PairSpec } from './catalog.ts';
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
import { readDeadline } from './order-fields.ts';
import { type NewOrder, readNewOrder, readPrice } from './order-request.ts';
import { checkMarketMode, checkMinimums } from './order-rules.ts';
import { describe } from './order-view.ts';
import { orderIdOf, orderTxid, otherTxid } from './txid.ts';

const rejections: Readonly<Record<RejectReason, () => KrakenError>> = {
  'insufficient-balance': insufficientFunds,
  'duplicate-client-order-id': duplicateClientOrderId,
  'would-take': wouldTake,
  'would-trigger': () => invalidPrice('Trigger price is on the wrong side of the market'),
  'no-liquidity': noLiquidity,
  'nothing-to-reduce': invalidOrder,
};

const trade = { permissions: ['modify-trades'], points: 0 } as const;
const cancel = { permissions: ['modify-trades', 'close-trades'], points: 0 } as const;

export const orderRoutes: readonly PrivateRoute[] = [
  { ...trade, name: 'AddOrder', handle: addOrder },
  { ...cancel, name: 'AmendOrder', handle: amendOrder },
  { ...cancel, name: 'CancelOrder', handle: cancelOrder },
  { ...cancel, points: 1, name: 'CancelAll', handle: cancelAll },
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

function checkNewOrder({ venue, account }: AccountCall, spec: PairSpec, { request }: NewOrder): void {
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
function namedOpenOrders(call: AccountCall): readonly Order[] {
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

function amendOrder(call: AccountCall): unknown {
  const { venue, params, nowMs } = call;
  readDeadline(params, nowMs);
  const [order] = namedOpenOrders(call);
  if (order === undefined) throw unknownOrder();
  const spec = venue.catalog.byInstrument(order.instrumentId);
  const { accountId, instrumentId, updatedAtMs } = order;
  venue.limiter.chargeAmendment({ accountId, pair: instrumentId, ageMs: nowMs - updatedAtMs }, nowMs);
  const quantity = params.decimal('order_qty');
  const price = params.has('limit_price') ? readPrice(params, 'limit_price', spec) : undefined;
  const triggerPrice = params.has('trigger_price') ? readPrice(params, 'trigger_price', spec) : undefined;
  checkAmendment(call, order, { quantity, price, triggerPrice });
  const amendId = otherTxid('T', `amend/${order.id}/${updatedAtMs}/${nowMs}`);
  // What has traded cannot be taken back: an order made smaller than that ends.
  if (quantity?.lte(order.executed) === true) venue.market.engine.cancel(order.id);
  else {
    const result = venue.market.engine.amend(order.id, { quantity, price, triggerPrice });
    if (!result.ok) throw rejections[result.reason]();
  }
  return { amend_id: amendId };
}

interface AskedAmendment {
  quantity: Decimal | undefined;
  price: Decimal | undefined;
  triggerPrice: Decimal | undefined;
}

function checkAmendment(call: AccountCall, order: Order, { quantity, price, triggerPrice }: AskedAmendment): void {
  if (quantity === undefined && price === undefined && triggerPrice === undefined) throw invalidArguments();
  if (price !== undefined && order.price === undefined) throw invalidArguments('limit_price');
  if (triggerPrice !== undefined && order.status !== 'pending') throw invalidArguments('trigger_price');
  const spec = call.venue.catalog.byInstrument(order.instrumentId);
  const market = call.venue.market.use(spec.id);
  if (quantity !== undefined) {
    if (quantity.lte(zero) || !quantity.round(lotDecimals, 0).eq(quantity)) throw invalidArguments('order_qty');
    const amended = { ...order, quantity, ...(price && { price }) };
    checkMinimums(spec, amended, market.tape.lastPrice ?? zero);
  }
  const makerSide = opposite(order.side);
  const best = market.book.best(makerSide);
  const isPostOnly = call.params.flag('post_only') || order.postOnly === true;
  if (isPostOnly && price !== undefined && best !== undefined && crosses(makerSide, best.price, price)) {
    throw wouldTake();
  }
}

function cancelNow({ venue, nowMs }: AccountCall, order: Order): void {
  if (!isOpen(order)) return;
  const { accountId, instrumentId, updatedAtMs } = order;
  venue.limiter.chargeCancellation({ accountId, pair: instrumentId, ageMs: nowMs - updatedAtMs }, nowMs);
  venue.market.engine.cancel(order.id);
}

function cancelOrder(call: AccountCall): unknown {
  const orders = namedOpenOrders(call);
  if (orders.length === 0) throw unknownOrder();
  for (const order of orders) cancelNow(call, order);
  return { count: orders.length };
}

function cancelAll(call: AccountCall): unknown {
  const orders = call.venue.market.engine.orders.openOf(call.account.id);
  for (const order of orders) cancelNow(call, order);
  return { count: orders.length };
}
