/** Whether one book is the venue's: by the numbers and checksums of its updates, and by what a book can be at all. */
import type { LiveLevel } from '@nightdesk/core';
import type { BookRule } from '../traits/stream-traits.ts';
import { BookSum, type Decimals } from './book-sum.ts';

/** One side of a book as ccxt keeps it, best level first. */
export interface BookSide extends ReadonlyArray<LiveLevel> {
  /** Levels that `limit` leaves. */
  depth: number;
  limit(): void;
}

/** A book as ccxt keeps it; prices and amounts are numbers (`open-market-client.ts`). */
export interface VenueBook {
  readonly bids: BookSide;
  readonly asks: BookSide;
  readonly nonce?: unknown;
  readonly timestamp?: unknown;
}

export interface BookFault {
  incident: 'gap' | 'checksum' | 'crossed' | 'thin';
  reason: string;
}

/** Worst prices up to which all levels are known. */
export interface KnownPrices {
  bid: number;
  ask: number;
}

export interface BookTrackerOptions {
  rule: BookRule;
  /** Levels of each side that have to be known. */
  depth: number;
  /** Of rule `summed`. */
  decimals?: Decimals | undefined;
}

/** Of rule `summed`: what a message says has changed. */
interface SummedChange {
  checksum?: unknown;
  asks?: readonly { price?: unknown; qty?: unknown }[];
  bids?: readonly { price?: unknown; qty?: unknown }[];
}

const allKnown: KnownPrices = { bid: -Infinity, ask: Infinity };
/** A side longer than this is cut to half of it: venues tell of levels far away for ever. */
const levelsMax = 2_000;

export class BookTracker {
  readonly #rule: BookRule;
  readonly #depth: number;
  readonly #sum: BookSum | undefined;
  /** Of the update that was seen last. */
  #number: number | undefined;
  /** The greatest number that the venue has told of, of rule `chained`; numbers of another connection may be others. */
  #reached: number | undefined;
  #updates = 0;
  #known = allKnown;
  /** Nothing counts before a new book has begun. */
  isAwaited = true;

  constructor({ rule, depth, decimals }: BookTrackerOptions) {
    this.#rule = rule;
    this.#depth = depth;
    this.#sum = decimals && new BookSum(decimals);
  }

  /** The venue's number of the book, else how many updates of it were seen. */
  get sequence(): number {
    return this.#number ?? this.#updates;
  }

  /** Waits for a new book: what still comes of the old one is not taken for it. */
  await(): void {
    this.isAwaited = true;
    this.#known = allKnown;
  }

  /** Another connection begins. */
  restart(): void {
    this.await();
    this.#number = undefined;
    this.#reached = undefined;
  }

