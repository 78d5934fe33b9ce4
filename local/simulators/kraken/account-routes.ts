/** What an account may ask about itself: orders, trades, balances, its key. */
import { balanceDecimals, type Decimal, decimalOfStatistic } from '../engine/decimal.ts';
import { isOpen, type Order } from '../engine/types.ts';
import { visibleOrder, visiblyOpen } from '../shared/visible-order.ts';
import { namesOf } from './catalog.ts';
import type { AccountCall, KrakenVenue, PrivateRoute } from './context.ts';
import { invalidArguments, invalidOrder } from './errors.ts';
import { type HistoryEntry, pageOf } from './history-page.ts';
import { orderView, tradeView } from './order-view.ts';
import { tokenSeconds } from './socket-tokens.ts';
import { isTxid, orderIdOf, orderTxid, tradeTxid } from './txid.ts';
import { quoteAssets } from './well-known-pairs.ts';

const queriedMax = 50;
/** What a trade or closed order of the past adds to the call counter, against one for anything else. */
const historyPoints = 2;
const keyCreatedMs = Date.UTC(2025, 0, 1);

const funds = { permissions: ['query-funds'], points: 1 } as const;
const openTrades = { permissions: ['query-open-trades'], points: 1 } as const;
const closedTrades = { permissions: ['query-closed-trades'], points: 1 } as const;
const anyTrades = { permissions: ['query-open-trades', 'query-closed-trades'], points: 1 } as const;

export const accountRoutes: readonly PrivateRoute[] = [
  { ...funds, name: 'Balance', handle: balances },
  { ...funds, name: 'BalanceEx', handle: extendedBalances },
  { ...funds, name: 'TradeBalance', handle: tradeBalance },
  { ...openTrades, name: 'OpenOrders', handle: openOrders },
  { ...closedTrades, name: 'ClosedOrders', handle: closedOrders },
  { ...anyTrades, name: 'QueryOrders', handle: queryOrders },
  { ...anyTrades, points: historyPoints, name: 'TradesHistory', handle: tradesHistory },
  { ...anyTrades, points: historyPoints, name: 'QueryTrades', handle: queryTrades },
  { ...openTrades, name: 'OpenPositions', handle: () => ({}) },
  { permissions: [], points: 1, name: 'GetApiKeyInfo', handle: keyInformation },
  { permissions: ['access-websockets-api'], points: 1, name: 'GetWebSocketsToken', handle: socketToken },
];

/** At least as many decimals as the ledger keeps. */
function balanceText(code: string, amount: Decimal): string {
  return amount.toFixed(Math.max(namesOf(code).decimals, balanceDecimals));
}

function entriesOf({ venue, account }: AccountCall) {
  return venue.market.engine.ledger.balancesOf(account.id);
}

function balances(call: AccountCall): unknown {
  return Object.fromEntries(
    entriesOf(call).map(({ asset, free, locked }) => [namesOf(asset).id, balanceText(asset, free.plus(locked))]),
  );
}

function extendedBalances(call: AccountCall): unknown {
  return Object.fromEntries(
    entriesOf(call).map(({ asset, free, locked }) => {
      const amounts = { balance: balanceText(asset, free.plus(locked)), hold_trade: balanceText(asset, locked) };
      return [namesOf(asset).id, amounts];
    }),
  );
}

/** Worth of all balances in dollars. Without margin most of the figures are the same or nothing. */
function tradeBalance(call: AccountCall): unknown {
  const worth = entriesOf(call).reduce(
    (sum, { asset, free, locked }) =>
      sum + Number(free.plus(locked).toFixed()) * usdPrice(call.venue, asset, call.nowMs),
    0,
  );
  const [all, none] = [decimalOfStatistic(worth, 4).toFixed(4), '0.0000'];
  return { eb: all, tb: all, m: none, uv: none, n: none, c: none, v: none, e: all, mf: all };
}

function usdPrice({ catalog, market }: KrakenVenue, code: string, nowMs: number): number {
  const fixedWorth = quoteAssets[code]?.usd;
  const spec = catalog.bySocketSymbol(`${code}/USD`);
  return spec === undefined ? (fixedWorth ?? 0) : market.candleSource(spec.id).path(nowMs);
}

/** The account's orders as they look now, newest first. */
function ownOrders({ venue, account, nowMs }: AccountCall): Readonly<Order>[] {
  return venue.market.engine.orders
    .of(account.id)
    .map((order) => visibleOrder(order, nowMs))
    .reverse();
}

