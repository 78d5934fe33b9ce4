/** Counts within fixed windows that start at whole multiples of their length. */
export class WindowCounter {
  readonly #windowMs: number;
  #window = -1;
  #count = 0;

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  at(nowMs: number): number {
    const window = Math.floor(nowMs / this.#windowMs);
    if (window !== this.#window) {
      this.#window = window;
      this.#count = 0;
    }
    return this.#count;
  }

  add(nowMs: number, amount: number): number {
    this.#count = this.at(nowMs) + amount;
    return this.#count;
  }
}
