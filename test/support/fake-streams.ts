/** Units, connections, publishers and whole tasks of the stream service, steered by tests. */
import type { MarketSummary } from '@nightdesk/aws';
import type {
  AccountStreamListener,
  AccountStreamPort,
  CoordinationStore,
  DeskConfig,
  LiveBook,
  MarketConnection,
  MarketStreamListener,
  MarketSubscription,
  MarketUnit,
  PlannedSubscription,
  StreamConnection,
  StreamTaskStatus,
  SymbolRanking,
  VenueId,
} from '@nightdesk/core';
import type { Publisher } from '@nightdesk/stream/src/publish/publisher.ts';
import { createStreamService, type StreamService } from '@nightdesk/stream/src/service.ts';
import type { AccountOpening } from '@nightdesk/stream/src/units/account-runner.ts';
import type { MarketOpening } from '@nightdesk/stream/src/units/market-runner.ts';
import { createMemoryCoordination } from './memory-coordination.ts';
import type { SteppingClock } from './stepping-clock.ts';
import { createRecordingTelemetry } from './telemetry.ts';

export const fakeVenueId = 'fake' as VenueId;

export const bookOf = (symbol: string): PlannedSubscription => ({
  ...{ kind: 'books', symbol, depth: 10, quoteEveryMs: 1_000, files: false },
});

export const marketUnit = (number: number, symbols: readonly string[]): MarketUnit => ({
  ...{ kind: 'markets', id: `fake#markets#${number}`, venue: fakeVenueId, subscriptions: symbols.map(bookOf) },
});

export const marketsOf = (...symbols: string[]): MarketSummary[] =>
  symbols.map((symbol) => {
    const [base = '', quote = ''] = symbol.split('/');
    return { symbol, kind: 'spot', base, quote, active: true };
  });

/** A connection that does what the test says. By default it opens and gives books a moment after they are wanted. */
export class FakeMarketConnection implements MarketConnection {
  readonly unit: MarketUnit;
  readonly listener: MarketStreamListener;
  readonly #venue: FakeVenue;
  heardMs: number | undefined;
  isOpen = false;
  isClosed = false;
  wanted: readonly MarketSubscription[] = [];
  /** Symbols of books that can be used now. */
  readonly books = new Set<string>();

  constructor(unit: MarketUnit, listener: MarketStreamListener, venue: FakeVenue) {
    this.unit = unit;
    this.listener = listener;
    this.#venue = venue;
  }

  want(subscriptions: readonly MarketSubscription[]): void {
    this.wanted = subscriptions;
    for (const symbol of this.books)
      if (!subscriptions.some((each) => each.symbol === symbol)) this.books.delete(symbol);
    void this.#begin();
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.isOpen = false;
    this.books.clear();
  }

  tell(symbol: string, sequence = 1): void {
    const receivedMs = this.#venue.clock.nowMs();
    this.heardMs = receivedMs;
    this.books.add(symbol);
    const book: LiveBook = { ...{ symbol, receivedMs, sequence }, bids: [[100, 1]], asks: [[101, 1]] };
    this.listener.book({ ...book, exchangeTimeMs: receivedMs - 20 });
  }

  async #begin(): Promise<void> {
    const { clock, answersAfterMs, silent } = this.#venue;
    await clock.sleep(answersAfterMs);
    if (this.isClosed || !this.#venue.isReachable) return;
    this.isOpen = true;
    this.heardMs = clock.nowMs();
    for (const { kind, symbol } of this.wanted) {
      if (kind === 'books' && !this.books.has(symbol) && !silent.has(symbol)) this.tell(symbol);
    }
  }
}

/** A venue as one task sees it. */
export class FakeVenue {
  readonly clock: SteppingClock;
  readonly connections: FakeMarketConnection[] = [];
  readonly accounts: { listener: AccountStreamListener; connection: StreamConnection; key: string }[] = [];
  isReachable = true;
  answersAfterMs = 300;
  /** Of these no book ever comes. */
  readonly silent = new Set<string>();
  /** Units that cannot be opened, and why. */
  readonly failures = new Map<string, Error>();
  /** What secrets hold. */
  key = 'first';

  constructor(clock: SteppingClock) {
    this.clock = clock;
  }

  readonly offers = { offers: () => 'streamed' as const, subscriptionsMax: 100 };

  async openMarkets(unit: MarketUnit): Promise<MarketOpening> {
    const failure = this.failures.get(unit.id);
    if (failure !== undefined) throw failure;
    const open = (listener: MarketStreamListener) => {
      const connection = new FakeMarketConnection(unit, listener, this);
      this.connections.push(connection);
      return connection;
    };
    return { port: { open }, learn: async () => {} };
  }

  async openAccount(): Promise<AccountOpening> {
    const { key } = this;
    const port: AccountStreamPort = {
      offers: (kind) => (kind === 'fills' ? 'absent' : 'streamed'),
      open: (listener) => {
        const connection = { isOpen: true, heardMs: this.clock.nowMs(), close: async () => {} };
        this.accounts.push({ listener, connection, key });
        return connection;
      },
    };
    return { port, hasSameKey: async () => this.key === key };
  }

