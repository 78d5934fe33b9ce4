/** One thing that a connection streams of one market: what is known of it, and how what comes is read. */
import {
  type LiveBook,
  type LiveLevel,
  type Market,
  type MarketStreamListener,
  type MarketSubscription,
  SilenceWatch,
} from '@nightdesk/core';
import { UnparsableAnswerError } from '../fields.ts';
import type { VenueTraits } from '../traits/index.ts';
import type { StreamTraits } from '../traits/stream-traits.ts';
import { type BookFault, BookTracker, type VenueBook } from './book-tracker.ts';
import { CandleReader, readFunding, readLiquidations, readTicker, TradeReader } from './read-updates.ts';
import type { VenueSocket } from './stream-client.ts';
import type { WatchPlan } from './watch-plan.ts';

const depthStandard = 20;

/** What was asked with one message, and by which it is known whose answer something is. */
export interface Asking {
  readonly subscriptions: readonly Subscription[];
  /** Of that message; absent where none was sent. */
  id?: string | undefined;
}

/** A socket, and when anything of use last came over it, by the clock that never goes back; milliseconds. */
export interface Line {
  readonly socket: VenueSocket;
  toldMs: number;
}

export interface SubscriptionOptions {
  wanted: MarketSubscription;
  market: Market;
  /** Absent where it is polled. */
  plan: WatchPlan | undefined;
  traits: VenueTraits;
  streamTraits: StreamTraits;
  /** Of the clock that never goes back, as all times that are kept here. */
  nowMs: number;
}

export const keyOf = ({ kind, symbol, timeframe = '', depth = depthStandard }: MarketSubscription): string =>
  kind === 'candles' ? `${kind} ${symbol} ${timeframe}` : `${kind} ${symbol} ${kind === 'books' ? depth : ''}`;

export class Subscription {
  readonly wanted: MarketSubscription;
  readonly market: Market;
  readonly plan: WatchPlan | undefined;
  /** Those that ccxt sends to the same address, and a venue fails together. */
  readonly group: string;
  readonly silence: SilenceWatch;
  readonly tracker: BookTracker | undefined;
  /** Asks to be subscribed at `dueMs`; was asked for; or goes on. */
  state: 'due' | 'asked' | 'running' = 'due';
  dueMs = 0;
  askedMs = 0;
  asking: Asking | undefined;
  /** Not in one message with others, since one that held it was refused. */
  isAlone = false;
  /** It is subscribed at the venue as far as is known, though what comes is of no use. */
  isHeld = false;
  /** Its book was lost for what was wrong with it; the next good one ends that. */
  isMending = false;
  /** In a row. */
  failures = 0;
  timesThin = 0;
  /** Since when its book is the venue's; absent while it is not. */
  goodSinceMs: number | undefined;
  /** Something that it has told may be in use. */
  hasTold = false;
  line: Line | undefined;
  /** ccxt's names of its messages. */
  hashes: string[] = [];
  readonly #traits: VenueTraits;
  readonly #streamTraits: StreamTraits;
  readonly #read: (result: unknown, receivedMs: number, listener: MarketStreamListener) => void;
  readonly #trades: TradeReader;
  readonly #contractSize: number;

  constructor({ wanted, market, plan, traits, streamTraits, nowMs }: SubscriptionOptions) {
    this.wanted = wanted;
    this.market = market;
    this.plan = plan;
    this.group = [market.kind, market.contractType ?? '', market.settle ?? ''].join(':');
    this.silence = new SilenceWatch(nowMs);
    this.#traits = traits;
    this.#streamTraits = streamTraits;
    this.#trades = new TradeReader(market);
    this.#contractSize = market.contractType === 'linear' ? Number(market.contractSize ?? 1) : 1;
    if (wanted.kind === 'books') {
      const { rule, decimals } = streamTraits.books;
      const depth = wanted.depth ?? depthStandard;
      this.tracker = new BookTracker({
        rule: plan === undefined ? 'trusted' : rule,
        depth,
        decimals: decimals?.(market),
      });
    }
    this.#read = this.#readerOf();
  }

  /** Levels that ccxt is asked for; of books. */
  get levels(): number | undefined {
    if (this.wanted.kind !== 'books') return undefined;
    return this.#streamTraits.books.levels(this.wanted.depth ?? depthStandard, this.timesThin);
  }

