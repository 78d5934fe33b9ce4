/** One connection to a venue's markets, and what is made of what it brings. */
import {
  type DeskConfig,
  type MarketConnection,
  type MarketStreamListener,
  type MarketStreamPort,
  type MarketUnit,
  marketStreamKinds,
  type StreamKind,
  type StreamUnit,
  type UnitStatus,
} from '@nightdesk/core';
import type { MarketPublisher, Publisher } from '../publish/publisher.ts';
import type { StreamMeter } from '../status/stream-meter.ts';
import { ClosedWatch } from './reopening.ts';
import type { RunnerEnd, UnitRunner } from './unit-runner.ts';

/** A book that has not come by then does not come soon: the venue may not have it, and the others are not to wait for it. */
const booksMsMax = 20_000;
/** What could not be read of markets is asked for again after this. */
const learnAgainMs = 5_000;

/** A venue's streams, which know the markets that the unit begins with. */
export interface MarketOpening {
  port: Pick<MarketStreamPort, 'open'>;
  /** Has it know these too. @throws Error when they could not be read */
  learn(symbols: readonly string[]): Promise<void>;
}

export interface MarketRunnerDependencies {
  /** @throws Error when the venue's class cannot be loaded or constructed, or its markets cannot be read */
  openPort(unit: MarketUnit, config: DeskConfig): Promise<MarketOpening>;
  publisher: Publisher;
  meter: StreamMeter;
  /** A clock that never goes back; milliseconds. */
  monotonicMs(): number;
  /** A name for this connection that no other ever had. */
  connection: string;
}

/** @throws Error when it cannot be opened now */
export async function openMarketRunner(
  unit: MarketUnit,
  { config, onEnd }: { config: DeskConfig; onEnd(end: RunnerEnd): void },
  dependencies: MarketRunnerDependencies,
): Promise<UnitRunner> {
  const opening = await dependencies.openPort(unit, config);
  return new MarketRunner(unit, { opening, onEnd }, dependencies);
}

interface Opened {
  opening: MarketOpening;
  onEnd(end: RunnerEnd): void;
}

class MarketRunner implements UnitRunner {
  readonly #dependencies: MarketRunnerDependencies;
  readonly #opened: Opened;
  readonly #publisher: MarketPublisher;
  readonly #connection: MarketConnection;
  readonly #closed: ClosedWatch;
  readonly #beganMs: number;
  /** Books that are wanted. */
  #books: ReadonlySet<string> = new Set();
  /** Those of them that are not usable: not here yet, or lost. */
  readonly #missing = new Set<string>();
  #unit: MarketUnit;
  #wereAllThere = false;
  /** What is planned, where the connection has not been told of it yet. */
  #next: MarketUnit | undefined;
  #isLearning = false;
  #learnsAtMs = -Infinity;

