/** The topic of one book: a snapshot, then what changed among its best levels, the same for everybody who listens. */
import { every, type VenueClock } from '../clock.ts';
import type { MarketState } from '../engine/market-state.ts';
import type { BookHistory } from '../shared/book-history.ts';
import type { SymbolSpec } from './catalog.ts';
import { levelsView } from './market-view.ts';
import type { Publish } from './public-streams.ts';

export interface BookStreamOptions {
  topic: string;
  spec: SymbolSpec;
  market: MarketState;
  books: BookHistory;
  clock: VenueClock;
  /** Levels per side. */
  depth: number;
  periodMs: number;
  nowMs(): number;
}

type Levels = Map<string, string>;
type Changes = Iterable<[string, string]>;

/**
 * `u` grows by one from message to message, and is the same for all who listen: whoever joins gets the book of the last one as
 * its snapshot. `seq` is the state of the book, and the same as that of the REST book. A level that is no longer among the best is
 * sent with an amount of zero, so that the client keeps as many as it asked for.
 */
export class BookStream {
  readonly #options: BookStreamOptions;
  readonly #listeners = new Set<Publish>();
  #stopTicking: (() => void) | undefined;
  #updateId = 0;
  #sequence = 0;
  #bids: Levels = new Map();
  #asks: Levels = new Map();

  constructor(options: BookStreamOptions) {
    this.#options = options;
  }

  /** Whether it is that of this market: after a reset there are new ones. */
  isOf(market: MarketState): boolean {
    return this.#options.market === market;
  }

  /** Sends a snapshot at once, and then what changes; the returned function ends it. */
  listen(publish: Publish): () => void {
    if (this.#stopTicking === undefined) this.#begin();
    this.#listeners.add(publish);
    this.#send([publish], 'snapshot', [this.#bids, this.#asks]);
    return () => {
      this.#listeners.delete(publish);
      if (this.#listeners.size > 0) return;
      this.#stopTicking?.();
      this.#stopTicking = undefined;
    };
  }

  #begin(): void {
    const { market, clock, periodMs } = this.#options;
    // Changes of levels are more than messages, so that numbers go on rising where nobody listened for a while.
    this.#updateId = market.book.updateId;
    this.#sequence = this.#updateId;
    [this.#bids, this.#asks] = this.#bestLevels();
    this.#stopTicking = every(clock, periodMs, () => this.#update());
  }

  #update(): void {
    const { market } = this.#options;
    if (market.book.updateId === this.#sequence) return;
    this.#sequence = market.book.updateId;
    const [bids, asks] = this.#bestLevels();
    const [b, a] = [changes(this.#bids, bids), changes(this.#asks, asks)];
    [this.#bids, this.#asks] = [bids, asks];
    if (b.length + a.length === 0) return;
    this.#updateId += 1;
    this.#send(this.#listeners, 'delta', [b, a]);
  }

  #send(listeners: Iterable<Publish>, type: 'snapshot' | 'delta', [b, a]: readonly [Changes, Changes]): void {
    const { topic, spec, market, books } = this.#options;
    const ts = this.#options.nowMs();
    const data = { s: spec.symbol, b: [...b], a: [...a], u: this.#updateId, seq: this.#sequence };
    if (market.book.updateId === this.#sequence) books.note(market, { sequence: this.#updateId, atMs: ts });
    for (const publish of listeners) publish({ topic, type, ts, data, cts: ts });
  }

  #bestLevels(): [Levels, Levels] {
    const { market, depth } = this.#options;
    const best = (side: 'buy' | 'sell') => new Map(levelsView(market.book.levels(side), depth));
    return [best('buy'), best('sell')];
  }
}

function changes(before: Levels, after: Levels): [string, string][] {
  const gone = [...before.keys()].filter((price) => !after.has(price)).map((price): [string, string] => [price, '0']);
  return [...gone, ...[...after].filter(([price, quantity]) => before.get(price) !== quantity)];
}
