/**
 * What was sent within the last so many milliseconds, counted exactly: no span of that length ever holds more than the
 * limit, wherever it begins. That is stricter than any venue counts, and a burst still goes out at once.
 *
 * ccxt's own two limiters cannot be used. Its leaky bucket refills only while calls are waiting, so that every call, even
 * the first after a minute of silence, waits for the one before. Its rolling window adds costs up as texts once numbers are
 * texts (`"00.20.2"`), and both wait without a bound.
 */
import { unitTolerance } from './request-cost.ts';

export class SentWindow {
  readonly #windowMs: number;
  readonly #sent: { atMs: number; units: number }[] = [];
  /** The units in `#sent` together, kept up to date because thousands may be in one window. */
  #used = 0;
  #lastAtMs = Number.NEGATIVE_INFINITY;

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  /** Milliseconds until a request may go that brings the use to no more than `unitsMax`; one larger than that goes alone. */
  delayMs(units: number, unitsMax: number, nowMs: number): number {
    this.#forget(nowMs - this.#windowMs);
    let used = this.#used;
    let atMs = nowMs;
    for (const entry of this.#sent) {
      if (used + units <= unitsMax + unitTolerance) break;
      used -= entry.units;
      atMs = entry.atMs + this.#windowMs;
    }
    return atMs - nowMs;
  }

  /** Milliseconds until nothing was sent for so long, which may be longer than the window. */
  silenceMs(lastingMs: number, nowMs: number): number {
    return Math.max(0, this.#lastAtMs + lastingMs - nowMs);
  }

  add(units: number, nowMs: number): void {
    this.#lastAtMs = nowMs;
    this.#sent.push({ atMs: nowMs, units });
    this.#used += units;
  }

  /** Drops what was sent at or before a time. */
  #forget(untilMs: number): void {
    const kept = this.#sent.findIndex(({ atMs }) => atMs > untilMs);
    const gone = this.#sent.splice(0, kept === -1 ? this.#sent.length : kept);
    for (const { units } of gone) this.#used -= units;
    // What rounding left over must not add up over the life of a sandbox.
    if (this.#sent.length === 0) this.#used = 0;
  }
}
