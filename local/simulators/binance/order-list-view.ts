/** Order lists as Binance's answers and streams show them. */
import type { SeededVenue } from '../engine/seeded-venue.ts';
import { isOpen, type Order } from '../engine/types.ts';
import { visibleOrder } from '../shared/visible-order.ts';
import type { Catalog } from './catalog.ts';
import { canceledOrderView } from './order-view.ts';

interface ListSource {
  readonly venue: { readonly market: SeededVenue; readonly catalog: Catalog };
  readonly nowMs: number;
}

/** A list as queries show it. @throws Error when there is none: ask first. */
export function listView({ venue }: Pick<ListSource, 'venue'>, listId: number) {
  const orders = venue.market.engine.lists.of(listId);
  const [first] = orders;
  if (first?.list === undefined) throw new Error(`there is no list ${listId}`);
  const { symbol } = venue.catalog.byInstrument(first.instrumentId);
  const executing = orders.some(isOpen);
  return {
    orderListId: listId,
    contingencyType: 'OCO',
    listStatusType: executing ? 'EXEC_STARTED' : 'ALL_DONE',
    listOrderStatus: executing ? 'EXECUTING' : 'ALL_DONE',
    listClientOrderId: first.list.clientId,
    transactionTime: Math.floor(
      Math.max(...orders.map((order) => (executing ? order.acceptedAtMs : order.updatedAtMs))),
    ),
    symbol,
    orders: orders.map(({ id, clientOrderId }) => ({ symbol, orderId: id, clientOrderId })),
  };
}

/** A list whose orders were canceled, by a request with the given id. */
export function canceledListView(source: ListSource, listId: number, cancelId: string) {
  const view = listView(source, listId);
  const orders = source.venue.market.engine.lists.of(listId);
  const reports = orders.map((order) => canceledOrderView(visibleOrder(order, source.nowMs), view.symbol, cancelId));
  return { ...view, orderReports: reports };
}

/** The user data stream's `listStatus`. */
export function listStatusEvent(orders: readonly Readonly<Order>[], symbol: string, eventMs: number) {
  const [first] = orders;
  const executing = orders.some(isOpen);
  return {
    e: 'listStatus',
    E: eventMs,
    s: symbol,
    g: first?.list?.id ?? -1,
    c: 'OCO',
    l: executing ? 'EXEC_STARTED' : 'ALL_DONE',
    L: executing ? 'EXECUTING' : 'ALL_DONE',
    r: 'NONE',
    C: first?.list?.clientId ?? '',
    T: eventMs,
    O: orders.map(({ id, clientOrderId }) => ({ s: symbol, i: id, c: clientOrderId })),
  };
}
