/** Coins that customers bring in and take out, each with what has become of it. */
import type { Bookings } from './bookings.ts';
import type { ChangeLog } from './change-log.ts';
import type { Decimal } from './decimal.ts';
import type { Ledger } from './ledger.ts';
import type { Booking } from './types.ts';

export type TransferStatus = 'pending' | 'done' | 'failed';

export interface Transfer {
  readonly id: number;
  readonly accountId: string;
  readonly direction: 'in' | 'out';
  readonly asset: string;
  /** What arrives at the other end. */
  readonly amount: Decimal;
  /** Taken off beside the amount on the way out; there is none on the way in. */
  readonly fee: Decimal;
  status: TransferStatus;
  readonly atMs: number;
  updatedAtMs: number;
}

export interface TransferRequest extends Pick<Transfer, 'accountId' | 'direction' | 'asset' | 'amount' | 'fee'> {
  readonly status: 'pending' | 'done';
}

export interface TransfersOptions {
  ledger: Ledger;
  bookings: Bookings;
  changes: ChangeLog;
  nowMs(): number;
}

/** A deposit counts once it is done; what is withdrawn is gone at once, and back when that fails. */
export class Transfers {
  readonly #options: TransfersOptions;
  readonly #byId = new Map<number, Transfer>();
  #nextId = 1;

  constructor(options: TransfersOptions) {
    this.#options = options;
  }

  /** @throws Error when more is withdrawn than is free: ask first. */
  begin(request: TransferRequest): Readonly<Transfer> {
    const atMs = this.#options.nowMs();
    const transfer: Transfer = { ...request, id: this.#nextId, atMs, updatedAtMs: atMs };
    if (transfer.direction === 'out') this.#book(transfer, transfer.amount.plus(transfer.fee).neg());
    else if (transfer.status === 'done') this.#book(transfer, transfer.amount);
    this.#nextId += 1;
    this.#byId.set(transfer.id, transfer);
    this.#commit(transfer);
    return transfer;
  }

  /** Ends a transfer. @throws Error when it is not pending: ask first. */
  settle(id: number, status: 'done' | 'failed'): Readonly<Transfer> {
    const transfer = this.#byId.get(id);
    if (transfer?.status !== 'pending') throw new Error(`transfer ${id} is not pending`);
    transfer.status = status;
    transfer.updatedAtMs = this.#options.nowMs();
    if (transfer.direction === 'in' && status === 'done') this.#book(transfer, transfer.amount);
    if (transfer.direction === 'out' && status === 'failed') this.#book(transfer, transfer.amount.plus(transfer.fee));
    this.#commit(transfer);
    return transfer;
  }

  /** Gives an account coins (or takes them) that no history of transfers shows, as those it starts with. */
  grant(accountId: string, asset: string, delta: Decimal): void {
    this.#book({ accountId, asset }, delta);
    this.#options.changes.commit();
  }

  byId(id: number): Readonly<Transfer> | undefined {
    return this.#byId.get(id);
  }

  /** Oldest first. */
  of(accountId: string): Readonly<Transfer>[] {
    return [...this.#byId.values()].filter((transfer) => transfer.accountId === accountId);
  }

  /** Puts a stored transfer back. */
  restore(transfer: Transfer): void {
    this.#byId.set(transfer.id, transfer);
    this.#nextId = Math.max(this.#nextId, transfer.id + 1);
  }

  clear(): void {
    this.#byId.clear();
    this.#nextId = 1;
  }

  #book({ accountId, asset }: Pick<Transfer, 'accountId' | 'asset'>, delta: Decimal): void {
    const { ledger, bookings, changes, nowMs } = this.#options;
    ledger.credit(accountId, asset, delta);
    changes.tell({ type: 'transfer', accountId, asset, delta });
    const booking: Booking = {
      id: bookings.takeId(),
      accountId,
      asset,
      kind: 'transfer',
      amount: delta,
      atMs: nowMs(),
    };
    bookings.add(booking);
    changes.noteBooking(booking);
  }

  #commit(transfer: Transfer): void {
    this.#options.changes.noteTransfer(transfer);
    this.#options.changes.commit();
  }
}
