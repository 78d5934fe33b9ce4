/** Puts what was stored back where it belongs. */
import type { Bookings } from './bookings.ts';
import type { CancelTimers } from './cancel-timers.ts';
import type { Ledger } from './ledger.ts';
import type { OrderIndex } from './order-index.ts';
import type { PositionBook } from './position-book.ts';
import { restoredBooking, restoredOrder, restoredPosition, restoredTransfer, type StoreRecord } from './store.ts';
import type { Transfers } from './transfers.ts';

export interface RestoreTarget {
  ledger: Ledger;
  orders: OrderIndex;
  positions: PositionBook;
  bookings: Bookings;
  transfers: Transfers;
  cancelTimers: CancelTimers;
}

export function restoreInto(target: RestoreTarget, record: StoreRecord): void {
  const { ledger, orders, positions, bookings, transfers, cancelTimers } = target;
  for (const { accountId, asset, free, locked } of record.balances) ledger.restore(accountId, asset, { free, locked });
  for (const stored of record.orders.toSorted((left, right) => left.id - right.id)) orders.add(restoredOrder(stored));
  for (const stored of record.positions ?? []) positions.restore(restoredPosition(stored));
  for (const stored of record.bookings ?? []) bookings.add(restoredBooking(stored));
  for (const stored of record.transfers ?? []) transfers.restore(restoredTransfer(stored));
  for (const stored of record.timers ?? []) cancelTimers.restore(stored);
  for (const stored of record.settings ?? []) positions.settings.restore(stored);
}