/** Narrowed to a customer's own id or reference, where the request names one. */
function matching(call: AccountCall, orders: readonly Readonly<Order>[]): Readonly<Order>[] {
  const clientOrderId = call.params.text('cl_ord_id');
  const userReference = call.params.integer('userref');
  return orders.filter(({ attributes }) => {
    if (clientOrderId !== undefined && attributes.clientOrderId !== clientOrderId) return false;
    return userReference === undefined || attributes.userReference === String(userReference);
  });
}

function viewOf(call: AccountCall, order: Readonly<Order>) {
  const spec = call.venue.catalog.byInstrument(order.instrumentId);
  return orderView(order, spec, { withTrades: call.params.flag('trades') });
}

function openOrders(call: AccountCall): unknown {
  const orders = visiblyOpen(call.venue.market.engine.orders.of(call.account.id), call.nowMs).reverse();
  const open = matching(call, orders).map((order) => [orderTxid(order.id), viewOf(call, order)]);
  return { open: Object.fromEntries(open) };
}

function closedOrders(call: AccountCall): unknown {
  const which = call.params.text('closetime') ?? 'both';
  if (which !== 'open' && which !== 'close' && which !== 'both') throw invalidArguments('closetime');
  const closed = matching(call, ownOrders(call)).filter((order) => !isOpen(order));
  const entries = closed.map((order): HistoryEntry<unknown> => {
    const { acceptedAtMs, updatedAtMs } = order;
    const timesMs = { open: [acceptedAtMs], close: [updatedAtMs], both: [updatedAtMs, acceptedAtMs] }[which];
    return { txid: orderTxid(order.id), timesMs, view: () => viewOf(call, order) };
  });
  const page = pageOf(call, entries);
  return { closed: page.entries, count: page.count };
}

/** @throws KrakenError when there are none, too many, or one that is no transaction id. */
function requiredTxids({ params }: AccountCall): string[] {
  params.required('txid');
  const txids = params.list('txid');
  if (txids.length > queriedMax) throw invalidArguments('txid');
  if (!txids.every(isTxid)) throw invalidOrder();
  return txids;
}

/** Ids that no order has are left out of the answer. */
function queryOrders(call: AccountCall): unknown {
  const orderIds = requiredTxids(call).map(orderIdOf);
  const found = matching(call, ownOrders(call)).filter(({ id }) => orderIds.includes(id));
  return Object.fromEntries(found.map((order) => [orderTxid(order.id), viewOf(call, order)]));
}

/** All trades of the account, newest first. */
function tradeEntries(call: AccountCall): HistoryEntry<unknown>[] {
  return ownOrders(call)
    .flatMap((order) => order.fills.map((fill) => ({ order, fill })))
    .sort((left, right) => right.fill.atMs - left.fill.atMs)
    .map(({ order, fill }) => ({
      txid: tradeTxid(order.id, fill.tradeId),
      timesMs: [fill.atMs],
      view: () => tradeView(order, fill, call.venue.catalog.byInstrument(order.instrumentId)),
    }));
}

function tradesHistory(call: AccountCall): unknown {
  const type = call.params.text('type') ?? 'all';
  // Trades that belong to positions, of which there are none here.
  const entries = type === 'all' || type === 'no position' ? tradeEntries(call) : [];
  const page = pageOf(call, entries);
  return { trades: page.entries, count: page.count };
}

function queryTrades(call: AccountCall): unknown {
  const txids = new Set(requiredTxids(call));
  const found = tradeEntries(call).filter(({ txid }) => txids.has(txid));
  return Object.fromEntries(found.map((entry) => [entry.txid, entry.view()]));
}

function keyInformation({ venue, account, nowMs }: AccountCall): unknown {
  const nonces = venue.accounts.noncesOf(account);
  const createdTime = String(keyCreatedMs / 1000);
  return {
    apiKeyName: account.id,
    apiKey: account.apiKey,
    nonce: String(nonces.highest),
    nonceWindow: nonces.size,
    permissions: [...account.permissions],
    iban: `AA${String(account.index).padStart(2, '0')} N84G SIMU LATE`,
    validUntil: '0',
    queryFrom: '0',
    queryTo: '0',
    createdTime,
    modifiedTime: createdTime,
    ipAllowlist: account.allowedAddresses ?? [],
    lastUsed: String(Math.floor(nowMs / 1000)),
  };
}

function socketToken({ venue, account, nowMs }: AccountCall): unknown {
  return { token: venue.tokens.create(account.id, nowMs), expires: tokenSeconds };
}
