/** Collects what one command changes: stored first, told afterwards, so nobody hears of what a crash could undo. */
import type { Ledger } from './ledger.ts';
import {
  type EngineStore,
  type StoredBalance,
  type StoredSetting,
  type StoredTimer,
  storedBooking,
  storedOrder,
  storedPosition,
  storedTransfer,
} from './store.ts';
import type { Transfer } from './transfers.ts';
import type { Booking, EngineEvent, Fill, Order, OrderAction, Position } from './types.ts';

export class ChangeLog {
  readonly #ledger: Ledger;
  readonly #store: EngineStore;
  readonly #onEvent: (event: EngineEvent) => void;
  readonly #changed = new Set<Order>();
  readonly #changedPositions = new Set<Position>();
  readonly #changedTransfers = new Set<Transfer>();
  #bookings: Booking[] = [];
  #timers: StoredTimer[] = [];
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

  /** Remembers that an order changed in a way that nobody is told of. */
  keep(order: Order): void {
    this.#changed.add(order);
  }

  notePosition(position: Position): void {
    this.#changedPositions.add(position);
  }

  noteBooking(booking: Booking): void {
    this.#bookings.push(booking);
    this.tell({ type: 'booking', booking });
  }

  noteTransfer(transfer: Transfer): void {
    this.#changedTransfers.add(transfer);
  }

  noteTimer(timer: StoredTimer): void {
    this.#timers.push(timer);
  }

  /** @param settings of positions that changed with it */
  commit(settings: readonly StoredSetting[] = []): void {
    for (const position of this.#changedPositions) this.tell({ type: 'position', position: { ...position } });
    const balances: StoredBalance[] = [];
    for (const [accountId, assets] of this.#ledger.takeTouched()) {
      const entries = [...assets].map((asset) => this.#ledger.entry(accountId, asset));
      this.tell({ type: 'balances', accountId, entries });
      for (const { asset, free, locked } of entries) {
        balances.push({ accountId, asset, free: free.toFixed(), locked: locked.toFixed() });
      }
    }
    const orders = [...this.#changed].map(storedOrder);
    const positions = [...this.#changedPositions].map(storedPosition);
    const bookings = this.#bookings.map(storedBooking);
    const transfers = [...this.#changedTransfers].map(storedTransfer);
    const timers = this.#timers;
    this.#forget();
    if (orders.length + balances.length + settings.length + transfers.length + timers.length > 0) {
      this.#store.append({
        orders,
        balances,
        ...(positions.length > 0 && { positions }),
        ...(bookings.length > 0 && { bookings }),
        ...(transfers.length > 0 && { transfers }),
        ...(timers.length > 0 && { timers }),
        ...(settings.length > 0 && { settings: [...settings] }),
      });
    }
    const events = this.#events;
    this.#events = [];
    for (const event of events) this.#onEvent(event);
  }

  clear(): void {
    this.#forget();
    this.#events = [];
    this.#ledger.takeTouched();
  }

  #forget(): void {
    this.#changed.clear();
    this.#changedPositions.clear();
    this.#changedTransfers.clear();
    this.#bookings = [];
    this.#timers = [];
  }
}
