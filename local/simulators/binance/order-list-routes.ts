/** Order lists: pairs of orders of which one cancels the other. */
import { isOpen } from '../engine/types.ts';
import { letFillFirst } from '../shared/fill-first.ts';
import { visibleOrder } from '../shared/visible-order.ts';
import { type AccountCall, type Route, requiredSymbol } from './context.ts';
import { cancelRejected, missingEither, noSuchOrderList, orderRejected } from './errors.ts';
import { checkListCount } from './filters.ts';
import { checkPrices, readNewOrderList } from './order-list-request.ts';
import { canceledListView, listView } from './order-list-view.ts';
import { inventClientOrderId, readClientOrderId } from './order-request.ts';
import { cancelNow, checkNewOrder, rejections } from './order-routes.ts';
import { newOrderView } from './order-view.ts';

const trade = { security: 'signed', permission: 'trade' } as const;
const read = { security: 'signed', permission: 'read' } as const;

export const orderListRoutes: readonly Route[] = [
  { ...trade, method: 'POST', path: '/api/v3/orderList/oco', weight: 1, handle: placeList },
  { ...trade, method: 'DELETE', path: '/api/v3/orderList', weight: 1, handle: cancelList },
  { ...read, method: 'GET', path: '/api/v3/orderList', weight: 4, handle: queryList },
  { ...read, method: 'GET', path: '/api/v3/openOrderList', weight: 6, handle: openLists },
  { ...read, method: 'GET', path: '/api/v3/allOrderList', weight: 20, handle: allLists },
];

function placeList(call: AccountCall): unknown {
  const { venue, account, nowMs, params } = call;
  const spec = requiredSymbol(call);
  const list = readNewOrderList(params, { accountId: account.id, instrumentId: spec.id });
  params.finish();
  const { above, below, clientId } = list;
  for (const order of [above, below]) checkNewOrder(call, spec, order);
  const open = ownLists(call).filter(isExecuting(call));
  checkListCount(open.filter((id) => listView(call, id).symbol === spec.symbol).length);
  if (open.some((id) => listView(call, id).listClientOrderId === clientId))
    throw orderRejected('Duplicate order sent.');
  const last = venue.market.use(spec.id).tape.lastPrice;
  if (last !== undefined) checkPrices(list, last);
  venue.limiter.checkOrders(account.id, nowMs);
  // The documentation's examples show the stop first, whichever side it is on.
  const requests = above.request.side === 'sell' ? [below.request, above.request] : [above.request, below.request];
  const [first, second] = requests;
  if (first === undefined || second === undefined) throw new Error('a list has two orders');
  if (first.clientOrderId === second.clientOrderId) throw orderRejected('Duplicate order sent.');
  const result = venue.market.engine.lists.place([first, second], clientId);
  if (!result.ok) throw orderRejected(rejections[result.reason]);
  for (const _ of result.orders) Object.assign(call.headers, venue.limiter.countOrder(account.id, nowMs));
  const responseType = params.has('newOrderRespType') ? above.responseType : 'RESULT';
  const reports = result.orders.map((order) => newOrderView(visibleOrder(order, nowMs), spec.symbol, responseType));
  return { ...listView(call, result.listId), orderReports: reports };
}

function cancelList(call: AccountCall): unknown {
  const { params, venue } = call;
  const spec = requiredSymbol(call);
  const listId = readListReference(call, 'listClientOrderId');
  const cancelId = readClientOrderId(params, 'newClientOrderId') ?? inventClientOrderId();
  params.finish();
  const orders = listId === undefined ? [] : venue.market.engine.lists.of(listId);
  for (const order of orders) letFillFirst(call, order, spec.symbol);
  const order = orders.find(isOpen);
  if (listId === undefined || order?.instrumentId !== spec.id) throw cancelRejected();
  const stored = venue.market.engine.orders.byId(order.id);
  // The fault has had its occasion.
  cancelNow({ ...call, fillFirst: undefined }, stored, { cancelId, restriction: undefined });
  return canceledListView(call, listId, cancelId);
}

function queryList(call: AccountCall): unknown {
  const listId = readListReference(call, 'origClientOrderId');
  call.params.finish();
  if (listId === undefined) throw noSuchOrderList();
  return listView(call, listId);
}

function openLists(call: AccountCall): unknown {
  call.params.finish();
  return ownLists(call)
    .filter(isExecuting(call))
    .map((id) => listView(call, id));
}

function allLists(call: AccountCall): unknown {
  const limit = call.params.limit({ standard: 500, max: 1000 });
  const fromId = call.params.integer('fromId') ?? 0;
  call.params.finish();
  return ownLists(call)
    .filter((id) => id >= fromId)
    .slice(-limit)
    .map((id) => listView(call, id));
}

/** The ids of the account's lists, oldest first. */
function ownLists({ venue, account }: AccountCall): number[] {
  const { lists } = venue.market.engine;
  return [...lists.ids()].filter((id) => lists.of(id)[0]?.accountId === account.id);
}

function isExecuting({ venue }: AccountCall): (listId: number) => boolean {
  return (listId) => venue.market.engine.lists.of(listId).some(isOpen);
}

/** The account's latest list that a request names. @throws BinanceError -1102 when it names none. */
function readListReference(call: AccountCall, clientIdName: string): number | undefined {
  const listId = call.params.integer('orderListId');
  const clientId = call.params.optional(clientIdName);
  if (listId === undefined && clientId === undefined) throw missingEither(clientIdName, 'orderListId');
  return ownLists(call).findLast((id) => {
    const agrees = clientId === undefined || listView(call, id).listClientOrderId === clientId;
    return agrees && (listId === undefined || listId === id);
  });
}
