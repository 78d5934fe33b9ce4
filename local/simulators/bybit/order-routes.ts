/** Placing, changing and canceling orders. Answers carry ids only: what became of an order is learnt by asking. */
import { zero } from '../engine/decimal.ts';
import { type Exits, isOpen, type Order, type OrderRequest, type RejectReason } from '../engine/types.ts';
import { letFillFirst } from '../shared/fill-first.ts';
import type { SymbolSpec } from './catalog.ts';
import { type AccountCall, ExtendedResult, listedCategory, marketOf, type Route, requiredSpec } from './context.ts';
import { BybitError, type Category, invalidParameter, mistake } from './errors.ts';
import { readExits } from './exit-request.ts';
import { checkPrice, checkPriceLimit, checkQuantity } from './filters.ts';
import { orderIdOf, orderIdText } from './order-ids.ts';
import { linkIdOf } from './order-links.ts';
import { nothingToReduce, readOrder } from './order-request.ts';
import type { Params } from './params.ts';

const writes = { method: 'POST', access: 'private', permission: 'trade', perSecond: [20, 10] } as const;

export const orderRoutes: readonly Route[] = [
  { ...writes, path: '/v5/order/create', handle: createOrder },
  { ...writes, path: '/v5/order/create-batch', handle: createBatch },
  { ...writes, path: '/v5/order/amend', handle: amendOrder },
  { ...writes, path: '/v5/order/cancel', handle: cancelOrder },
  { ...writes, path: '/v5/order/cancel-all', handle: cancelAll },
];

const batchMax = 20;
const conditionalOrdersMax = 10;
const exitNames = ['takeProfit', 'stopLoss'] as const;

export function createOrder(call: AccountCall) {
  const spec = requiredSpec(call);
  const { engine } = call.venue.market;
  const request = readOrder(call, spec);
  const last = marketOf(call.venue, spec).tape.lastPrice;
  if (request.price !== undefined && request.trigger === undefined && last !== undefined) {
    checkPriceLimit(spec, { side: request.side, price: request.price, last });
  }
  checkConditionalCount(call, spec, request);
  const placed = engine.place(request);
  if (!placed.ok) throw refusal(placed.reason, spec);
  return idsOf(placed.order, spec);
}

/** @throws BybitError 110009 when there are as many conditional orders in a perpetual as there may be. */
function checkConditionalCount({ venue, account }: AccountCall, spec: SymbolSpec, request: OrderRequest): void {
  if (request.trigger === undefined || spec.category !== 'linear') return;
  const waiting = venue.market.engine.orders
    .openOf(account.id)
    .filter(({ instrumentId, status, exit }) => instrumentId === spec.id && status === 'pending' && exit === undefined);
  if (waiting.length >= conditionalOrdersMax) {
    throw new BybitError(110009, 'The number of stop orders exceeds the maximum allowable limit');
  }
}

/** Each order succeeds or fails on its own. */
function createBatch(call: AccountCall): ExtendedResult {
  const category = listedCategory(call.params);
  const requests = call.params.objects('request');
  if (requests.length === 0 || requests.length > batchMax)
    throw invalidParameter(`request takes 1 to ${batchMax} orders`);
  const outcomes = requests.map((request) => {
    const symbol = request.text('symbol') ?? '';
    try {
      const ids = createOrder({ ...call, params: request.with({ category }) });
      return { order: { category, symbol, ...ids, createAt: String(call.nowMs) }, code: { code: 0, msg: 'OK' } };
    } catch (error) {
      if (!(error instanceof BybitError)) throw error;
      const order = { category, symbol, orderId: '', orderLinkId: request.text('orderLinkId') ?? '', createAt: '' };
      return { order, code: { code: error.code, msg: error.message } };
    }
  });
  return new ExtendedResult({ list: outcomes.map(({ order }) => order) }, { list: outcomes.map(({ code }) => code) });
}

export function amendOrder(call: AccountCall) {
  const spec = requiredSpec(call);
  const { params, venue } = call;
  const order = orderToChange(call, spec);
  const [price, quantity, triggerPrice] = [
    params.decimal('price'),
    params.decimal('qty'),
    params.decimal('triggerPrice'),
  ];
  for (const one of [price, triggerPrice]) if (one !== undefined) checkPrice(spec, one);
  if (quantity !== undefined) checkQuantity(spec, quantity, order.execution);
  if (triggerPrice !== undefined && order.trigger?.trailing !== undefined) {
    throw invalidParameter('a trailing stop is changed by position/trading-stop');
  }
  const basePrice = price ?? order.price ?? marketOf(venue, spec).tape.lastPrice ?? zero;
  const exits = changedExits(order, params, readExits(params, { spec, side: order.side, basePrice }));
  if ([price, quantity, triggerPrice, exits].every((change) => change === undefined)) {
    throw new BybitError(10001, 'order not modified');
  }
  if (quantity?.lte(order.executed)) {
    throw new BybitError(110064, 'The modified contract quantity cannot be less than or equal to the filled quantity.');
  }
  const amended = venue.market.engine.amend(order.id, { price, quantity, triggerPrice, exits });
  if (!amended.ok) throw refusal(amended.reason, spec);
  return idsOf(order, spec);
}

