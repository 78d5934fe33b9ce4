/** Changing orders: by canceling one for another, or by making one smaller in its place. */
import { type Decimal, zero } from '../engine/decimal.ts';
import { isOpen, type Order } from '../engine/types.ts';
import { letFillFirst } from '../shared/fill-first.ts';
import { visibleOrder } from '../shared/visible-order.ts';
import type { SymbolSpec } from './catalog.ts';
import { type AccountCall, type Route, requiredSymbol } from './context.ts';
import { amendRejected, BinanceError, invalidAmount, invalidParameter } from './errors.ts';
import { amendmentsMax } from './filters.ts';
import { listView } from './order-list-view.ts';
import { inventClientOrderId, readClientOrderId, readNewOrder } from './order-request.ts';
import {
  attempt,
  cancelNow,
  checkNewOrder,
  placeChecked,
  readCancelRestriction,
  readOrderReference,
} from './order-routes.ts';
import { amendedOrderView, canceledOrderView } from './order-view.ts';

const trade = { security: 'signed', permission: 'trade' } as const;

export const replaceRoutes: readonly Route[] = [
  { ...trade, method: 'POST', path: '/api/v3/order/cancelReplace', weight: 1, handle: replaceOrder },
  { ...trade, method: 'PUT', path: '/api/v3/order/amend/keepPriority', weight: 4, handle: amendOrder },
];

/** A replacement that did not wholly succeed; `data` tells of both halves. */
export class CancelReplaceError extends BinanceError {
  readonly data: unknown;

  constructor(code: number, message: string, data: unknown) {
    super(code, message, { status: code === -2021 ? 409 : 400 });
    this.data = data;
  }
}

/** Cancels one order and places another; each half may fail, but not for a filter or a limit: those come first. */
function replaceOrder(call: AccountCall): unknown {
  const spec = requiredSymbol(call);
  const mode = readChoice(call, 'cancelReplaceMode', ['STOP_ON_FAILURE', 'ALLOW_FAILURE']);
  const order = readOrderReference(call, spec, { id: 'cancelOrderId', clientId: 'cancelOrigClientOrderId' });
  const cancelId = readClientOrderId(call.params, 'cancelNewClientOrderId') ?? inventClientOrderId();
  const restriction = readCancelRestriction(call);
  const whenLimited = call.params.has('orderRateLimitExceededMode')
    ? readChoice(call, 'orderRateLimitExceededMode', ['DO_NOTHING', 'CANCEL_ONLY'])
    : 'DO_NOTHING';
  const newOrder = readNewOrder(call.params, { accountId: call.account.id, instrumentId: spec.id });
  call.params.finish();
  checkNewOrder(call, spec, { ...newOrder, without: order?.id });
  if (whenLimited === 'DO_NOTHING') call.venue.limiter.checkOrders(call.account.id, call.nowMs);

  const cancelHalf = attempt(() => {
    const canceled = cancelNow(call, order, { cancelId, restriction });
    return canceledOrderView(canceled, spec.symbol, cancelId);
  });
  const stopped = !cancelHalf.ok && mode === 'STOP_ON_FAILURE';
  const newHalf = stopped ? undefined : attempt(() => placeChecked(call, spec, newOrder));
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

function readChoice<Choice extends string>(call: AccountCall, name: string, choices: readonly Choice[]): Choice {
  const text = call.params.required(name);
  const choice = choices.find((one) => one === text);
  if (choice === undefined) throw invalidParameter(name);
  return choice;
}

/** Makes an order smaller, and with it the other one of its list; its place in the queue stays. */
function amendOrder(call: AccountCall): unknown {
  const { venue, params } = call;
  const spec = requiredSymbol(call);
  const order = readOrderReference(call, spec, { id: 'orderId', clientId: 'origClientOrderId' });
  const clientOrderId = readClientOrderId(params, 'newClientOrderId') ?? inventClientOrderId();
  params.required('newQty');
  const quantity = params.decimal('newQty');
  params.finish();
  const { amended, origClientOrderId } = amendNow(call, spec, { order, quantity, clientOrderId });
  const shown = visibleOrder(amended, call.nowMs);
  return {
    transactTime: Math.floor(amended.updatedAtMs),
    executionId: venue.userStreams.amendmentExecutionId(amended.id),
    amendedOrder: amendedOrderView(shown, spec.symbol, origClientOrderId),
    ...(amended.list !== undefined && { listStatus: listStatusOf(call, amended.list.id) }),
  };
}

function amendNow(
  call: AccountCall,
  spec: SymbolSpec,
  asked: { order: Order | undefined; quantity: Decimal | undefined; clientOrderId: string },
): { amended: Readonly<Order>; origClientOrderId: string } {
  const { order, quantity, clientOrderId } = asked;
  const { engine } = call.venue.market;
  if (order !== undefined) letFillFirst(call, order, spec.symbol);
  if (order === undefined || !isOpen(order)) throw amendRejected('Unknown order sent.');
  if (quantity === undefined || quantity.eq(zero)) throw invalidAmount('quantity');
  if (quantity.eq(order.quantity)) throw amendRejected('The requested action would change no state; rejecting');
  if (quantity.gt(order.quantity)) throw amendRejected('Order amend (quantity increase) is not supported.');
  // Binance documents no words for a quantity that has traded already.
  if (quantity.lte(order.executed)) throw amendRejected('Order amend (quantity below executed) is not supported.');
  if ((order.amendments ?? 0) >= amendmentsMax) throw amendRejected('Filter failure: MAX_NUM_ORDER_AMENDS');
  checkNewOrder(call, spec, { request: { ...order, quantity }, without: order.id });
  const { clientOrderId: origClientOrderId } = order;
  const key = { accountId: order.accountId, instrumentId: order.instrumentId, clientOrderId };
  const holder = engine.orders.byClientOrderId(key);
  if (holder !== undefined && holder.id !== order.id && isOpen(holder)) throw amendRejected('Duplicate order sent.');
  call.venue.userStreams.nameAmendment(order.id, origClientOrderId);
  return { amended: engine.reduce(order.id, quantity, clientOrderId), origClientOrderId };
}

function listStatusOf(call: AccountCall, listId: number) {
  const { orderListId, contingencyType, listOrderStatus, listClientOrderId, symbol, orders } = listView(call, listId);
  return { orderListId, contingencyType, listOrderStatus, listClientOrderId, symbol, orders };
}
