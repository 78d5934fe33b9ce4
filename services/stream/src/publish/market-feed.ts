/** Publishes what one connection to a venue's markets brings. */
import type {
  Clock,
  LiveBook,
  LiveFunding,
  LiveLevel,
  LiveLiquidation,
  LiveQuote,
  LiveTicker,
  LiveTrade,
  MarketStreamKind,
  MarketUnit,
  PlannedSubscription,
} from '@nightdesk/core';
import type { BeatingConnection } from './beats.ts';
import type { MarketPublisher, PublishedConnection } from './publisher.ts';
import { QuoteMarket } from './quote-market.ts';
import type { QuoteWriter } from './quote-writer.ts';
import type { TickBuffer } from './tick-buffer.ts';

/** Most books of a market in files; milliseconds between two. */
const bookRowEveryMs = 1_000;

export interface MarketFeedOptions {
  unit: MarketUnit;
  published: PublishedConnection;
  writer: QuoteWriter;
  ticks: TickBuffer;
  clock: Clock;
  /** A clock that never goes back; milliseconds. */
  monotonicMs(): number;
  /** Resolves once what the closed feed had is written, or cannot be. */
  whenClosed(): Promise<void>;
}

export class MarketFeed implements MarketPublisher, BeatingConnection {
  readonly #options: MarketFeedOptions;
  /** By symbol: those whose quotes are wanted, and those whose rows are still to be removed. */
  readonly #markets = new Map<string, QuoteMarket>();
  readonly #wanted = new Map<string, PlannedSubscription>();
  /** Symbols of which something is kept in files, by kind. */
  readonly #kept = new Map<MarketStreamKind, Set<string>>();
  readonly #bookRowsMs = new Map<string, number>();
  #tickers = 0;
  #isClosed = false;

  constructor(options: MarketFeedOptions) {
    this.#options = options;
  }

  get connection(): string {
    return this.#options.published.connection;
  }

  heardMs(): number | undefined {
    return this.#options.published.heardMs();
  }

  waitingSinceMs(): number | undefined {
    let oldestMs: number | undefined;
    for (const { waitingSinceMs } of this.#markets.values()) {
      if (waitingSinceMs !== undefined && waitingSinceMs < (oldestMs ?? Number.POSITIVE_INFINITY))
        oldestMs = waitingSinceMs;
    }
    return oldestMs;
  }

