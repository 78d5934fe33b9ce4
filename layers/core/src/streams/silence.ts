/** When a stream has been quiet for longer than can be, by its own pace. */

/** No stream is held to be silent before this, milliseconds, however quick it was. */
export const silenceMsMin = 30_000;
/** Any stream is, after this; milliseconds. Markets where nothing happens for longer are only fetched anew. */
export const silenceMsMax = 600_000;
/** A pause may be so many times the longest of the latest ones. */
const pauseFactor = 4;
/** How much of the longest pause is left after another one: of the last twenty or so it still counts. */
const forgetFactor = 0.95;
/** Pauses that must have been seen before anything is expected. */
const pausesMin = 5;

/** Of one stream; its size never changes. Times are of one clock that never goes back, milliseconds. */
export class SilenceWatch {
  #heardMs: number;
  #pauses = 0;
  #longestMs = 0;
  /** @param nowMs when it was subscribed */
  constructor(nowMs: number) {
    this.#heardMs = nowMs;
  }

  /** Something has come. */
  heard(nowMs: number): void {
    this.#longestMs = Math.max(nowMs - this.#heardMs, this.#longestMs * forgetFactor);
    this.#pauses += 1;
    this.#heardMs = nowMs;
  }

  /**
   * Something was done about a silence, such as subscribing anew, and it starts over. That pause may have been a true one: a market
   * that is merely quiet must not be fetched again and again, so the next one may be longer, until its pace says otherwise.
   */
  mended(nowMs: number): void {
    this.#longestMs = Math.max(nowMs - this.#heardMs, this.#longestMs);
    this.#heardMs = nowMs;
  }

  /** How long nothing may come. */
  get pauseMsMax(): number {
    if (this.#pauses < pausesMin) return silenceMsMax;
    return Math.min(silenceMsMax, Math.max(silenceMsMin, this.#longestMs * pauseFactor));
  }

  isSilent(nowMs: number): boolean {
    return nowMs - this.#heardMs > this.pauseMsMax;
  }
}
