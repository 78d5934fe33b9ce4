/** Dead man's switches: all orders of an account end at a time, unless somebody moves it in time. */
import type { ChangeLog } from './change-log.ts';
import type { OrderIndex } from './order-index.ts';
import { isOpen } from './types.ts';

export interface CancelTimersOptions {
  orders: OrderIndex;
  changes: ChangeLog;
  cancel(orderId: number): void;
}

export class CancelTimers {
  readonly #options: CancelTimersOptions;
  readonly #deadlinesMs = new Map<string, number>();

  constructor(options: CancelTimersOptions) {
    this.#options = options;
  }

  /** @param atMs by the clock that `fire` is called with; absent takes the switch off */
  set(accountId: string, atMs: number | undefined): void {
    this.restore({ accountId, atMs: atMs ?? null });
    this.#options.changes.noteTimer({ accountId, atMs: atMs ?? null });
    this.#options.changes.commit();
  }

  of(accountId: string): number | undefined {
    return this.#deadlinesMs.get(accountId);
  }

  /** Cancels all orders of the accounts whose time has come, and takes their switches off. */
  fire(nowMs: number): void {
    for (const [accountId, atMs] of [...this.#deadlinesMs]) {
      if (atMs > nowMs) continue;
      this.set(accountId, undefined);
      // Ending one may end another of its list.
      for (const order of this.#options.orders.openOf(accountId)) if (isOpen(order)) this.#options.cancel(order.id);
    }
  }

  restore({ accountId, atMs }: { accountId: string; atMs: number | null }): void {
    if (atMs === null) this.#deadlinesMs.delete(accountId);
    else this.#deadlinesMs.set(accountId, atMs);
  }

  clear(): void {
    this.#deadlinesMs.clear();
  }
}