  /** Of rule `chained`: a book that begins may not end before this update. */
  get reachedNumber(): number | undefined {
    if (this.#rule !== 'chained') return undefined;
    return this.#reached === undefined ? this.#number : Math.max(this.#reached, this.#number ?? 0);
  }

  /** An update with this number was told, and waits for its book to begin. */
  reaches(number: number): void {
    if (Number.isSafeInteger(number)) this.#reached = Math.max(this.#reached ?? 0, number);
  }

  /** The book begins with a part of the venue's. */
  knows(prices: KnownPrices): void {
    this.#known = prices;
  }

  /**
   * @param message what the book was changed by; absent where that was an answer over HTTP
   * @returns what is wrong with the book, `skipped` where it is of no use yet, or nothing where it is the venue's
   */
  check(book: VenueBook, message: unknown): BookFault | 'skipped' | undefined {
    const fault = this.#follow(book, message);
    if (fault !== undefined) return fault;
    this.#updates += 1;
    const { bids, asks } = book;
    const [bid, ask] = [bids[0], asks[0]];
    if (bid !== undefined && ask !== undefined && bid[0] >= ask[0]) {
      return { incident: 'crossed', reason: `the best bid ${bid[0]} is not below the best ask ${ask[0]}` };
    }
    if (bids.length > levelsMax || asks.length > levelsMax) this.#trim(book);
    if (this.#known === allKnown) return undefined;
    return this.#isKnown(bids, this.#known.bid, 1) && this.#isKnown(asks, this.#known.ask, -1)
      ? undefined
      : { incident: 'thin', reason: `fewer than ${this.#depth} levels are left of what was known` };
  }

  /** What was expected instead of the message that ccxt has refused. */
  expectation(message: unknown): string {
    const { U: first, pu: before } = (message ?? {}) as { U?: unknown; pu?: unknown };
    if (first === undefined || this.#number === undefined) return 'the update does not follow the one before it';
    return before === undefined
      ? `update ${this.#number + 1} was expected, and ${String(first)} came`
      : `an update after ${this.#number} was expected, and one after ${String(before)} came`;
  }

  #follow(book: VenueBook, message: unknown): BookFault | 'skipped' | undefined {
    if (this.#rule === 'chained') return this.#followChain(book, message);
    if (this.#rule === 'counted') return this.#followCount(message);
    if (this.#rule === 'summed') return this.#followSum(book, message);
    const nonce = Number(book.nonce ?? Number.NaN);
    this.#number = Number.isSafeInteger(nonce) ? nonce : undefined;
    this.isAwaited = false;
    return undefined;
  }

  #followChain({ nonce }: VenueBook, message: unknown): BookFault | 'skipped' | undefined {
    const number = Number(nonce);
    if (this.isAwaited) {
      // An answer over HTTP that ends the wait; updates before it are of no book that is known.
      if (message !== undefined) return 'skipped';
      const reached = this.reachedNumber ?? 0;
      if (number < reached) return gap(reached, number);
      this.isAwaited = false;
    } else if (this.#number !== undefined && number < this.#number) return gap(this.#number + 1, number);
    this.#number = number;
    return undefined;
  }

  #followCount(message: unknown): BookFault | 'skipped' | undefined {
    const { type, data } = (message ?? {}) as { type?: unknown; data?: { u?: unknown } };
    const number = Number(data?.u);
    // After a restart of the service numbers begin at one, with a snapshot: https://bybit-exchange.github.io/docs/v5/websocket/public/orderbook.
    // ccxt begins anew with what is called a snapshot and nothing else, and would apply such an update to the old book.
    if (type === 'snapshot') this.isAwaited = false;
    else if (this.isAwaited) return 'skipped';
    else if (number !== (this.#number ?? 0) + 1) return gap((this.#number ?? 0) + 1, number);
    this.#number = number;
    return undefined;
  }

  #followSum(book: VenueBook, message: unknown): BookFault | 'skipped' | undefined {
    const { type, data } = (message ?? {}) as { type?: unknown; data?: readonly SummedChange[] };
    for (const levels of [data?.[0]?.asks, data?.[0]?.bids]) this.#sum?.note(levels ?? []);
    if (type === 'snapshot') this.isAwaited = false;
    else if (this.isAwaited) return 'skipped';
    const told = data?.[0]?.checksum;
    const own = this.#sum?.of(book.asks, book.bids);
    if (own === undefined || told === own) return undefined;
    return { incident: 'checksum', reason: `the checksum ${own} was computed, and ${String(told)} came` };
  }

  /** @param sign of how prices get worse from level to level */
  #isKnown(side: BookSide, known: number, sign: 1 | -1): boolean {
    if (!Number.isFinite(known)) return true;
    const level = side[this.#depth - 1];
    return level !== undefined && sign * (level[0] - known) >= 0;
  }

  #trim({ bids, asks }: VenueBook): void {
    const { bid, ask } = this.#known;
    this.#known = { bid: Math.max(bid, cut(bids) ?? bid), ask: Math.min(ask, cut(asks) ?? ask) };
  }
}

const gap = (expected: number, came: number): BookFault => ({
  incident: 'gap',
  reason: `update ${expected} was expected, and ${came} came`,
});

/** @returns the worst price that is left; `undefined` where nothing was cut */
function cut(side: BookSide): number | undefined {
  if (side.length <= levelsMax) return undefined;
  const { depth } = side;
  side.depth = levelsMax / 2;
  side.limit();
  side.depth = depth;
  return side.at(-1)?.[0];
}
