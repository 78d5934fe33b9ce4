/** What the API shows of the desk's records: the same facts, in words for clients, without what is only bookkeeping. */
import type { JournalEvent, Order, RiskLimits, RiskState, SignalRecord } from '@nightdesk/core';
import { averagePrice, isPositive } from '@nightdesk/core';

export function orderView(order: Order) {
  const { cost, filled } = order;
  const average = cost !== undefined && isPositive(filled) ? averagePrice(cost, filled) : undefined;
  return { ...order, clientOrderId: order.orderId, ...(average !== undefined && { averagePrice: average }) };
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

export function riskView(account: string, row: RiskState | undefined, limits: RiskLimits | undefined) {
  if (row === undefined) return { account, state: 'not_set', ...(limits && { limits }) };
  const { state, reason, by, reserved, updatedAtMs } = row;
  return { account, state, reason, by, updatedAtMs, ...(limits && { reserved, limits }) };
}
