/** What the API shows of the desk's records: the same facts, in words for clients, without what is only bookkeeping. */
import type { Amount, Books, JournalEvent, Order, PositionRow, SignalRecord } from '@nightdesk/core';
import { add, averageEntryOf, averagePrice, currencyOf, isPositive, pnlOf, zeroAmount } from '@nightdesk/core';
import { venuePositionView } from './books-views.ts';

export function orderView(order: Order) {
  const { cost, filled } = order;
  const average = cost !== undefined && isPositive(filled) ? averagePrice(cost, filled) : undefined;
  const fees = feesOf(order);
  return {
    ...order,
    clientOrderId: order.orderId,
    ...(average !== undefined && { averagePrice: average }),
    ...(Object.keys(fees).length > 0 && { fees }),
  };
}

/** What its fills have cost in fees, by asset; below zero is a rebate. */
function feesOf({ fills }: Order): Record<string, Amount> {
  const fees = new Map<string, Amount>();
  for (const { fee } of fills) {
    if (fee !== undefined) fees.set(fee.asset, add(fees.get(fee.asset) ?? zeroAmount, fee.amount));
  }
  return Object.fromEntries(fees);
}

/** Profit is only told where there is a currency that it is in, and open profit where there is a price: see docs/api.md. */
export function positionView(row: PositionRow, books: Books | undefined) {
  const { account, venue, symbol, quantity, unpriced, unpricedClosed, realizedPnl, fees, funding, updatedAtMs } = row;
  const averageEntry = averageEntryOf(row);
  const currency = currencyOf(row);
  const [pnl] = pnlOf(account, [row], { books, days: [] }).positions;
  const atVenue = venuePositionView(symbol, quantity, books);
  return {
    ...{ account, venue, symbol, quantity },
    ...(averageEntry !== undefined && { averageEntry }),
    ...(currency !== undefined && { realizedPnl, currency }),
    ...(pnl?.unrealized !== undefined && { unrealizedPnl: pnl.unrealized }),
    ...(isPositive(unpriced) && { unpriced }),
    ...(isPositive(unpricedClosed) && { unpricedClosed }),
    ...{ fees, ...(funding && { funding }), updatedAtMs },
    ...(atVenue && { atVenue }),
  };
}

/**
 * - `accepted`: no order yet;
 * - `executed`: every account has an order at its venue or a final word about it;
 * - `rejected`: no account has an order, and why is in each order's cause;
 * - `pending`: something is still to be found out.
 */
export function signalView({ signal, duplicateRule }: SignalRecord, orders: readonly Order[]) {
  return {
    signalId: signal.signalId,
    status: signalStatus(signal.accounts.length, orders),
    duplicateRule,
    signal,
    orders: orders.map(orderView),
  };
}

function signalStatus(legs: number, all: readonly Order[]): string {
  // A leg that was handed over is told by the order of the account that has it now.
  const orders = all.filter(({ failedOverTo }) => failedOverTo === undefined);
  if (orders.length < legs && all.length > orders.length) return 'pending';
  if (orders.length === 0) return 'accepted';
  if (orders.length < legs || orders.some(({ state }) => state === 'intended' || state === 'unknown')) return 'pending';
  const refused = orders.every(({ state }) => state === 'denied' || state === 'rejected' || state === 'not_placed');
  return refused ? 'rejected' : 'executed';
}

export function eventView({ stream, sequence, type, atMs, data, prevHash, hash }: JournalEvent) {
  return { stream, sequence, type, atMs, data, prevHash, hash };
}
