/** The `book` channel: the best levels, then what changed among them, each with the checksum of the result. */

import { every } from '../clock.ts';
import { visibleQuantity } from '../engine/book.ts';
import type { MarketState } from '../engine/market-state.ts';
import type { Side } from '../engine/types.ts';
import type { BookHistory } from '../shared/book-history.ts';
import type { PairSpec } from './catalog.ts';
import { lotDecimals } from './catalog.ts';
import type { PairChannel, Publish } from './channel.ts';
import { bookChecksum, type LevelText } from './checksum.ts';
import { KrakenError } from './errors.ts';
import { rawNumber, timeText } from './socket-text.ts';

const depths = [10, 25, 100, 500, 1000];
const depthStandard = 10;
const periodMs = 100;

type Sides = Record<Side, readonly LevelText[]>;

export const bookChannel: PairChannel = ({ venue, clock }, spec, params) => {
  const depth = params.depth ?? depthStandard;
  if (!depths.includes(depth)) throw new KrakenError('Subscription depth not supported');
  const withSnapshot = params.snapshot ?? true;
  return {
    acknowledged: { depth, snapshot: withSnapshot },
    start(publish) {
      const stopWatching = venue.market.watch(spec.id);
      const market = venue.market.use(spec.id);
      const feed = new BookFeed({ market, spec, depth, books: venue.books, publish });
      feed.begin(withSnapshot, venue.nowMs());
      const stopTicking = every(clock, periodMs, () => feed.update(venue.nowMs()));
      return () => {
        stopTicking();
        stopWatching();
      };
    },
  };
};

interface BookFeedOptions {
  market: MarketState;
  spec: PairSpec;
  depth: number;
  books: BookHistory;
  publish: Publish;
}

class BookFeed {
  readonly #options: BookFeedOptions;
  /** What the client has. */
  #sent: Sides = { buy: [], sell: [] };
  #updateId = -1;

  constructor(options: BookFeedOptions) {
    this.#options = options;
  }

  begin(withSnapshot: boolean, nowMs: number): void {
    const { market, publish } = this.#options;
    this.#updateId = market.book.updateId;
    this.#sent = this.#levels();
    this.#note(nowMs);
    if (withSnapshot) publish('snapshot', [this.#message(this.#sent, nowMs)]);
  }

  update(nowMs: number): void {
    const { market, publish } = this.#options;
    if (market.book.updateId === this.#updateId) return;
    this.#updateId = market.book.updateId;
    const before = this.#sent;
    this.#sent = this.#levels();
    const changes = { buy: this.#changes('buy', before.buy), sell: this.#changes('sell', before.sell) };
    if (changes.buy.length + changes.sell.length === 0) return;
    this.#note(nowMs);
    publish('update', [this.#message(changes, nowMs)]);
  }

  /** Messages have no number of the book, but a time. */
  #note(nowMs: number): void {
    const { books, market } = this.#options;
    books.note(market, { sequence: this.#updateId, atMs: Math.floor(nowMs) });
  }

  #levels(): Sides {
    const { market, spec, depth } = this.#options;
    const side = (name: Side) =>
      market.book
        .levels(name)
        .slice(0, depth)
        .map((level): LevelText => {
          const quantity = visibleQuantity(level).toFixed(lotDecimals, 0);
          return [level.price.toFixed(spec.priceDecimals, 0), quantity];
        });
    return { buy: side('buy'), sell: side('sell') };
  }

  /**
   * New and changed levels, and those that are gone with an amount of zero. A level that others have pushed out of the depth is
   * not told of: the client cuts its book to the depth after each update.
   */
  #changes(side: Side, before: readonly LevelText[]): LevelText[] {
    const after = new Map(this.#sent[side]);
    const earlier = new Map(before);
    const { depth } = this.#options;
    const worst = after.size < depth ? undefined : this.#sent[side].at(-1)?.[0];
    const isWithin = (price: string) =>
      worst === undefined || (side === 'buy' ? Number(price) > Number(worst) : Number(price) < Number(worst));
    const gone = before.filter(([price]) => !after.has(price) && isWithin(price));
    const changed = this.#sent[side].filter(([price, quantity]) => earlier.get(price) !== quantity);
    return [...gone.map(([price]): LevelText => [price, zeroText]), ...changed];
  }

  #message(levels: Sides, nowMs: number) {
    const side = (list: readonly LevelText[]) =>
      list.map(([price, quantity]) => ({ price: rawNumber(price), qty: rawNumber(quantity) }));
    return {
      symbol: this.#options.spec.socketSymbol,
      bids: side(levels.buy),
      asks: side(levels.sell),
      checksum: bookChecksum(this.#sent.sell, this.#sent.buy),
      timestamp: timeText(nowMs),
    };
  }
}

const zeroText = (0).toFixed(lotDecimals);
