/** What a venue's books were at the numbers and times that it told: the truth that books of its customers are compared with. */
import { visibleQuantity } from '../engine/book.ts';
import type { MarketState } from '../engine/market-state.ts';
import type { Side } from '../engine/types.ts';

/** A book as it was when somebody was told of it; decimal texts, best first. */
export interface BookState {
  /** The venue's number of it, as its messages have it. Where messages have none, the engine's own. */
  readonly sequence: number;
  /** The venue's time, as its messages have it; epoch milliseconds. */
  readonly atMs: number;
  readonly bids: readonly BookLevel[];
  readonly asks: readonly BookLevel[];
}

export type BookLevel = readonly [price: string, amount: string];

export interface BookQuestion {
  readonly sequence?: number | undefined;
  readonly atMs?: number | undefined;
  /** The newest so many of those that fit. @default all */
  readonly limit?: number | undefined;
}

interface KeptBooks {
  askedAtMs: number;
  /** Oldest first. */
  readonly states: KeptState[];
}

interface KeptState {
  readonly sequence: number;
  readonly atMs: number;
  /** `bids` and `asks` as JSON: a tenth of the memory that arrays take. */
  readonly sides: string;
}

/** Half a minute of a book that is told of ten times a second. */
const statesMax = 300;
/** Whoever compares asks more often. */
const forgottenAfterMs = 60_000;
/** More than a quote has. */
const levelsMax = 50;

/** Keeps the books of a market from the first question about it on, as long as somebody goes on asking. */
export class BookHistory {
  readonly #nowMs: () => number;
  readonly #kept = new Map<string, KeptBooks>();

  /** @param nowMs any clock that goes on */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Notes the book as it is now; costs nothing where nobody asks. */
  note(market: MarketState, { sequence, atMs }: { sequence: number; atMs: number }): void {
    const kept = this.#kept.get(market.instrument.id);
    if (kept === undefined) return;
    if (this.#nowMs() - kept.askedAtMs > forgottenAfterMs) {
      this.#kept.delete(market.instrument.id);
      return;
    }
    const sides = JSON.stringify([sideOf(market, 'buy'), sideOf(market, 'sell')]);
    kept.states.push({ sequence, atMs, sides });
    if (kept.states.length > statesMax) kept.states.shift();
  }

  /**
   * The states that fit, newest first; without a number and a time all that are kept. Several of one number are the same book told to
   * several, or topics of several depths, which count by themselves.
   */
  ask(instrumentId: string, { sequence, atMs, limit = statesMax }: BookQuestion): BookState[] {
    const askedAtMs = this.#nowMs();
    const kept = this.#kept.get(instrumentId);
    if (kept === undefined) {
      this.#kept.set(instrumentId, { askedAtMs, states: [] });
      return [];
    }
    kept.askedAtMs = askedAtMs;
    return kept.states
      .filter((state) => (sequence === undefined || state.sequence === sequence) && (atMs ?? state.atMs) === state.atMs)
      .slice(-limit)
      .map(toState)
      .reverse();
  }

  clear(): void {
    this.#kept.clear();
  }
}

const sideOf = (market: MarketState, side: Side): BookLevel[] =>
  market.book
    .levels(side)
    .slice(0, levelsMax)
    .map((level) => [level.price.toFixed(), visibleQuantity(level).toFixed()]);

function toState({ sequence, atMs, sides }: KeptState): BookState {
  const [bids, asks] = JSON.parse(sides) as [BookLevel[], BookLevel[]];
  return { sequence, atMs, bids, asks };
}
