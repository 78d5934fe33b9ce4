/** Time and waiting, so that core and handlers never read a clock of their own. */
export interface Clock {
  /** UTC epoch milliseconds. */
  nowMs(): number;
  /** Resolves after `delayMs`. */
  sleep(delayMs: number): Promise<void>;
}
