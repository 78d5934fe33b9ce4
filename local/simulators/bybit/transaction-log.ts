/** Every change of a wallet: trades, funding, transfers, each with the balance it led to. */
import { type Decimal, zero } from '../engine/decimal.ts';
import type { Booking, Fill, Order } from '../engine/types.ts';
import type { SymbolSpec } from './catalog.ts';
import type { BybitVenue } from './context.ts';
import { sideText } from './market-view.ts';
import { executionIdText, orderIdText } from './order-ids.ts';
import { linkIdOf } from './order-links.ts';

export interface LogEntry {
  readonly atMs: number;
  readonly currency: string;
  readonly category: string;
  readonly type: string;
  readonly cashFlow: Decimal;
  readonly funding: Decimal;
  readonly fee: Decimal;
  /** What Bybit says of it besides. */
  readonly details: Readonly<Record<string, string>>;
}

/** Newest first. Balances are worked out backwards from what the account has now. */
export function transactionLog(venue: BybitVenue, accountId: string) {
  const { engine } = venue.market;
  const entries = [
    ...engine.orders.of(accountId).flatMap((order) => {
      const spec = venue.catalog.byInstrument(order.instrumentId);
      return order.fills.flatMap((fill) => tradeEntries(order, fill, spec));
    }),
    ...engine.bookings.of(accountId).map((booking) => bookingEntry(venue, booking)),
  ].sort((left, right) => right.atMs - left.atMs);
  const balances = new Map<string, Decimal>();
  return entries.map((entry) => {
    const { free, locked } = engine.ledger.entry(accountId, entry.currency);
    const balance = balances.get(entry.currency) ?? free.plus(locked);
    const change = entry.cashFlow.plus(entry.funding).minus(entry.fee);
    balances.set(entry.currency, balance.minus(change));
    return { entry, view: entryView(entry, change, balance) };
  });
}

function entryView(entry: LogEntry, change: Decimal, balance: Decimal) {
  return {
    ...{ symbol: '', side: 'None', qty: '0', size: '0', tradePrice: '', feeRate: '', tradeId: '', orderId: '' },
    ...{ orderLinkId: '', transSubType: '', bonusChange: '', extraFees: '' },
    ...entry.details,
    category: entry.category,
    currency: entry.currency,
    type: entry.type,
    transactionTime: String(Math.floor(entry.atMs)),
    cashFlow: entry.cashFlow.toFixed(),
    funding: entry.funding.eq(zero) ? '' : entry.funding.toFixed(),
    fee: entry.fee.toFixed(),
    change: change.toFixed(),
    cashBalance: balance.toFixed(),
  };
}

/** A perpetual's trade moves its settle coin; a spot trade moves both coins, the fee being in the one received. */
function tradeEntries(order: Readonly<Order>, fill: Fill, spec: SymbolSpec): LogEntry[] {
  const shared = { atMs: fill.atMs, category: spec.category, type: 'TRADE', funding: zero };
  const details = {
    id: `${executionIdText(spec.category, fill.tradeId)}-${sideText(order.side)}`,
    symbol: spec.symbol,
    side: sideText(order.side),
    qty: fill.quantity.toFixed(),
    tradePrice: fill.price.toFixed(),
    feeRate: (fill.isMaker ? spec.fees.maker : spec.fees.taker).toFixed(),
    tradeId: executionIdText(spec.category, fill.tradeId),
    orderId: orderIdText(spec.category, order.id),
    orderLinkId: linkIdOf(order),
  };
  if (spec.category === 'linear') {
    return [{ ...shared, details, currency: spec.quote, cashFlow: fill.realized ?? zero, fee: fill.commission }];
  }
  const flows = [
    [spec.base, order.side === 'buy' ? fill.quantity : fill.quantity.neg()],
    [spec.quote, order.side === 'buy' ? fill.quote.neg() : fill.quote],
  ] as const;
  return flows.map(([currency, cashFlow]) => {
    const fee = currency === fill.commissionAsset ? fill.commission : zero;
    return { ...shared, details: { ...details, id: `${details.id}-${currency}` }, currency, cashFlow, fee };
  });
}

function bookingEntry(venue: BybitVenue, booking: Booking): LogEntry {
  const { id, atMs, asset, amount, kind, position } = booking;
  const shared = { atMs, currency: asset, fee: zero };
  if (kind === 'transfer' || position === undefined) {
    const type = amount.gt(zero) ? 'TRANSFER_IN' : 'TRANSFER_OUT';
    return { ...shared, category: '', type, cashFlow: amount, funding: zero, details: { id: `transfer-${id}` } };
  }
  const spec = venue.catalog.byInstrument(position.instrumentId);
  const details = {
    id: `funding-${id}`,
    symbol: spec.symbol,
    side: position.size.gt(zero) ? 'Buy' : 'Sell',
    qty: position.size.abs().toFixed(),
    size: position.size.toFixed(),
    tradePrice: position.price.toFixed(),
    feeRate: position.rate.toFixed(),
  };
  return { ...shared, category: spec.category, type: 'SETTLEMENT', cashFlow: zero, funding: amount, details };
}
