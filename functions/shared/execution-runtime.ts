/** What the functions that place and follow orders have in common at run time. */
import {
  createAwsSecrets,
  createBooksRepository,
  createCoordinationTable,
  createDeskConfigProvider,
  createDynamoDbClient,
  createItemReader,
  createMarketsRepository,
  createOrdersRepository,
  createPaperRepository,
  createPositionsRepository,
  createRiskRepository,
  type LoadDeskConfig,
  readEnvironment,
  systemClock,
  type Telemetry,
} from '@nightdesk/aws';
import {
  type BooksStore,
  type ConfiguredAccount,
  type CoordinationStore,
  type ExecutionPorts,
  environmentNames,
  type MarketsStore,
  type PositionsStore,
  type VenuePort,
} from '@nightdesk/core';
import { cachedMarkets } from './cached-markets.ts';
import { createMarketFinder } from './market-finder.ts';
import { createPaperOpener } from './paper-opener.ts';
import { createPublicVenues } from './public-venue.ts';
import { openVenueFleets } from './venue-fleets.ts';
import { createVenueOpener } from './venue-opener.ts';
import { createVenueWatch } from './venue-watch.ts';

/** Handing over takes a queue, which only the function that places orders may send to. */
export interface RuntimePorts extends Omit<ExecutionPorts, 'handOver' | 'books' | 'positions'> {
  books: BooksStore;
  positions: PositionsStore;
  openVenue(account: ConfiguredAccount): Promise<VenuePort>;
  markets: MarketsStore;
  coordination: CoordinationStore;
}

export interface ExecutionRuntime {
  loadConfig: LoadDeskConfig;
  ports: RuntimePorts;
  /** The stage's setting. */
  liveTrading: boolean;
}

/** @throws EnvironmentError at cold start when a variable is missing */
export function createExecutionRuntime(telemetry: Telemetry): ExecutionRuntime {
  const {
    ordersTable,
    journalTable,
    riskTable,
    positionsTable,
    marketsTable,
    coordinationTable,
    paperTable,
    booksTable,
  } = environmentNames;
  const { secretsPrefix, venuesDirectory, liveTrading } = environmentNames;
  const tables = {
    ordersTable,
    journalTable,
    riskTable,
    positionsTable,
    marketsTable,
    coordinationTable,
    paperTable,
    booksTable,
  };
  const environment = readEnvironment({ ...tables, secretsPrefix, venuesDirectory, liveTrading });
  const dynamoDb = createDynamoDbClient();
  const reader = createItemReader(dynamoDb, { gathers: true });
  const { ordersTable: orders, journalTable: journal, riskTable: risk, positionsTable: positions } = environment;
  const loadConfig = createDeskConfigProvider();
  const clock = systemClock;
  const coordination = createCoordinationTable(dynamoDb, environment.coordinationTable);
  const fleetOf = openVenueFleets(telemetry, coordination);
  const directory = environment.venuesDirectory;
  const markets = cachedMarkets(createMarketsRepository(dynamoDb, environment.marketsTable), clock);
  const findMarket = createMarketFinder({ markets, clock, loadConfig, directory, fleetOf });
  const openPublicVenue = createPublicVenues({ clock, directory, fleetOf });
  const openVenue = createVenueOpener({
    secrets: createAwsSecrets(),
    secretsPrefix: environment.secretsPrefix,
    directory,
    clock,
    fleetOf,
    openPaper: createPaperOpener({
      store: createPaperRepository(dynamoDb, environment.paperTable),
      openPublicVenue: async (venue) => openPublicVenue(venue, await loadConfig()),
      findMarket,
      clock,
    }),
  });
  const watch = createVenueWatch({ coordination, clock });
  return {
    loadConfig,
    liveTrading: environment.liveTrading === 'on',
    ports: {
      orders: createOrdersRepository(dynamoDb, { orders, journal, risk, positions }, reader),
      risk: createRiskRepository(dynamoDb, { risk, journal }, reader),
      positions: createPositionsRepository(dynamoDb, { positions, risk, journal }, reader),
      books: createBooksRepository(dynamoDb, { books: environment.booksTable, journal, risk }),
      clock,
      openVenue: async (account) => watch.watch(account.venue, await openVenue(account)),
      isVenueFailing: watch.isFailing,
      findMarket,
      markets,
      coordination,
    },
  };
}
