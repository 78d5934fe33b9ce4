/** Collects what one command changes: stored first, told afterwards, so nobody hears of what a crash could undo. */
import type { Ledger } from './ledger.ts';
import { type EngineStore, type StoredBalance, storedOrder } from './store.ts';
import type { EngineEvent, Fill, Order, OrderAction } from './types.ts';

export class ChangeLog {
  readonly #ledger: Ledger;
  readonly #store: EngineStore;
  readonly #onEvent: (event: EngineEvent) => void;
  readonly #changed = new Set<Order>();
  #events: EngineEvent[] = [];

  constructor(options: { ledger: Ledger; store: EngineStore; onEvent(event: EngineEvent): void }) {
    this.#ledger = options.ledger;
    this.#store = options.store;
    this.#onEvent = options.onEvent;
  }

  tell(event: EngineEvent): void {
    this.#events.push(event);
  }

  /** Remembers that an order changed, and the order as it is now. */
  note(action: OrderAction, order: Order, fill?: Fill): void {
    this.#changed.add(order);
    this.tell({ type: 'order', action, order: { ...order }, ...(fill && { fill }) });
  }

  commit(): void {
    const balances: StoredBalance[] = [];
    for (const [accountId, assets] of this.#ledger.takeTouched()) {
      const entries = [...assets].map((asset) => this.#ledger.entry(accountId, asset));
      this.tell({ type: 'balances', accountId, entries });
      for (const { asset, free, locked } of entries) {
        balances.push({ accountId, asset, free: free.toFixed(), locked: locked.toFixed() });
      }
    }
    const orders = [...this.#changed].map(storedOrder);
    this.#changed.clear();
    if (orders.length > 0 || balances.length > 0) this.#store.append({ orders, balances });
    const events = this.#events;
    this.#events = [];
    for (const event of events) this.#onEvent(event);
  }

  clear(): void {
    this.#changed.clear();
    this.#events = [];
    this.#ledger.takeTouched();
  }
}
