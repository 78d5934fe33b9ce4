/**
 * Kraken's channel `executions` (https://docs.kraken.com/exchange/api-reference/spot-websocket-v2/executions): one thing that
 * happened may be several reports, of the order and of the trade, and what was told before is not told again, not even the pair.
 * ccxt reads a message as all orders or all trades by its first report, and takes a user's number for the client's id; so it is read here.
 */
import {
  type AccountReading,
  type AccountStreamTraits,
  isRaw,
  type Raw,
  type ReadMessage,
  rawsOf,
} from './account-reading.ts';

/** Orders of which the first report is remembered. */
const ordersMax = 2_000;

/** Kraken's words for what an order is, in ccxt's. */
const statuses: Readonly<Record<string, string>> = {
  pending_new: 'open',
  new: 'open',
  partially_filled: 'open',
  filled: 'closed',
  canceled: 'canceled',
  expired: 'expired',
};

/** Numbers come as numbers here, and texts are what mappers read. */
const textOf = (value: unknown): unknown => (typeof value === 'number' ? String(value) : value);

const timeOf = (value: unknown): number | undefined =>
  typeof value === 'string' && Number.isFinite(Date.parse(value)) ? Date.parse(value) : undefined;

function openReader(): ReadMessage {
  const reports = new Map<string, Raw>();
  const complete = (report: Raw): Raw => {
    const id = String(report.order_id);
    const whole = { ...reports.get(id), ...report };
    reports.delete(id);
    reports.set(id, whole);
    const [oldest] = reports.keys();
    if (reports.size > ordersMax && oldest !== undefined) reports.delete(oldest);
    return whole;
  };
  return ({ channel, type, data }) => {
    if (channel !== 'executions') return undefined;
    const all = rawsOf(data);
    // The trades of a snapshot are the past, and what they say of their orders is not how those are now.
    const isPast = (report: Raw) => type === 'snapshot' && report.exec_type === 'trade';
    const wholes = all.map((report) => (isPast(report) ? report : complete(report)));
    return {
      // Of an order that this account's connections have never been told whole, only the trades can be told.
      orders: wholes.filter((report) => !isPast(report) && report.symbol !== undefined).map(orderOf),
      trades: wholes.filter((_, index) => all[index]?.exec_type === 'trade').map(tradeOf),
    } satisfies AccountReading;
  };
}

function orderOf(report: Raw): Raw {
  const { triggers } = report;
  const trigger = isRaw(triggers) && triggers.price_type === 'static' ? triggers.price : undefined;
  return {
    id: report.order_id,
    clientOrderId: report.cl_ord_id,
    symbol: report.symbol,
    status: statuses[String(report.order_status)] ?? report.order_status,
    type: report.order_type,
    side: report.side,
    amount: textOf(report.order_qty),
    filled: textOf(report.cum_qty),
    cost: textOf(report.cum_cost),
    price: textOf(report.limit_price),
    triggerPrice: textOf(trigger),
    lastUpdateTimestamp: timeOf(report.timestamp),
  };
}

/** `exec_id` is the id that a trade has when it is asked for; `trade_id` is the pair's number of it. */
function tradeOf(report: Raw): Raw {
  const [fee] = rawsOf(report.fees);
  return {
    id: report.exec_id,
    order: report.order_id,
    clientOrderId: report.cl_ord_id,
    symbol: report.symbol,
    price: textOf(report.last_price),
    amount: textOf(report.last_qty),
    timestamp: timeOf(report.timestamp),
    ...(fee !== undefined && { fee: { currency: fee.asset, cost: textOf(fee.qty) } }),
  };
}

export const krakenAccount: AccountStreamTraits = {
  openReader,
  // Open orders, and the latest trades: those of a time without a connection as well.
  ordersWatch: { method: 'watchMyTrades', parameters: { snap_orders: true } },
  isAcknowledgement: ({ method, success }) => method === 'subscribe' && success === true,
  acknowledgementsOf: (watches) => watches.length,
  isCostExact: () => true,
};
