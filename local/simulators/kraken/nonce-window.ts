/** The nonces of one key: each must be above the highest so far, or unused and within the key's window below it. */

const nonceMax = 2n ** 64n - 1n;

export class NonceWindow {
  readonly size: number;
  #highest = 0n;
  /** Used ones within the window. */
  #used = new Set<bigint>();

  constructor(size: number) {
    this.size = size;
  }

  get highest(): bigint {
    return this.#highest;
  }

  /** Takes a nonce, or says no to one that is not an unsigned number of 64 bits, too low, or used. */
  accept(text: string): boolean {
    if (!/^\d{1,20}$/.test(text)) return false;
    const nonce = BigInt(text);
    if (nonce > nonceMax) return false;
    if (nonce > this.#highest) this.#highest = nonce;
    else if (nonce <= this.#highest - BigInt(this.size) || this.#used.has(nonce)) return false;
    if (this.size > 0) this.#remember(nonce);
    return true;
  }

  #remember(nonce: bigint): void {
    const lowest = this.#highest - BigInt(this.size);
    this.#used.add(nonce);
    // Looked through only when it has grown, so that a wide window does not make each request slow.
    if (this.#used.size > 2 * Math.min(this.size, 10_000)) {
      this.#used = new Set([...this.#used].filter((used) => used > lowest));
    }
  }
}