  want(subscriptions: readonly PlannedSubscription[]): void {
    this.#wanted.clear();
    this.#kept.clear();
    for (const subscription of subscriptions) {
      const { kind, symbol, files } = subscription;
      if (files) this.#kept.set(kind, (this.#kept.get(kind) ?? new Set()).add(symbol));
      // A quote is made of the book, and of the ticker only where no book is streamed.
      if (kind === 'books' || (kind === 'tickers' && !this.#wanted.has(symbol))) this.#wanted.set(symbol, subscription);
    }
    for (const symbol of this.#markets.keys()) if (!this.#wanted.has(symbol)) this.#lose(symbol);
    for (const subscription of this.#wanted.values()) this.#prepare(subscription);
  }

  book(book: LiveBook): void {
    if (this.#isClosed || this.#wanted.get(book.symbol)?.kind !== 'books') return;
    this.#update(book);
  }

  bookLost(symbol: string): void {
    if (!this.#isClosed && this.#wanted.get(symbol)?.kind === 'books') this.#lose(symbol);
  }

  ticker(ticker: LiveTicker): void {
    const { symbol, last } = ticker;
    const market = this.#markets.get(symbol);
    const wanted = this.#wanted.get(symbol);
    if (this.#isClosed || market === undefined || wanted === undefined) return;
    if (last !== undefined) market.tell(last, this.#options.monotonicMs());
    if (wanted.kind === 'tickers') this.#updateBy(ticker);
    else this.#options.writer.touch(market);
  }

  tickerLost(symbol: string): void {
    const market = this.#markets.get(symbol);
    if (this.#isClosed || market === undefined) return;
    market.tell(undefined, this.#options.monotonicMs());
    if (this.#wanted.get(symbol)?.kind === 'tickers') this.#lose(symbol);
    else this.#options.writer.touch(market);
  }

  trades(trades: readonly LiveTrade[]): void {
    for (const trade of trades) if (this.#keeps('trades', trade.symbol)) this.#options.ticks.add('trades', trade);
  }

  /** Candles are collected, in time and checked, from elsewhere. */
  candle(): void {}

  funding(funding: LiveFunding): void {
    if (this.#keeps('funding', funding.symbol)) this.#options.ticks.add('funding', funding);
  }

  liquidation(liquidation: LiveLiquidation): void {
    if (this.#keeps('liquidations', liquidation.symbol)) this.#options.ticks.add('liquidations', liquidation);
  }

  /** What waits only for its pace, or to be enough for a file, is written at once. */
  hurry(): void {
    for (const market of this.#markets.values()) {
      market.hurry();
      this.#options.writer.touch(market);
    }
    this.#options.ticks.closeAll();
  }

  confirm(): void {
    for (const market of this.#markets.values()) {
      market.confirm(this.#options.monotonicMs());
      this.#options.writer.touch(market);
    }
  }

  closeDueFiles(nowMs: number): void {
    this.#options.ticks.closeDue(nowMs);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const market of this.#markets.values()) market.settle();
    this.#options.ticks.closeAll();
    await this.#options.whenClosed();
  }

  /** Nothing of it is written any more. */
  end(): void {
    for (const market of this.#markets.values()) this.#options.writer.forget(market);
  }

  #keeps(kind: MarketStreamKind, symbol: string): boolean {
    return !this.#isClosed && this.#kept.get(kind)?.has(symbol) === true;
  }

  #prepare({ kind, symbol, depth, quoteEveryMs, files, isPolled }: PlannedSubscription): void {
    const source = kind === 'books' ? 'books' : 'tickers';
    const options = {
      ...({
        venue: this.#options.unit.venue,
        symbol,
        // Nothing beats under that name: a socket that is heard, or an answer on another market, says nothing of it.
        connection: isPolled ? `${this.connection}/polled` : this.connection,
        source,
        depth,
        quoteEveryMs,
        isPolled,
      } as const),
      ...(files && source === 'books' && { onWritten: (quote: LiveQuote) => this.#keepBook(quote) }),
    };
    const market = this.#markets.get(symbol);
    if (market === undefined) {
      this.#markets.set(symbol, new QuoteMarket(options));
      return;
    }
    // What its quote was made of may not be streamed any more, so nobody would say when that is not so any more.
    if (market.options.source !== source) this.#lose(symbol);
    market.change(options);
  }

  #update(book: LiveBook): void {
    const market = this.#markets.get(book.symbol);
    if (market === undefined) return;
    const { clock, monotonicMs, writer } = this.#options;
    const nowMs = monotonicMs();
    market.update(book, nowMs, nowMs - Math.max(0, clock.nowMs() - book.receivedMs));
    writer.touch(market);
  }

  /** A book of one level, where the ticker tells all of it: an amount that is not told is not zero, nor what it was before. */
  #updateBy({ symbol, bid, bidSize, ask, askSize, exchangeTimeMs, receivedMs }: LiveTicker): void {
    if (bid === undefined || bidSize === undefined || ask === undefined || askSize === undefined) {
      this.#lose(symbol);
      return;
    }
    const [bids, asks]: [LiveLevel[], LiveLevel[]] = [[[bid, bidSize]], [[ask, askSize]]];
    this.#tickers += 1;
    const time = exchangeTimeMs === undefined ? {} : { exchangeTimeMs };
    this.#update({ symbol, bids, asks, receivedMs, sequence: this.#tickers, ...time });
  }

  #lose(symbol: string): void {
    const market = this.#markets.get(symbol);
    if (market === undefined) return;
    market.lose(this.#options.monotonicMs());
    this.#options.writer.touch(market);
    if (!market.isBlank || this.#wanted.has(symbol)) return;
    this.#options.writer.forget(market);
    this.#markets.delete(symbol);
    this.#bookRowsMs.delete(symbol);
  }

  #keepBook({ venue, symbol, exchangeTimeMs, receivedMs, sequence, bids, asks }: LiveQuote): void {
    if (this.#isClosed || receivedMs - (this.#bookRowsMs.get(symbol) ?? Number.NEGATIVE_INFINITY) < bookRowEveryMs)
      return;
    this.#bookRowsMs.set(symbol, receivedMs);
    const time = exchangeTimeMs === undefined ? {} : { exchangeTimeMs };
    this.#options.ticks.add('books', { venue, symbol, receivedMs, sequence, bids, asks, ...time });
  }
}
