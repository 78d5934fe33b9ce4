/** Changing orders: in their place (`AmendOrder`), or by canceling one for another (`EditOrder`). */
import { crosses } from '../engine/book.ts';
import { type Decimal, zero } from '../engine/decimal.ts';
import { type Distance, isOpen, type Order, opposite } from '../engine/types.ts';
import { letFillFirst } from '../shared/fill-first.ts';
import { lotDecimals, type PairSpec } from './catalog.ts';
import { type AccountCall, type PrivateRoute, requiredPair } from './context.ts';
import { invalidArguments, invalidOrder, unknownOrder, wouldTake } from './errors.ts';
import { readDeadline } from './order-fields.ts';
import { readPrice, readTrailingOffset } from './order-prices.ts';
import { checkDisplayed, readNewOrder } from './order-request.ts';
import { cancelNow, checkNewOrder, namedOpenOrders, rejections } from './order-routes.ts';
import { checkMinimums } from './order-rules.ts';
import { describe } from './order-view.ts';
import { Params } from './params.ts';
import { orderTxid, otherTxid } from './txid.ts';

export const changeRoutes: readonly PrivateRoute[] = [
  { permissions: ['modify-trades', 'close-trades'], points: 0, name: 'AmendOrder', handle: amendOrder },
  { permissions: ['modify-trades'], points: 0, name: 'EditOrder', handle: editOrder },
];

interface AskedAmendment {
  quantity: Decimal | undefined;
  price: Decimal | undefined;
  triggerPrice: Decimal | undefined;
  trailingOffset: Distance | undefined;
  displayQuantity: Decimal | undefined;
}

function amendOrder(call: AccountCall): unknown {
  const { venue, nowMs } = call;
  const { engine } = venue.market;
  readDeadline(call.params, nowMs);
  const order = orderToChange(call);
  const spec = venue.catalog.byInstrument(order.instrumentId);
  const { accountId, instrumentId, updatedAtMs } = order;
  venue.limiter.chargeAmendment({ accountId, pair: instrumentId, ageMs: nowMs - updatedAtMs }, nowMs);
  const asked = readAmendment(call.params, order, spec);
  checkAmendment(call, order, asked);
  const amendId = otherTxid('T', `amend/${order.id}/${updatedAtMs}/${nowMs}`);
  const { quantity } = asked;
  // What has traded cannot be taken back: an order made smaller than that ends.
  if (quantity?.lte(order.executed) === true) engine.cancel(order.id);
  else if (quantity !== undefined && isOnlyReduced(order, asked)) engine.reduce(order.id, quantity);
  else {
    const result = engine.amend(order.id, asked);
    if (!result.ok) throw rejections[result.reason]();
  }
  return { amend_id: amendId };
}

/** The first open order that a request names. @throws KrakenError when there is none, or none any more. */
function orderToChange(call: AccountCall): Order {
  const [order] = namedOpenOrders(call);
  if (order === undefined) throw unknownOrder();
  letFillFirst(call, order, call.venue.catalog.byInstrument(order.instrumentId).altname);
  if (!isOpen(order)) throw unknownOrder();
  return order;
}

function readAmendment(params: Params, order: Order, spec: PairSpec): AskedAmendment {
  const trails = order.trigger?.trailing !== undefined;
  const changesTrigger = params.has('trigger_price');
  if (trails && params.has('limit_price')) throw invalidArguments('limit_price');
  return {
    quantity: params.decimal('order_qty'),
    price: params.has('limit_price') ? readPrice(params, 'limit_price', spec) : undefined,
    triggerPrice: changesTrigger && !trails ? readPrice(params, 'trigger_price', spec) : undefined,
    trailingOffset: changesTrigger && trails ? readTrailingOffset(params, 'trigger_price', spec) : undefined,
    displayQuantity: params.decimal('display_qty'),
  };
}

/** Whether nothing but the quantity changes, and downwards: the place in the queue stays then. */
function isOnlyReduced(order: Order, { quantity, ...others }: AskedAmendment): boolean {
  return quantity?.lt(order.quantity) === true && Object.values(others).every((change) => change === undefined);
}

