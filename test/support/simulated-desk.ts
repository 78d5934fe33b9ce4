/**
 * A desk at simulated venues, without a cloud: the real handlers that trade, follow and reconcile, ccxt's own classes, and stores
 * in memory. Time leaps, so that hours of reconciliation take minutes.
 */
import {
  type AccountId,
  accountOf,
  type ConfiguredAccount,
  type JournalEvent,
  kindOfSymbol,
  type Order,
  orderIdOf,
  parseDeskConfig,
  type Signal,
  type SignalId,
  type SignalMessage,
  type SourceId,
  type VenueId,
  type VenuePort,
  type Verification,
  verifyJournal,
} from '@nightdesk/core';
import { createVenue } from '@nightdesk/exchange';
import { traitsOf } from '@nightdesk/exchange/traits/index.ts';
import { createHandler as createExecuting } from '@nightdesk/functions/execute-order/handler.ts';
import { createHandler as createReconciling } from '@nightdesk/functions/reconcile-balances/handler.ts';
import { createHandler as createTracking } from '@nightdesk/functions/track-orders/handler.ts';
import { createLeapingClock } from './leaping-clock.ts';
import { createMemoryBooks } from './memory-books.ts';
import { createMemoryCoordination } from './memory-coordination.ts';
import {
  createMemoryJournal,
  createMemoryMarkets,
  createMemoryOrders,
  createMemoryPositions,
  createMemoryRisk,
  MemoryTables,
} from './memory-stores.ts';
import {
  credentialsOf,
  type SimulatedCustomer,
  type SimulatedVenueName,
  simulatedVenueNames,
  startSimulator,
} from './simulated-venues.ts';
import { createRecordingTelemetry } from './telemetry.ts';
import { openVenueLayer } from './venue-layer.ts';

/** What a signal asks for; all else is as usual. */
export type Wish = Partial<Signal> & Pick<Signal, 'symbol' | 'action'>;

/** As wide as the simulators' own, so that only they refuse anything. */
const requestLimits: Readonly<Record<SimulatedVenueName, Record<string, number>>> = {
  binance: { 'orders-10s': 1_000, weight: 60_000 },
  kraken: { counter: 10_000, trading: 10_000, public: 10_000 },
  bybit: { orders: 1_000, weight: 10_000 },
};
const source = 'demo' as SourceId;
const wide = '1000000000';
const lookMs = 50_000;
const executeMs = 29_000;
const retryPauseMs = 200;
const deliveriesMax = 12;

