/**
 * Keeps a venue's request limit: at most so much cost within any window of time.
 *
 * ccxt's own two limiters cannot be used. Its leaky bucket refills only while calls are waiting, so that every call,
 * even the first after a minute of silence, waits for the one before (10 ms on Binance). Its rolling window adds costs
 * up as texts once numbers are texts (`"00.20.2"`), and both wait without a bound. A window lets a burst through at
 * once, as the venues do, and still holds the same rate over the window.
 */
export class RequestWindow {
  readonly #windowMs: number;
  /** Cost allowed within any `windowMs`, in the venue's units. Infinite until the venue's rate is known. */
  #costMax = Number.POSITIVE_INFINITY;
  readonly #spent: { atMs: number; cost: number }[] = [];
  /** The costs in `#spent` together, kept up to date because thousands may be in one window. */
  #used = 0;

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  /** @param msPerUnit how ccxt writes a venue's limit: milliseconds per unit of cost. */
  setRate(msPerUnit: number): void {
    this.#costMax = Math.max(1, this.#windowMs / msPerUnit);
  }

  /** Milliseconds until a request of this cost may be sent; the time is taken, unless it is beyond `delayMsMax`. */
  reserve(cost: number, nowMs: number, delayMsMax: number): number | undefined {
    this.#forget(nowMs - this.#windowMs);
    const atMs = this.#earliest(cost, nowMs);
    if (atMs - nowMs > delayMsMax) return undefined;
    this.#spent.push({ atMs, cost });
    this.#used += cost;
    return atMs - nowMs;
  }

  /** Drops what was spent at or before a time. */
  #forget(untilMs: number): void {
    let left = 0;
    for (const { atMs, cost } of this.#spent) {
      if (atMs > untilMs) break;
      this.#used -= cost;
      left += 1;
    }
    this.#spent.splice(0, left);
    // What rounding left over must not add up over the life of a sandbox.
    if (this.#spent.length === 0) this.#used = 0;
  }

  /** When enough of what was spent has left the window. Later requests queue behind earlier ones that wait. */
  #earliest(cost: number, nowMs: number): number {
    let used = this.#used;
    let atMs = Math.max(nowMs, this.#spent.at(-1)?.atMs ?? nowMs);
    for (const entry of this.#spent) {
      if (used + cost <= this.#costMax) break;
      used -= entry.cost;
      atMs = Math.max(atMs, entry.atMs + this.#windowMs);
    }
    return atMs;
  }
}
