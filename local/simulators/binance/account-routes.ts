/** What an account may ask about itself: orders, trades, balances, permissions. */
import { fixed, zero } from '../engine/decimal.ts';
import type { Order } from '../engine/types.ts';
import { visibleOrder, visiblyOpen } from '../shared/visible-order.ts';
import { uidOf } from './accounts.ts';
import { type AccountCall, findSymbol, type Route, requiredSymbol } from './context.ts';
import { intervalTooBig, invalidListenKey } from './errors.ts';
import { rateLimitList } from './limits.ts';
import { readOrderReference, requireOrder } from './order-routes.ts';
import { ownTradeView, queriedOrderView } from './order-view.ts';
import type { Params } from './params.ts';

const dayMs = 24 * 3_600_000;
const feeRate = '0.00100000';

const read = { security: 'signed', permission: 'read' } as const;
const keyed = { security: 'key', permission: 'read' } as const;

export const accountRoutes: readonly Route[] = [
  { ...read, method: 'GET', path: '/api/v3/order', weight: 4, handle: queryOrder },
  { ...read, method: 'GET', path: '/api/v3/openOrders', weight: openOrdersWeight, handle: openOrders },
  { ...read, method: 'GET', path: '/api/v3/allOrders', weight: 20, handle: allOrders },
  { ...read, method: 'GET', path: '/api/v3/myTrades', weight: tradesWeight, handle: myTrades },
  { ...read, method: 'GET', path: '/api/v3/account', weight: 20, handle: accountInformation },
  { ...read, method: 'GET', path: '/api/v3/rateLimit/order', weight: 40, handle: orderLimits },
  { ...read, method: 'GET', path: '/sapi/v1/account/apiRestrictions', weight: 1, handle: keyRestrictions },
  { ...read, method: 'GET', path: '/sapi/v1/capital/config/getall', weight: 10, handle: coins },
  { ...read, method: 'GET', path: '/sapi/v1/asset/tradeFee', weight: 1, handle: tradeFees },
  // Margin is not traded here; ccxt asks all the same when it loads the markets.
  { ...keyed, method: 'GET', path: '/sapi/v1/margin/allPairs', weight: 1, handle: () => [] },
  { ...keyed, method: 'GET', path: '/sapi/v1/margin/isolated/allPairs', weight: 10, handle: () => [] },
  { ...keyed, method: 'POST', path: '/api/v3/userDataStream', weight: 2, handle: startStream },
  { ...keyed, method: 'PUT', path: '/api/v3/userDataStream', weight: 2, handle: keepStream },
  { ...keyed, method: 'DELETE', path: '/api/v3/userDataStream', weight: 2, handle: closeStream },
];

function openOrdersWeight(params: Params): number {
  return params.has('symbol') ? 6 : 80;
}

function tradesWeight(params: Params): number {
  return params.has('orderId') ? 5 : 20;
}

function queryOrder(call: AccountCall): unknown {
  const spec = requiredSymbol(call);
  const order = requireOrder(readOrderReference(call, spec, { id: 'orderId', clientId: 'origClientOrderId' }));
  call.params.finish();
  return queriedOrderView(visibleOrder(order, call.nowMs), spec.symbol);
}

function openOrders(call: AccountCall): unknown {
  const symbol = call.params.optional('symbol');
  const spec = symbol === undefined ? undefined : findSymbol(call, symbol);
  call.params.finish();
  const asked = ownOrders(call).filter((order) => spec === undefined || order.instrumentId === spec.id);
  return visiblyOpen(asked, call.nowMs).map((order) =>
    queriedOrderView(order, call.venue.catalog.byInstrument(order.instrumentId).symbol),
  );
}

function ownOrders(call: AccountCall): readonly Order[] {
  return call.venue.market.engine.orders.of(call.account.id);
}

/** @throws BinanceError -1127 when the span is longer than a day. */
function readTimeSpan(call: AccountCall): { startMs: number | undefined; endMs: number | undefined } {
  const startMs = call.params.integer('startTime');
  const endMs = call.params.integer('endTime');
  if (startMs !== undefined && endMs !== undefined && endMs - startMs > dayMs) throw intervalTooBig(24);
  return { startMs, endMs };
}

function allOrders(call: AccountCall): unknown {
  const spec = requiredSymbol(call);
  const fromOrderId = call.params.integer('orderId');
  const { startMs = 0, endMs = Number.POSITIVE_INFINITY } = readTimeSpan(call);
  const limit = call.params.limit({ standard: 500, max: 1000 });
  const oldestFirst = fromOrderId !== undefined || call.params.has('startTime');
  call.params.finish();
  const found = ownOrders(call).filter((order) => {
    const atMs = Math.floor(order.acceptedAtMs);
    return order.instrumentId === spec.id && order.id >= (fromOrderId ?? 0) && atMs >= startMs && atMs <= endMs;
  });
  const page = oldestFirst ? found.slice(0, limit) : found.slice(-limit);
  return page.map((order) => queriedOrderView(visibleOrder(order, call.nowMs), spec.symbol));
}