export function cancelOrder(call: AccountCall) {
  const spec = requiredSpec(call);
  const order = orderToChange(call, spec);
  call.venue.market.engine.cancel(order.id);
  return idsOf(order, spec);
}

function cancelAll(call: AccountCall) {
  const { params, venue, account } = call;
  const category = listedCategory(params);
  const isWithin = readScope(params, category);
  const filter = params.text('orderFilter');
  const onlyStops = params.text('stopOrderType') === 'Stop';
  const list = [];
  for (const order of venue.market.engine.orders.openOf(account.id)) {
    const spec = venue.catalog.byInstrument(order.instrumentId);
    const meant =
      spec.category === category &&
      isWithin(spec) &&
      isInFilter(order, category === 'spot' ? (filter ?? 'Order') : filter) &&
      !(onlyStops && order.exit !== undefined);
    if (!meant) continue;
    letFillFirst(call, order, spec.symbol);
    // An order may have traded, or ended with another one, before its turn.
    if (!isOpen(order)) continue;
    venue.market.engine.cancel(order.id);
    list.push(idsOf(order, spec));
  }
  return { list, success: '1' };
}

/** Of symbol, base coin and settle coin only the first that is given counts. @throws BybitError 10001 */
function readScope(params: Params, category: Category): (spec: SymbolSpec) => boolean {
  const [symbol, base, quote] = [params.text('symbol'), params.text('baseCoin'), params.text('settleCoin')];
  if (symbol !== undefined) return (spec) => spec.symbol === symbol;
  if (base !== undefined) return (spec) => spec.base === base;
  if (quote !== undefined) return (spec) => spec.quote === quote;
  if (category === 'linear') throw invalidParameter('symbol, baseCoin or settleCoin is required');
  return () => true;
}

/** What an order's exits are to be; a price of zero takes one away. @throws BybitError 110059 once part has traded. */
function changedExits(order: Readonly<Order>, params: Params, given: Exits | undefined): Exits | undefined {
  const dropped = exitNames.filter((name) => params.decimal(name)?.eq(zero) === true);
  if (given === undefined && dropped.length === 0) return undefined;
  if (order.executed.gt(zero)) {
    throw new BybitError(110059, 'Not allowed to modify the TP/SL of a partially filled open order');
  }
  const kept = Object.entries(order.exits ?? {}).filter(([name]) => !dropped.some((drop) => drop === name));
  return { scope: 'position', ...Object.fromEntries(kept), ...given };
}

/** Whether an order is of the kind that `orderFilter` names; without one it is. */
export function isInFilter(order: Readonly<Order>, filter: string | undefined): boolean {
  if (filter === undefined) return true;
  const conditional = order.trigger !== undefined && order.workingAtMs === undefined;
  const kind = order.exit !== undefined || order.attributes.stopOrderType === 'tpslOrder' ? 'tpslOrder' : 'StopOrder';
  if (!conditional) return filter === 'Order';
  // For contracts StopOrder means all that wait for a trigger.
  return filter === kind || (filter === 'StopOrder' && order.instrumentId.startsWith('linear:'));
}

/** @throws BybitError 110001 or 170213 when there is no such order, or it has ended. */
function orderToChange(call: AccountCall, spec: SymbolSpec): Readonly<Order> {
  const order = findOrder(call, spec);
  if (order !== undefined) letFillFirst(call, order, spec.symbol);
  if (order === undefined || !isOpen(order)) throw mistake('noSuchOrder', spec.category);
  return order;
}

/** The account's order that `orderId` or `orderLinkId` names. @throws BybitError 10001 when neither is given. */
function findOrder({ params, venue, account }: AccountCall, spec: SymbolSpec): Readonly<Order> | undefined {
  const [orderId, linkId] = [params.text('orderId'), params.text('orderLinkId')];
  if (orderId === undefined && linkId === undefined) throw invalidParameter('orderId or orderLinkId is required');
  const id =
    orderId === undefined
      ? venue.links.find(account.id, spec.category, linkId ?? '')
      : orderIdOf(spec.category, orderId);
  const order = id === undefined ? undefined : venue.market.engine.orders.byId(id);
  return order?.accountId === account.id && order.instrumentId === spec.id ? order : undefined;
}

function idsOf(order: Readonly<Order>, spec: SymbolSpec) {
  return { orderId: orderIdText(spec.category, order.id), orderLinkId: linkIdOf(order) };
}

function refusal(reason: RejectReason, spec: SymbolSpec): BybitError {
  const { category } = spec;
  if (reason === 'nothing-to-reduce') return nothingToReduce();
  if (reason === 'duplicate-client-order-id') return mistake('duplicateLinkId', category);
  if (reason === 'would-trigger') return mistake('wouldTrigger', category);
  if (reason === 'insufficient-balance') return mistake('insufficientBalance', category);
  throw new Error(`${reason} ends an order and refuses none`);
}
