/** When the quote of a market is written: at once, as long as that is not more often than is allowed and something is new. */
import type { LiveBook, LiveLevel } from '../ports/streams.ts';
import { isCrossed, type LiveQuote, type QuoteOrigin, quoteOf } from './quote.ts';

/** Writes that may follow each other at once after a pause, where the pace leaves room for them. */
export const quoteBurstMax = 2;
/** No second has more writes of one market, whatever is configured. */
export const quotesPerSecondMax = 5;
/**
 * Quotes of a connection are written once more this long after its first one, after one that failed, and after nobody else is to write
 * any, milliseconds: whoever had the market before may still have had a write under way, as may one that nobody answered, and nothing
 * else would put that right in a market where nothing changes.
 */
export const confirmAfterMs = 5_000;
/** A quote that does not change is written again so often, milliseconds: rows end by themselves. */
export const rewriteEveryMs = 300_000;

/**
 * A book that is asked for is written, though it has not changed, when it came so long after the one that is written; milliseconds. It
 * vouches for itself alone, so a quote that is not written again would not be fresh any more.
 */
export const polledEveryMs = 4_000;

export interface QuoteGateOptions extends QuoteOrigin {
  symbol: string;
  /** Levels of each side. */
  depth: number;
  /** Shortest time between two writes, but for a small burst; milliseconds. */
  quoteEveryMs: number;
  /** Books are asked for, and not streamed. */
  isPolled?: boolean | undefined;
}

/**
 * - `due`: it may be written now, by `take`;
 * - `held`: later, at `nextDueMs`;
 * - `unchanged`: it is as it was written;
 * - `unusable`: crossed or empty. Nothing of it is written, and what was written is not what the venue has: `lost` is to be called.
 */
export type QuoteDecision = 'due' | 'held' | 'unchanged' | 'unusable';

/**
 * Of one market on one connection. An update costs no more than `depth` levels, and memory is the same however many come: what is newer
 * replaces what was not written yet. Times are of one clock that never goes back, milliseconds; the fields of books are not.
 */
export class QuoteGate {
  readonly #origin: QuoteGateOptions;
  readonly #burst: number;
  #newest: Levels;
  #written: Levels;
  #facts: Pick<LiveBook, 'exchangeTimeMs' | 'receivedMs' | 'sequence'> | undefined;
  #last: number | undefined;
  #writtenLast: number | undefined;
  #writtenReceivedMs = -Infinity;
  #isWritten = false;
  #isPending = false;
  /** By when all that was written would have been, at the pace that is allowed. */
  #pacedMs = -Infinity;
  #rewriteMs = 0;
  #confirms = true;
  /** Until then something older may still come to be written, by whoever had the market before or by a write that nobody answered. */
  #doubtMs = -Infinity;
  #conflated = 0;

  constructor(options: QuoteGateOptions) {
    this.#origin = options;
    const { quoteEveryMs, depth } = options;
    this.#burst = Math.max(1, Math.min(quoteBurstMax, quotesPerSecondMax - 1_000 / quoteEveryMs));
    this.#newest = new Levels(depth);
    this.#written = new Levels(depth);
  }

  /** Updates that a newer one replaced before they were written. */
  get conflated(): number {
    return this.#conflated;
  }

  /** Whether readers may have a quote of this connection. */
  get isWritten(): boolean {
    return this.#isWritten;
  }