export async function openSimulatedDesk(customers: readonly SimulatedCustomer[], { seed }: { seed: number }) {
  const { desk: clock, venue: venueClock, leap } = createLeapingClock();
  const used = simulatedVenueNames.filter((name) => customers.some(({ venue }) => venue === name));
  const { directory } = await openVenueLayer();
  const simulators = new Map(
    await Promise.all(
      used.map(async (name) => [name, await startSimulator(name, { customers, clock: venueClock, seed })] as const),
    ),
  );
  const urlOf = (venue: string): string => simulators.get(venue as SimulatedVenueName)?.url ?? '';
  const config = configFor(customers, used);
  const tables = new MemoryTables();
  const telemetry = createRecordingTelemetry();
  const stores = {
    ...{ orders: createMemoryOrders(tables), positions: createMemoryPositions(tables) },
    ...{ books: createMemoryBooks(tables), risk: createMemoryRisk(tables), markets: createMemoryMarkets(tables) },
  };
  const venues = new Map<string, VenuePort>();
  for (const customer of customers) {
    const { venue } = customer;
    const exchangeConfig = { baseUrl: urlOf(venue), timeoutMs: 2_000, limits: requestLimits[venue] };
    const credentials = credentialsOf(customer);
    const options = { directory, credentials, mode: 'sandbox' as const, exchangeConfig, clock };
    const port = await createVenue({ venue: venue as string as VenueId, ...options });
    venues.set(customer.name, port);
    if (!(await stores.markets.hasAny(venue as string as VenueId)))
      await stores.markets.replaceAll(venue as string as VenueId, await port.fetchMarkets());
  }
  for (const row of ['*', ...customers.map(({ name }) => name)]) {
    await stores.risk.ensure(row as AccountId | '*', clock.nowMs());
  }

  const venueOf = (account: string): VenuePort => {
    const port = venues.get(account);
    if (port === undefined) throw new Error(`there is no account ${account}`);
    return port;
  };
  const venueNameOf = (account: string) => customers.find(({ name }) => name === account)?.venue as string as VenueId;
  const common = { loadConfig: async () => config, liveTrading: false, telemetry };
  const ports = {
    ...{ ...stores, clock, coordination: createMemoryCoordination() },
    findMarket: (venue: VenueId, symbol: string) => stores.markets.get(venue, symbol),
    openVenue: async ({ id }: ConfiguredAccount) => venueOf(id),
    isVenueFailing: async () => false,
    handOver: async () => undefined,
  };
  const reconcile = createReconciling({
    ...{ ...common, ports },
    clientOrderIdOf: ({ venue }, orderId, symbol) =>
      traitsOf(venue).clientOrderIdFor(orderId, { kind: kindOfSymbol(symbol) }),
  });
  const execute = createExecuting({ ...common, ports });
  const track = createTracking({ ...common, ports });
  let signals = 0;

  return {
    ...{ clock, leap, tables, telemetry, config, venueOf, ...stores },
    customers,
    /** Calls a control call of a simulated venue. @throws Error when it refuses */
    async control<Body>(venue: string, method: string, path: string, body?: object): Promise<Body> {
      const init = { method, ...(body !== undefined && { body: JSON.stringify(body) }) };
      const answer = await fetch(`${urlOf(venue)}/__sim/${path}`, init);
      const told = (await answer.json()) as Body;
      if (!answer.ok) throw new Error(`simulated ${venue}: ${method} ${path} answered ${JSON.stringify(told)}`);
      return told;
    },
    /**
     * Has the desk execute a signal, delivered again as the queue does. @returns the order that it became
     *
     * @throws the last error where it is not finished with by then; tracking goes on with what is recorded
     */
    async trade(account: string, wish: Wish): Promise<Order> {
      const given = { wish, signals: ++signals, nowMs: clock.nowMs(), venue: venueNameOf(account) };
      const message = messageOf(account, given);
      for (let delivery = 1; ; delivery++) {
        try {
          await execute(JSON.stringify(message), { deadlineMs: clock.nowMs() + executeMs, retryPauseMs });
          const order = await stores.orders.get(orderIdOf(message));
          if (order === undefined) throw new Error(`a signal of ${account} became no order`);
          return order;
        } catch (error) {
          if (delivery >= deliveriesMax) throw error;
          await clock.sleep(retryPauseMs);
        }
      }
    },
    track: () => track(clock.nowMs() + lookMs),
    async look(account: string): Promise<void> {
      const plannedAtMs = clock.nowMs();
      await reconcile(JSON.stringify({ account, plannedAtMs }), { deadlineMs: plannedAtMs + lookMs });
    },
    eventsOf: (account: string): JournalEvent[] => tables.journal.get(`books#${account}`) ?? [],
    verify: (): Promise<Verification> =>
      verifyJournal({
        ...{ orders: all(tables.orders), switches: all(tables.risk), positions: all(tables.positions) },
        books: allBooks(customers, stores.books.get),
        events: createMemoryJournal(tables).scan(),
        startedAtMs: clock.nowMs(),
      }),
    async close(): Promise<void> {
      for (const simulator of simulators.values()) await simulator.close();
    },
  };
}

export type SimulatedDesk = Awaited<ReturnType<typeof openSimulatedDesk>>;

function configFor(customers: readonly SimulatedCustomer[], venues: readonly SimulatedVenueName[]) {
  const config = parseDeskConfig({
    exchanges: Object.fromEntries(venues.map((venue) => [venue, {}])),
    accounts: Object.fromEntries(customers.map(({ name, venue }) => [name, { exchange: venue, mode: 'sandbox' }])),
    sources: { [source]: { authentication: ['token'], accounts: customers.map(({ name }) => name) } },
    risk: { desk: { venueExposureMax: wide }, default: { orderNotionalMax: wide, openNotionalMax: wide } },
    notifications: {},
  });
  for (const { name } of customers) if (accountOf(config, name as AccountId) === undefined) throw new Error(name);
  return config;
}

function messageOf(
  account: string,
  { wish, signals, nowMs, venue }: { wish: Wish; signals: number; nowMs: number; venue: VenueId },
): SignalMessage {
  const signal: Signal = {
    ...{ signalId: `sg${String(signals).padStart(24, '0')}` as SignalId, source, accounts: [account as AccountId] },
    ...{ venue, type: 'market', receivedAtMs: nowMs, expiresAtMs: nowMs + 60_000, ...wish },
  };
  return { signal, account: account as AccountId, leg: 0, lane: `${account}:${wish.symbol}` };
}

async function* all<Row>(rows: ReadonlyMap<string, Row>): AsyncGenerator<Row> {
  yield* rows.values();
}

async function* allBooks<Row>(
  customers: readonly SimulatedCustomer[],
  get: (account: AccountId) => Promise<Row | undefined>,
): AsyncGenerator<Row> {
  for (const { name } of customers) {
    const books = await get(name as AccountId);
    if (books !== undefined) yield books;
  }
}