function checkAmendment(call: AccountCall, order: Order, asked: AskedAmendment): void {
  const { quantity, price, triggerPrice, trailingOffset, displayQuantity } = asked;
  if (Object.values(asked).every((change) => change === undefined)) throw invalidArguments();
  if (price !== undefined && order.price === undefined) throw invalidArguments('limit_price');
  if ((triggerPrice ?? trailingOffset) !== undefined && order.status !== 'pending') {
    throw invalidArguments('trigger_price');
  }
  const spec = call.venue.catalog.byInstrument(order.instrumentId);
  const market = call.venue.market.use(spec.id);
  if (quantity !== undefined) {
    if (quantity.lte(zero) || !quantity.round(lotDecimals, 0).eq(quantity)) throw invalidArguments('order_qty');
    const amended = { ...order, quantity, ...(price && { price }) };
    checkMinimums(spec, amended, market.tape.lastPrice ?? zero);
  }
  if (displayQuantity !== undefined) {
    if (order.displayQuantity === undefined) throw invalidArguments('display_qty');
    checkDisplayed(displayQuantity, (quantity ?? order.quantity).minus(order.executed), 'display_qty');
  }
  const makerSide = opposite(order.side);
  const best = market.book.best(makerSide);
  const isPostOnly = call.params.flag('post_only') || order.postOnly === true;
  if (isPostOnly && price !== undefined && best !== undefined && crosses(makerSide, best.price, price)) {
    throw wouldTake();
  }
}

/** The older way: another order with another id takes the place of what is left of the first. */
function editOrder(call: AccountCall): unknown {
  const { venue, account, params, nowMs } = call;
  const spec = requiredPair(call);
  readDeadline(params, nowMs);
  const order = orderToChange(call);
  if (order.instrumentId !== spec.id) throw unknownOrder();
  if (order.trigger !== undefined && order.workingAtMs !== undefined) throw invalidOrder();
  const volume = params.decimal('volume') ?? order.quantity;
  if (volume.lte(order.executed)) throw invalidArguments('volume');
  const terms = editedTerms(params, order, { spec, volume: volume.minus(order.executed) });
  const inventedId = `none-${venue.market.engine.orders.size + 1}`;
  const newOrder = readNewOrder(terms, { accountId: account.id, spec, nowMs, inventedId });
  const { order: description, ...fields } = describe(newOrder.request, spec);
  const descr = { order: description, ...fields };
  if (newOrder.validateOnly) return { status: 'ok', descr };
  venue.limiter.chargeOrder({ accountId: account.id, pair: spec.id }, nowMs);
  // The fault has had its occasion.
  cancelNow({ ...call, fillFirst: undefined }, order);
  checkNewOrder(call, spec, newOrder);
  const result = venue.market.engine.place(newOrder.request);
  if (!result.ok) throw rejections[result.reason]();
  return {
    status: 'ok',
    txid: orderTxid(result.order.id),
    originaltxid: orderTxid(order.id),
    volume: result.order.quantity.toFixed(lotDecimals),
    price: fields.price,
    price2: fields.price2,
    orders_cancelled: 1,
    descr,
  };
}

/** The parameters as if the order were sent anew, with what the request changes. Client ids are not taken along. */
function editedTerms(params: Params, order: Order, { spec, volume }: { spec: PairSpec; volume: Decimal }): Params {
  const { type = '', flags, timeInForce = 'GTC', userReference } = order.attributes;
  const { price, price2 } = describe(order, spec);
  const given = (name: string, standard: string | undefined): [string, string][] => {
    const value = params.text(name) ?? standard;
    return value === undefined ? [] : [[name, value]];
  };
  return new Params([
    ...([
      ['pair', spec.altname],
      ['type', order.side],
      ['ordertype', type],
      ['volume', volume.toFixed(lotDecimals)],
      ['timeinforce', timeInForce],
    ] as const),
    ...(order.expiresAtMs === undefined ? [] : [['expiretm', String(Math.ceil(order.expiresAtMs / 1000))] as const]),
    ...given('price', type === 'market' ? undefined : price),
    ...given('price2', type.endsWith('-limit') ? price2 : undefined),
    ...given('oflags', flags),
    ...given('displayvol', order.displayQuantity?.toFixed()),
    ...given('userref', userReference),
    ...given('validate', undefined),
  ]);
}
