/** One market of one connection: what of it is to be written to its row or removed from there, and when. */
import {
  confirmAfterMs,
  type LiveBook,
  type LiveQuote,
  type QuoteDecision,
  QuoteGate,
  type VenueId,
} from '@nightdesk/core';

/** After a try that failed the next one waits so long, twice as long each time, but never longer than the most; milliseconds. */
const retryPauseMs = 50;
const retryPauseMsMax = 2_000;
/** After so many tries that failed it goes alone: it may be what its batches were refused for. */
const failuresTogetherMax = 3;

export interface QuoteMarketOptions {
  venue: VenueId;
  symbol: string;
  connection: string;
  /** What its quotes are made of. */
  source: 'books' | 'tickers';
  depth: number;
  quoteEveryMs: number;
  /** What they are made of is asked for, and not streamed. */
  isPolled?: boolean | undefined;
  /** Told of each quote that others can read from now on. */
  onWritten?(quote: LiveQuote): void;
}

/** What is to be done to a row. `readyMs` is since when it could have been written; absent where it is only written again. */
export type QuoteWork = { do: 'write'; quote: LiveQuote; readyMs?: number } | { do: 'remove'; connection: string };

/** Times are of a clock that never goes back, milliseconds. There is never more than one work of a market under way. */
export class QuoteMarket {
  #options: QuoteMarketOptions;
  #gate: QuoteGate;
  #conflatedBefore = 0;
  #work: QuoteWork | undefined;
  /** Since when the newest could have been written. Absent where it is as it was written. */
  #readyMs: number | undefined;
  /** Whether there may be a row of this connection. */
  #isStored = false;
  /** Under which name it was written last. */
  #storedAs: string | undefined;
  /** When the row is to be removed, and since when. */
  #removal: { atMs: number; sinceMs: number } | undefined;
  /** Until then a write that nobody answered may still come to be. */
  #doubtMs = Number.NEGATIVE_INFINITY;
  #failures = 0;
  #notBeforeMs = Number.NEGATIVE_INFINITY;
  #isHurried = false;
  #isRetired = false;

  constructor(options: QuoteMarketOptions) {
    this.#options = options;
    this.#gate = new QuoteGate(options);
  }

  get options(): QuoteMarketOptions {
    return this.#options;
  }

  get isBusy(): boolean {
    return this.#work !== undefined;
  }

  /** Nothing of it is written, and nothing will be. */
  get isBlank(): boolean {
    return !this.isBusy && !this.#isStored && this.#removal === undefined;
  }

  get goesAlone(): boolean {
    return this.#failures >= failuresTogetherMax;
  }

