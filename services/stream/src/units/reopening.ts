/** A connection mends itself; one that has not been open for so long, milliseconds, may not know how, and is made anew. */
const closedMsMax = 120_000;

/** Watches how long a connection has not been open. */
export class ClosedWatch {
  #openMs: number;

  constructor(nowMs: number) {
    this.#openMs = nowMs;
  }

  /** @returns why it is to be made anew, where it is */
  look(isOpen: boolean, nowMs: number): string | undefined {
    if (isOpen) this.#openMs = nowMs;
    if (nowMs - this.#openMs < closedMsMax) return undefined;
    return `it has not been open for ${closedMsMax / 1_000} s`;
  }
}
