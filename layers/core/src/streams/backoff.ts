/** How long to wait before something that failed is tried again. */

/** The first wait is up to so long, the next ones up to twice as long each time; milliseconds. */
export const backoffMsMin = 500;
/** No wait is longer; milliseconds. */
export const backoffMsMax = 30_000;
/** What held for so long was well, and its next failure is a first one; milliseconds. */
export const healthyAfterMs = 60_000;
/** More doublings than this change nothing, and must not overflow. */
const doublingsMax = 10;

/**
 * Full jitter: anything from nothing up to what the number of failures allows, so that many who lost their connection at the same
 * moment do not come back at the same moment.
 *
 * @param failures so far in a row, from 1
 * @param random from 0 up to 1
 */
export const backoffMs = (failures: number, random: number): number =>
  random * Math.min(backoffMsMax, backoffMsMin * 2 ** Math.min(failures - 1, doublingsMax));

/** Of one connection. Times are of one clock that never goes back, milliseconds. */
export class Backoff {
  readonly #random: () => number;
  #failures = 0;
  #openedMs: number | undefined;

  /** @param random from 0 up to 1 */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** It is there. Whether that lasts is another matter. */
  opened(nowMs: number): void {
    this.#openedMs = nowMs;
  }

  /** It failed, or could not be opened. @returns milliseconds to wait */
  failed(nowMs: number): number {
    if (this.#openedMs !== undefined && nowMs - this.#openedMs >= healthyAfterMs) this.#failures = 0;
    this.#openedMs = undefined;
    this.#failures += 1;
    return backoffMs(this.#failures, this.#random());
  }
}