  /** Units whose connection is open and has all of its books. */
  going(): Set<string> {
    const ready = this.connections.filter(
      ({ isOpen, wanted, books }) =>
        isOpen && wanted.every(({ kind, symbol }) => kind !== 'books' || this.silent.has(symbol) || books.has(symbol)),
    );
    return new Set(ready.map(({ unit }) => unit.id));
  }
}

/** What a publisher was told, as lines. */
export interface RecordingPublisher extends Publisher {
  readonly lines: string[];
  isClosed: boolean;
  /** How long closing takes. */
  closesInMs: number;
}

export function createRecordingPublisher(clock: SteppingClock): RecordingPublisher {
  const lines: string[] = [];
  return {
    ...{ lines, isClosed: false, closesInMs: 0 },
    openMarkets(unit, { connection, heardMs }) {
      const tell = (what: string) => void lines.push(`${connection} ${what}`);
      tell(`opened for ${unit.id}, heard ${heardMs() !== undefined}`);
      return {
        want: (subscriptions) => tell(`wants ${subscriptions.map(({ symbol }) => symbol).join(' ')}`),
        book: ({ symbol }) => tell(`book ${symbol}`),
        bookLost: (symbol) => tell(`lost ${symbol}`),
        tickerLost: (symbol) => tell(`lost the ticker ${symbol}`),
        trades: (trades) => tell(`${trades.length} trades`),
        ticker: ({ symbol }) => tell(`ticker ${symbol}`),
        candle: ({ symbol }) => tell(`candle ${symbol}`),
        funding: ({ symbol }) => tell(`funding ${symbol}`),
        liquidation: ({ symbol }) => tell(`liquidation ${symbol}`),
        confirm: () => tell('confirms'),
        close: async () => tell('closed'),
      };
    },
    openAccount({ id }) {
      const tell = (what: string) => void lines.push(`${id} ${what}`);
      return {
        order: ({ symbol }) => tell(`order ${symbol}`),
        balance: ({ asset }) => tell(`balance ${asset}`),
        position: ({ symbol }) => tell(`position ${symbol}`),
        close: async () => tell('closed'),
      };
    },
    async flush() {},
    async close() {
      await clock.sleep(this.closesInMs);
      this.isClosed = true;
    },
  };
}

/** What tasks have in common. */
export interface FakeDesk {
  clock: SteppingClock;
  store: CoordinationStore;
  config: DeskConfig;
  /** While it is set, the configuration cannot be read. */
  configFailure: Error | undefined;
  markets: readonly MarketSummary[];
  ranking: SymbolRanking | undefined;
  marketLists: number;
}

export const createFakeDesk = (clock: SteppingClock, config: DeskConfig, ...symbols: string[]): FakeDesk => ({
  ...{ clock, config, configFailure: undefined, ranking: undefined, marketLists: 0 },
  store: createMemoryCoordination(),
  markets: marketsOf(...symbols),
});

export interface FakeTask {
  service: StreamService;
  venue: FakeVenue;
  publisher: RecordingPublisher;
  telemetry: ReturnType<typeof createRecordingTelemetry>;
  statuses: StreamTaskStatus[];
  /** While it is set, the roster does not answer this task. */
  storeFailure: Error | undefined;
  /** Ends it as a `kill -9` does: it says nothing more, and its connections are gone. */
  kill(): void;
}

/** A task of the stream service, with a venue and a publisher of its own; not started yet. */
export function createFakeTask(desk: FakeDesk, name: string): FakeTask {
  const { clock } = desk;
  const venue = new FakeVenue(clock);
  const publisher = createRecordingPublisher(clock);
  const telemetry = createRecordingTelemetry();
  const statuses: StreamTaskStatus[] = [];
  let isKilled = false;
  const service = createStreamService({
    task: name,
    async loadConfig() {
      if (desk.configFailure !== undefined) throw desk.configFailure;
      return desk.config;
    },
    async listMarkets() {
      desk.marketLists += 1;
      return desk.markets;
    },
    ranking: async () => desk.ranking,
    offersOf: async () => venue.offers,
    coordination: {
      async change(key, decide) {
        if (isKilled) return new Promise(() => {});
        if (task.storeFailure !== undefined) throw task.storeFailure;
        return desk.store.change(key, decide);
      },
    },
    quotes: { writeStatus: async (status) => void statuses.push(structuredClone(status)) },
    createPublisher: () => publisher,
    openMarkets: (unit) => venue.openMarkets(unit),
    openAccount: () => venue.openAccount(),
    ...{ clock, monotonicMs: clock.monotonicMs, random: () => 1, telemetry },
    gauges: {
      eventLoopDelayMs: () => ({ p50: 0.1, p90: 0.2, p99: 0.3, max: 0.4 }),
      resetEventLoopDelay: () => {},
      memory: () => ({ residentBytes: 100, heapBytes: 50 }),
    },
  });
  const task: FakeTask = {
    ...{ service, venue, publisher, telemetry, statuses, storeFailure: undefined },
    kill() {
      isKilled = true;
      venue.isReachable = false;
      for (const connection of venue.connections) void connection.close();
    },
  };
  return task;
}