  /** When `take` has something next; may be past. Absent as long as there is nothing. */
  get nextDueMs(): number | undefined {
    if (this.#facts === undefined) return undefined;
    const allowedMs = this.#pacedMs - (this.#burst - 1) * this.#origin.quoteEveryMs;
    return this.#isPending ? allowedMs : Math.max(allowedMs, this.#rewriteMs);
  }

  /** The newest book. It is copied. */
  update(book: LiveBook, nowMs: number): QuoteDecision {
    if ((book.bids.length === 0 && book.asks.length === 0) || isCrossed(book)) {
      this.#drop();
      return 'unusable';
    }
    if (this.#isPending) this.#conflated += 1;
    this.#newest.set(book);
    const { exchangeTimeMs, receivedMs, sequence } = book;
    this.#facts = { exchangeTimeMs, receivedMs, sequence };
    return this.#decide(nowMs, this.#facts);
  }

  /** The price of the latest trade: goes along with the book. Nothing where it is not known any more. */
  tell(last: number | undefined, nowMs: number): QuoteDecision {
    this.#last = last;
    return this.#facts === undefined ? 'unchanged' : this.#decide(nowMs, this.#facts);
  }

  /**
   * What is to be written now; the caller does. Nothing where nothing is due.
   */
  take(nowMs: number): LiveQuote | undefined {
    if (this.#facts === undefined || !this.#isDue(nowMs)) return undefined;
    const { symbol, depth, quoteEveryMs } = this.#origin;
    this.#pacedMs = Math.max(this.#pacedMs, nowMs) + quoteEveryMs;
    if (this.#confirms) this.#doubtMs = nowMs + confirmAfterMs;
    this.#confirms = false;
    this.#rewriteMs = nowMs < this.#doubtMs ? this.#doubtMs : nowMs + rewriteEveryMs;
    this.#isPending = false;
    this.#isWritten = true;
    this.#written.copy(this.#newest);
    this.#writtenLast = this.#last;
    this.#writtenReceivedMs = this.#facts.receivedMs;
    const quote = quoteOf({ symbol, ...this.#facts, ...this.#newest.sides() }, depth, this.#origin);
    return this.#last === undefined ? quote : { ...quote, last: this.#last };
  }

  /** From about now on nobody else writes the market. What was written last may be theirs, so the newest is written once more in a while. */
  confirm(nowMs: number): void {
    this.#doubtMs = nowMs + confirmAfterMs;
    this.#rewriteMs = Math.min(this.#rewriteMs, this.#doubtMs);
  }

  /** What was taken could not be written, or nobody answered whether it was: the newest is due again. */
  failed(): void {
    this.#written.clear();
    this.#isPending = this.#facts !== undefined;
    this.#confirms = true;
  }

  /**
   * The book is not to be used until its next update. What is written of it stands for nothing any more.
   *
   * @returns whether a quote was written that is to be removed
   */
  lost(): boolean {
    const wasWritten = this.#isWritten;
    this.#drop();
    this.#isWritten = false;
    this.#written.clear();
    return wasWritten;
  }

  #drop(): void {
    this.#isPending = false;
    this.#facts = undefined;
  }

  #decide(nowMs: number, { receivedMs }: Pick<LiveBook, 'receivedMs'>): QuoteDecision {
    this.#isPending =
      !this.#newest.equals(this.#written) || this.#last !== this.#writtenLast || this.#wouldAge(receivedMs);
    if (!this.#isPending) return 'unchanged';
    return this.#isDue(nowMs) ? 'due' : 'held';
  }

  /** Either way: clocks of the calendar are set back, too. */
  #wouldAge(receivedMs: number): boolean {
    return this.#origin.isPolled === true && Math.abs(receivedMs - this.#writtenReceivedMs) >= polledEveryMs;
  }

  #isDue(nowMs: number): boolean {
    const { nextDueMs } = this;
    return nextDueMs !== undefined && nextDueMs <= nowMs;
  }
}

/** The first levels of both sides, in memory of its own that is used again and again. */
class Levels {
  readonly #depth: number;
  readonly #bids: Float64Array;
  readonly #asks: Float64Array;
  /** Levels that there are; -1 before there was any book, which is equal to none. */
  #bidCount = -1;
  #askCount = -1;

  constructor(depth: number) {
    this.#depth = depth;
    this.#bids = new Float64Array(2 * depth);
    this.#asks = new Float64Array(2 * depth);
  }

  set({ bids, asks }: Pick<LiveBook, 'bids' | 'asks'>): void {
    this.#bidCount = this.#fill(this.#bids, bids);
    this.#askCount = this.#fill(this.#asks, asks);
  }

  copy(other: Levels): void {
    this.#bids.set(other.#bids);
    this.#asks.set(other.#asks);
    this.#bidCount = other.#bidCount;
    this.#askCount = other.#askCount;
  }

  clear(): void {
    this.#bidCount = -1;
  }

  equals(other: Levels): boolean {
    if (this.#bidCount !== other.#bidCount || this.#askCount !== other.#askCount) return false;
    return areSame(this.#bids, other.#bids, 2 * this.#bidCount) && areSame(this.#asks, other.#asks, 2 * this.#askCount);
  }

  sides(): { bids: LiveLevel[]; asks: LiveLevel[] } {
    return { bids: levelsOf(this.#bids, this.#bidCount), asks: levelsOf(this.#asks, this.#askCount) };
  }

  #fill(side: Float64Array, levels: readonly LiveLevel[]): number {
    let place = 0;
    // By place: a pattern would make this, which is done for every update, take three times as long.
    for (const level of levels) {
      if (place >= 2 * this.#depth) break;
      side[place] = level[0];
      side[place + 1] = level[1];
      place += 2;
    }
    return place / 2;
  }
}

function areSame(left: Float64Array, right: Float64Array, length: number): boolean {
  for (let place = 0; place < length; place += 1) if (left[place] !== right[place]) return false;
  return true;
}

const levelsOf = (side: Float64Array, count: number): LiveLevel[] =>
  Array.from({ length: count }, (_, level): LiveLevel => [Number(side[2 * level]), Number(side[2 * level + 1])]);