  /** Reads what came of any kind but books, and tells it. @throws UnparsableAnswerError */
  tell(result: unknown, receivedMs: number, listener: MarketStreamListener): void {
    this.#read(result, receivedMs, listener);
  }

  /** @returns what keeps it from being told, as `BookTracker.check` */
  checkBook(result: unknown, message: unknown): BookFault | 'skipped' | undefined {
    const book = result as VenueBook;
    if (this.tracker?.isAwaited === true && this.levels !== undefined) this.#limit(book, this.levels);
    return this.tracker?.check(book, message);
  }

  /** ccxt concludes from the first message how many levels there are, which may be few at that moment. */
  #limit({ bids, asks }: VenueBook, levels: number): void {
    if (this.#streamTraits.books.rule !== 'summed') return;
    bids.depth = levels;
    asks.depth = levels;
  }

  /** @param message what the book was changed by, as `checkBook` */
  bookOf(result: unknown, receivedMs: number, message: unknown): LiveBook {
    const { bids, asks, timestamp = timeOf(message) } = result as VenueBook;
    const sequence = this.tracker?.sequence ?? 0;
    const { symbol } = this.market;
    const size = this.#contractSize;
    const sides = size === 1 ? { bids, asks } : { bids: scaled(bids, size), asks: scaled(asks, size) };
    const { bids: ownBids, asks: ownAsks } = sides;
    return typeof timestamp === 'number'
      ? { symbol, bids: ownBids, asks: ownAsks, exchangeTimeMs: timestamp, receivedMs, sequence }
      : { symbol, bids: ownBids, asks: ownAsks, receivedMs, sequence };
  }

  /** The venue has taken it. A book has still to begin; of anything else there may be nothing to tell for a long time. */
  taken(): void {
    if (this.tracker === undefined && this.state === 'asked') this.state = 'running';
  }

  /** What comes next may hold what was told already. */
  asksAgain(): void {
    this.#trades.reconnected();
  }

  /** Its socket is gone: whatever comes next is of another. */
  disconnected(): void {
    this.state = 'due';
    this.asking = undefined;
    this.line = undefined;
    this.isHeld = false;
    this.tracker?.restart();
    this.#trades.reconnected();
  }

  #readerOf(): (result: unknown, receivedMs: number, listener: MarketStreamListener) => void {
    const { market, plan, wanted } = this;
    const { kind, timeframe = '1m' } = wanted;
    if (kind === 'trades') {
      return (result, receivedMs, listener) => {
        const trades = this.#trades.read(result, receivedMs);
        if (trades.length > 0) listener.trades(trades);
        const { missedCount } = this.#trades;
        if (missedCount > 0)
          throw new UnparsableAnswerError('trades', 'trades', `${missedCount} more than there is room for`);
      };
    }
    if (kind === 'candles') {
      const countsBase = this.#traits.candleRow(market).volume?.unit === 'base';
      const candles = new CandleReader(market, { timeframe, countsBase });
      return (result, receivedMs, listener) => {
        for (const candle of candles.read(result, receivedMs)) listener.candle(candle);
      };
    }
    if (kind === 'liquidations') {
      return (result, receivedMs, listener) => {
        for (const liquidation of readLiquidations(result, market, receivedMs)) listener.liquidation(liquidation);
      };
    }
    if (kind === 'funding') {
      const fields = plan?.fields ?? {};
      return (result, receivedMs, listener) => {
        const funding = readFunding(result, market, { fields, receivedMs });
        if (funding !== undefined) listener.funding(funding);
      };
    }
    return (result, receivedMs, listener) => {
      const ticker = readTicker(result, market, receivedMs);
      if (ticker !== undefined) listener.ticker(ticker);
    };
  }
}

/** ccxt leaves the time of Kraken's snapshots out. */
function timeOf(message: unknown): number | undefined {
  const { data } = (message ?? {}) as { data?: unknown };
  const [first] = Array.isArray(data) ? (data as { timestamp?: unknown }[]) : [];
  const timeMs = typeof first?.timestamp === 'string' ? Date.parse(first.timestamp) : Number.NaN;
  return Number.isNaN(timeMs) ? undefined : timeMs;
}

const scaled = (side: readonly LiveLevel[], size: number): LiveLevel[] =>
  Array.from(side, ([price, contracts]) => [price, contracts * size] as const);