  /** Since when something has waited for being put into its row, what is under way included. Absent where nothing has. */
  get waitingSinceMs(): number | undefined {
    const since = [this.#readyMs, this.#removal?.sinceMs, this.#work?.do === 'write' ? this.#work.readyMs : undefined];
    const known = since.filter((ms) => ms !== undefined);
    return known.length === 0 ? undefined : Math.min(...known);
  }

  /** When there is something to be done next; may be past. Absent where there is not, and as long as something is under way. */
  get nextMs(): number | undefined {
    if (this.isBusy || this.#isRetired) return undefined;
    const isHurried = this.#isHurried && this.#readyMs !== undefined;
    const writeMs = isHurried ? Number.NEGATIVE_INFINITY : (this.#gate.nextDueMs ?? Number.POSITIVE_INFINITY);
    const nextMs = Math.min(writeMs, this.#removal?.atMs ?? Number.POSITIVE_INFINITY);
    return nextMs === Number.POSITIVE_INFINITY ? undefined : Math.max(nextMs, this.#notBeforeMs);
  }

  /** Its quotes are made and paced otherwise from now on. What is written stays until the next book. */
  change(options: QuoteMarketOptions): void {
    const before = this.#options;
    this.#options = options;
    const decisive = ['depth', 'quoteEveryMs', 'source', 'connection'] as const;
    if (decisive.every((name) => before[name] === options[name])) return;
    this.#conflatedBefore += this.#gate.conflated;
    this.#gate = new QuoteGate(options);
    this.#readyMs = undefined;
  }

  /** @param receivedMs when the book had come in */
  update(book: LiveBook, nowMs: number, receivedMs: number): void {
    const decision = this.#gate.update(book, nowMs);
    if (decision === 'unusable') this.lose(nowMs);
    else this.#expect(decision, receivedMs);
  }

  /** The price of the latest trade; nothing where it is not known any more. */
  tell(last: number | undefined, nowMs: number): void {
    this.#expect(this.#gate.tell(last, nowMs), nowMs);
  }

  /** What is written must not be used any more. */
  lose(nowMs: number): void {
    this.settle();
    if (this.#isStored) this.#removal ??= { atMs: nowMs, sinceMs: nowMs };
  }

  /** Nothing that waits to be written is written. What is stays, unless it is to be removed. */
  settle(): void {
    this.#gate.lost();
    this.#readyMs = undefined;
  }

  /** Nobody else writes it from about now on: what is newest is written once more. */
  confirm(nowMs: number): void {
    this.#gate.confirm(nowMs);
  }

  /** What waits only for its pace goes at once. */
  hurry(): void {
    this.#isHurried = this.#readyMs !== undefined;
  }

  /** Nothing of it is to be done any more, whatever becomes of what is under way. */
  retire(): void {
    this.#isRetired = true;
  }

  /** @returns what is to be done now, until `end`; nothing where nothing is due */
  begin(nowMs: number): QuoteWork | undefined {
    const { nextMs } = this;
    if (nextMs === undefined || nextMs > nowMs) return undefined;
    const { nextDueMs = nowMs } = this.#gate;
    const isHurried = this.#isHurried && this.#readyMs !== undefined;
    const quote = this.#gate.take(isHurried ? Math.max(nowMs, nextDueMs) : nowMs);
    if (quote === undefined) return this.#beginRemoval(nowMs);
    this.#work = { do: 'write', quote, ...(this.#readyMs !== undefined && { readyMs: this.#readyMs }) };
    this.#readyMs = undefined;
    this.#isHurried = false;
    this.#isStored = true;
    this.#storedAs = quote.connection;
    // What is written takes the place of what was to be removed.
    this.#removal = undefined;
    return this.#work;
  }

  #beginRemoval(nowMs: number): QuoteWork | undefined {
    if (this.#removal === undefined || this.#removal.atMs > nowMs) return undefined;
    this.#work = { do: 'remove', connection: this.#storedAs ?? this.#options.connection };
    return this.#work;
  }

  done(nowMs: number): void {
    const work = this.#work;
    this.#work = undefined;
    this.#failures = 0;
    this.#notBeforeMs = Number.NEGATIVE_INFINITY;
    if (work?.do === 'write') this.#options.onWritten?.(work.quote);
    if (work?.do !== 'remove') return;
    this.#isStored = nowMs < this.#doubtMs;
    this.#removal = this.#isStored ? { atMs: this.#doubtMs, sinceMs: this.#doubtMs } : undefined;
  }

  failed(nowMs: number): void {
    const work = this.#work;
    this.#work = undefined;
    this.#notBeforeMs = nowMs + Math.min(retryPauseMs * 2 ** this.#failures, retryPauseMsMax);
    this.#failures += 1;
    // Either may still come to be: a removal would then take away what is written next.
    this.#gate.failed();
    if (work?.do !== 'write') return;
    this.#doubtMs = nowMs + confirmAfterMs;
    if (this.#gate.nextDueMs !== undefined) this.#readyMs = work.readyMs ?? this.#readyMs ?? nowMs;
  }

  /** Updates that a newer one replaced before they were written, since this was asked last. */
  takeConflated(): number {
    const count = this.#gate.conflated + this.#conflatedBefore;
    this.#conflatedBefore = -this.#gate.conflated;
    return count;
  }

  /** What the pace holds back could not have been written before its time. */
  #expect(decision: QuoteDecision, fromMs: number): void {
    if (decision === 'unchanged') this.#readyMs = undefined;
    else this.#readyMs ??= Math.max(fromMs, decision === 'held' ? (this.#gate.nextDueMs ?? fromMs) : fromMs);
  }
}