function myTrades(call: AccountCall): unknown {
  const spec = requiredSymbol(call);
  const orderId = call.params.integer('orderId');
  const fromId = call.params.integer('fromId');
  const { startMs = 0, endMs = Number.POSITIVE_INFINITY } = readTimeSpan(call);
  const limit = call.params.limit({ standard: 500, max: 1000 });
  const oldestFirst = fromId !== undefined || call.params.has('startTime');
  call.params.finish();
  const trades = ownOrders(call)
    .filter((order) => order.instrumentId === spec.id && (orderId === undefined || order.id === orderId))
    .map((order) => visibleOrder(order, call.nowMs))
    .flatMap((order) => order.fills.map((fill) => ownTradeView(order, fill, spec.symbol)))
    .filter(({ id, time }) => id >= (fromId ?? 0) && time >= startMs && time <= endMs)
    .sort((left, right) => left.id - right.id);
  return oldestFirst ? trades.slice(0, limit) : trades.slice(-limit);
}

function accountInformation(call: AccountCall): unknown {
  const omitZero = call.params.flag('omitZeroBalances');
  call.params.finish();
  const { engine } = call.venue.market;
  const balances = engine.ledger
    .balancesOf(call.account.id)
    .filter(({ free, locked }) => !omitZero || free.plus(locked).gt(zero))
    .map(({ asset, free, locked }) => ({ asset, free: fixed(free), locked: fixed(locked) }));
  return {
    makerCommission: 10,
    takerCommission: 10,
    buyerCommission: 0,
    sellerCommission: 0,
    commissionRates: { maker: feeRate, taker: feeRate, buyer: '0.00000000', seller: '0.00000000' },
    canTrade: call.account.permissions.has('trade'),
    canWithdraw: call.account.permissions.has('withdraw'),
    canDeposit: true,
    brokered: false,
    requireSelfTradePrevention: false,
    preventSor: false,
    updateTime: call.nowMs,
    accountType: 'SPOT',
    balances,
    permissions: ['SPOT'],
    uid: uidOf(call.account),
  };
}

function orderLimits(call: AccountCall): unknown {
  call.params.finish();
  const { limits, limiter } = call.venue;
  const counts = limiter.orderCounts(call.account.id, call.nowMs);
  return rateLimitList(limits)
    .filter(({ rateLimitType }) => rateLimitType === 'ORDERS')
    .map((limit) => ({ ...limit, count: limit.interval === 'DAY' ? counts.day : counts.tenSeconds }));
}

const keyCreatedMs = Date.UTC(2025, 0, 1);

function keyRestrictions(call: AccountCall): unknown {
  call.params.finish();
  const { permissions, allowedAddresses } = call.account;
  return {
    ipRestrict: allowedAddresses !== undefined,
    createTime: keyCreatedMs,
    enableReading: permissions.has('read'),
    enableWithdrawals: permissions.has('withdraw'),
    enableInternalTransfer: permissions.has('internal-transfer'),
    enableMargin: permissions.has('margin'),
    enableFutures: permissions.has('futures'),
    permitsUniversalTransfer: false,
    enableVanillaOptions: false,
    enableFixApiTrade: false,
    enableFixReadOnly: false,
    enableSpotAndMarginTrading: permissions.has('trade'),
    enablePortfolioMarginTrading: false,
  };
}

function tradeFees(call: AccountCall): unknown {
  const symbol = call.params.optional('symbol');
  call.params.finish();
  const specs = symbol === undefined ? call.venue.catalog.list('spot') : [findSymbol(call, symbol)];
  return specs.map((spec) => ({ symbol: spec.symbol, makerCommission: feeRate, takerCommission: feeRate }));
}

function coins(call: AccountCall): unknown {
  call.params.finish();
  const { ledger } = call.venue.market.engine;
  return call.venue.catalog.assets().map((coin) => {
    const { free, locked } = ledger.entry(call.account.id, coin);
    return {
      coin,
      depositAllEnable: true,
      withdrawAllEnable: true,
      name: coin,
      free: fixed(free),
      locked: fixed(locked),
      freeze: '0',
      withdrawing: '0',
      ipoing: '0',
      ipoable: '0',
      storage: '0',
      isLegalMoney: ['EUR', 'TRY', 'BRL', 'JPY'].includes(coin),
      trading: true,
      networkList: [],
    };
  });
}

function startStream(call: AccountCall): unknown {
  call.params.finish();
  return { listenKey: call.venue.userStreams.createListenKey(call.account.id) };
}

function keepStream(call: AccountCall): unknown {
  const listenKey = call.params.required('listenKey');
  call.params.finish();
  if (!call.venue.userStreams.keepListenKey(listenKey, call.account.id)) throw invalidListenKey();
  return {};
}

function closeStream(call: AccountCall): unknown {
  const listenKey = call.params.required('listenKey');
  call.params.finish();
  if (!call.venue.userStreams.closeListenKey(listenKey, call.account.id)) throw invalidListenKey();
  return {};
}