  constructor(unit: MarketUnit, opened: Opened, dependencies: MarketRunnerDependencies) {
    const { publisher, monotonicMs, connection: name } = dependencies;
    this.#dependencies = dependencies;
    this.#opened = opened;
    this.#unit = unit;
    this.#beganMs = monotonicMs();
    this.#closed = new ClosedWatch(this.#beganMs);
    let connection: MarketConnection | undefined;
    this.#publisher = publisher.openMarkets(unit, {
      connection: name,
      heardMs: () => (connection?.isOpen ? connection.heardMs : undefined),
    });
    connection = opened.opening.port.open(this.#listen());
    this.#connection = connection;
    this.#want(unit);
  }

  get isRunning(): boolean {
    if (!this.#connection.isOpen) return false;
    this.#wereAllThere ||= this.#missing.size === 0 || this.#nowMs() - this.#beganMs >= booksMsMax;
    return this.#wereAllThere;
  }

  get booksLost(): number {
    return this.#missing.size;
  }

  get status(): UnitStatus {
    const { id, venue, subscriptions } = this.#unit;
    const { isOpen, heardMs } = this.#connection;
    return { unit: id, venue, subscriptions: subscriptions.length, isOpen, ...(heardMs !== undefined && { heardMs }) };
  }

  adapt(unit: StreamUnit): void {
    if (unit.kind !== 'markets') return;
    this.#next = unit;
    void this.#catchUp(unit);
  }

  confirm(): void {
    this.#publisher.confirm();
  }

  tend(): void {
    const nowMs = this.#nowMs();
    if (this.#next !== undefined && nowMs >= this.#learnsAtMs) void this.#catchUp(this.#next);
    const reason = this.#closed.look(this.#connection.isOpen, nowMs);
    if (reason !== undefined) this.#opened.onEnd({ reason, isRenewal: false });
  }

  async close(): Promise<void> {
    this.#next = undefined;
    this.#dependencies.meter.setSubscriptions(this.#unit, []);
    // What is written last is what came last: nothing comes once the connection is closed.
    await this.#connection.close().catch(() => undefined);
    await this.#publisher.close();
  }

  #nowMs(): number {
    return this.#dependencies.monotonicMs();
  }

  /** Tells the connection of what is planned, once it knows the markets. */
  async #catchUp(unit: MarketUnit): Promise<void> {
    if (this.#isLearning) return;
    this.#isLearning = true;
    try {
      await this.#opened.opening.learn(symbolsOf(unit));
      // Closed meanwhile, or planned otherwise: then the next beat sees to it.
      if (this.#next !== unit) return;
      this.#next = undefined;
      this.#want(unit);
    } catch (error) {
      this.#learnsAtMs = this.#nowMs() + learnAgainMs;
      this.#dependencies.meter.failed(`markets of ${unit.id} cannot be read`, error);
    } finally {
      this.#isLearning = false;
    }
  }

  #want(unit: MarketUnit): void {
    const before = this.#books;
    this.#unit = unit;
    this.#books = booksOf(unit);
    for (const symbol of this.#missing) if (!this.#books.has(symbol)) this.#missing.delete(symbol);
    for (const symbol of this.#books) if (!before.has(symbol)) this.#missing.add(symbol);
    this.#dependencies.meter.setSubscriptions(unit, unit.subscriptions);
    this.#publisher.want(unit.subscriptions);
    this.#connection.want(unit.subscriptions);
  }

  /** Called between the venue's frames: everything here is quick, and nothing waits. */
  #listen(): MarketStreamListener {
    const { meter } = this.#dependencies;
    const { venue } = this.#unit;
    const publisher = this.#publisher;
    return {
      book: (book) => {
        meter.update(venue, 'books', book);
        if (this.#missing.size > 0) this.#missing.delete(book.symbol);
        publisher.book(book);
      },
      bookLost: (symbol) => {
        if (this.#books.has(symbol)) this.#missing.add(symbol);
        publisher.bookLost(symbol);
      },
      tickerLost: (symbol) => publisher.tickerLost(symbol),
      trades: (trades) => {
        const [first] = trades;
        if (first === undefined) return;
        const { atMs, receivedMs } = first;
        meter.update(venue, 'trades', { count: trades.length, exchangeTimeMs: atMs, receivedMs });
        publisher.trades(trades);
      },
      ticker: (ticker) => {
        meter.update(venue, 'tickers', ticker);
        publisher.ticker(ticker);
      },
      candle: (candle) => {
        meter.update(venue, 'candles', { receivedMs: candle.receivedMs });
        publisher.candle(candle);
      },
      funding: (funding) => {
        meter.update(venue, 'funding', funding);
        publisher.funding(funding);
      },
      liquidation: (liquidation) => {
        const { atMs, receivedMs } = liquidation;
        meter.update(venue, 'liquidations', { exchangeTimeMs: atMs, receivedMs });
        publisher.liquidation(liquidation);
      },
      incident: (incident) => meter.incident(venue, mainKindOf(this.#unit), incident),
    };
  }
}

/** What matters most of what the connection carries. */
const mainKindOf = ({ subscriptions }: MarketUnit): StreamKind =>
  marketStreamKinds.find((kind) => subscriptions.some((each) => each.kind === kind)) ?? 'books';

const booksOf = ({ subscriptions }: MarketUnit): Set<string> =>
  new Set(subscriptions.flatMap(({ kind, symbol }) => (kind === 'books' ? [symbol] : [])));

export const symbolsOf = ({ subscriptions }: MarketUnit): string[] => [
  ...new Set(subscriptions.map(({ symbol }) => symbol)),
];
