/** Every change of a balance that no order explains, in order of time. */
import type { Booking } from './types.ts';

export class Bookings {
  readonly #byAccount = new Map<string, Booking[]>();
  #nextId = 1;

  takeId(): number {
    return this.#nextId++;
  }

  add(booking: Booking): void {
    const bookings = this.#byAccount.get(booking.accountId);
    if (bookings === undefined) this.#byAccount.set(booking.accountId, [booking]);
    else bookings.push(booking);
    this.#nextId = Math.max(this.#nextId, booking.id + 1);
  }

  /** Oldest first. */
  of(accountId: string): readonly Booking[] {
    return this.#byAccount.get(accountId) ?? [];
  }

  clear(): void {
    this.#byAccount.clear();
    this.#nextId = 1;
  }
}
