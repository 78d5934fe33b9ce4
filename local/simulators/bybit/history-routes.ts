/** What became of orders: open ones, past ones, their trades. */
import { type Booking, isOpen, type Order } from '../engine/types.ts';
import { visibleOrder } from '../shared/visible-order.ts';
import type { SymbolSpec } from './catalog.ts';
import { type AccountCall, pageOf, type Route, requiredCategory } from './context.ts';
import { type Category, invalidParameter } from './errors.ts';
import { orderIdOf } from './order-ids.ts';
import { linkIdOf } from './order-links.ts';
import { isInFilter } from './order-routes.ts';
import { executionView, fundingExecutionView, orderView } from './order-view.ts';

const reads = { method: 'GET', access: 'private', permission: 'read', perSecond: 50 } as const;

export const historyRoutes: readonly Route[] = [
  { ...reads, path: '/v5/order/realtime', handle: realtime },
  { ...reads, path: '/v5/order/history', handle: history },
  { ...reads, path: '/v5/execution/list', handle: executions },
];

/** Orders that have ended can be asked for here too, the latest of them. */
const recentClosedMax = 500;
const rangeMs = 7 * 24 * 3_600_000;

interface Listed {
  readonly order: Readonly<Order>;
  readonly spec: SymbolSpec;
}

/** Open orders; with an id, or with `openOnly=1`, also those that ended lately. */
function realtime(call: AccountCall) {
  const { params } = call;
  const category = requiredCategory(params);
  if (category === 'linear') requireScope(call);
  const orders = listOrders(call, category);
  const open = orders.filter(({ order }) => isOpen(order));
  const closed = orders.filter(({ order }) => !isOpen(order)).slice(0, recentClosedMax);
  const chosen = isNamed(call) ? [...open, ...closed] : params.text('openOnly') === '1' ? closed : open;
  const page = pageOf(chosen, params, { standard: 20, max: 50 });
  const list = page.list.map(({ order, spec }) => orderView(order, spec));
  return { category, list, nextPageCursor: page.nextPageCursor };
}

/** Orders that have ended, newest first. */
function history(call: AccountCall) {
  const category = requiredCategory(call.params);
  const { startMs, endMs } = readRange(call);
  const past = listOrders(call, category).filter(({ order }) => {
    const atMs = Math.floor(order.acceptedAtMs);
    return !isOpen(order) && atMs >= startMs && atMs <= endMs;
  });
  const page = pageOf(past, call.params, { standard: 20, max: 50 });
  const list = page.list.map(({ order, spec }) => orderView(order, spec));
  return { category, list, nextPageCursor: page.nextPageCursor };
}

function executions(call: AccountCall) {
  const { params, venue, account } = call;
  const category = requiredCategory(params);
  const { startMs, endMs } = readRange(call);
  const type = params.oneOf('execType', ['Trade', 'Funding', 'AdlTrade', 'BustTrade', 'Settle'] as const);
  const entries: { atMs: number; view: unknown }[] = [];
  if ((type ?? 'Trade') === 'Trade') {
    for (const { order, spec } of listOrders(call, category)) {
      for (const fill of order.fills) entries.push({ atMs: fill.atMs, view: executionView(order, fill, spec) });
    }
  }
  if ((type ?? 'Funding') === 'Funding' && category === 'linear') {
    for (const booking of venue.market.engine.bookings.of(account.id)) {
      const spec = fundedSpec(call, booking);
      if (spec !== undefined) entries.push({ atMs: booking.atMs, view: fundingExecutionView(booking, spec) });
    }
  }
  const within = entries
    .filter(({ atMs }) => Math.floor(atMs) >= startMs && Math.floor(atMs) <= endMs)
    .sort((left, right) => right.atMs - left.atMs);
  const page = pageOf(within, params, { standard: 50, max: 100 });
  return { category, list: page.list.map(({ view }) => view), nextPageCursor: page.nextPageCursor };
}

/** The perpetual of a funding, if the call asks for it. */
function fundedSpec({ venue, params }: AccountCall, { position }: Booking): SymbolSpec | undefined {
  if (position === undefined || params.text('orderId') !== undefined) return undefined;
  const spec = venue.catalog.byInstrument(position.instrumentId);
  return (params.text('symbol') ?? spec.symbol) === spec.symbol ? spec : undefined;
}

/** The account's orders of a category that the call asks for, newest first, without fills that a fault hides. */
function listOrders(call: AccountCall, category: string): Listed[] {
  const { venue, params } = call;
  if (category !== 'spot' && category !== 'linear') return [];
  const filter = params.text('orderFilter') ?? (category === 'spot' && !isNamed(call) ? 'Order' : undefined);
  const listed: Listed[] = [];
  for (const stored of candidates(call, category)) {
    const spec = venue.catalog.byInstrument(stored.instrumentId);
    if (spec.category !== category || !isAskedFor(call, stored, spec)) continue;
    const order = visibleOrder(stored, venue.nowMs());
    if (isInFilter(order, filter)) listed.push({ order, spec });
  }
  return listed.reverse();
}

/** The order that the call names, without looking at all the others; else all of the account. */
function candidates({ venue, account, params }: AccountCall, category: Category): readonly Readonly<Order>[] {
  const { orders } = venue.market.engine;
  const [orderId, linkId] = [params.text('orderId'), params.text('orderLinkId')];
  if (orderId === undefined && linkId === undefined) return orders.of(account.id);
  const id =
    orderId === undefined ? venue.links.find(account.id, category, linkId ?? '') : orderIdOf(category, orderId);
  const order = id === undefined ? undefined : orders.byId(id);
  return order?.accountId === account.id ? [order] : [];
}

function isNamed({ params }: AccountCall): boolean {
  return params.text('orderId') !== undefined || params.text('orderLinkId') !== undefined;
}

function isAskedFor({ params }: AccountCall, order: Readonly<Order>, spec: SymbolSpec): boolean {
  const orderId = params.text('orderId');
  if (orderId !== undefined && orderIdOf(spec.category, orderId) !== order.id) return false;
  const linkId = params.text('orderLinkId');
  return (
    (linkId === undefined || linkIdOf(order) === linkId) &&
    (params.text('symbol') ?? spec.symbol) === spec.symbol &&
    (params.text('baseCoin') ?? spec.base) === spec.base &&
    (params.text('settleCoin') ?? spec.quote) === spec.quote
  );
}

/** Contracts can only be listed within a symbol or a coin. @throws BybitError 10001 */
function requireScope({ params }: AccountCall): void {
  const names = ['symbol', 'baseCoin', 'settleCoin', 'orderId', 'orderLinkId'];
  if (names.every((name) => params.text(name) === undefined)) {
    throw invalidParameter('symbol, baseCoin or settleCoin is required');
  }
}

/** At most seven days; by default the last ones. @throws BybitError 10001 */
function readRange({ params, nowMs }: AccountCall): { startMs: number; endMs: number } {
  const [start, end] = [params.integer('startTime'), params.integer('endTime')];
  const startMs = start ?? (end ?? nowMs) - rangeMs;
  const endMs = end ?? startMs + rangeMs;
  if (startMs > endMs || endMs - startMs > rangeMs)
    throw invalidParameter('endTime - startTime must be at most 7 days');
  return { startMs, endMs: start === undefined && end === undefined ? Number.POSITIVE_INFINITY : endMs };
}
