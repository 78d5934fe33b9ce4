/** What the functions that place and follow orders have in common at run time. */
import {
  createAwsSecrets,
  createCoordinationTable,
  createDeskConfigProvider,
  createDynamoDbClient,
  createMarketsRepository,
  createOrdersRepository,
  createPositionsRepository,
  createRiskRepository,
  type LoadDeskConfig,
  readEnvironment,
  systemClock,
  type Telemetry,
} from '@nightdesk/aws';
import { type ExecutionPorts, environmentNames } from '@nightdesk/core';
import { cachedMarkets } from './cached-markets.ts';
import { createMarketFinder } from './market-finder.ts';
import { openVenueFleets } from './venue-fleets.ts';
import { createVenueOpener } from './venue-opener.ts';
import { createVenueWatch } from './venue-watch.ts';

/** Handing over takes a queue, which only the function that places orders may send to. */
export type RuntimePorts = Omit<ExecutionPorts, 'handOver'>;

export interface ExecutionRuntime {
  loadConfig: LoadDeskConfig;
  ports: RuntimePorts;
  /** The stage's setting. */
  liveTrading: boolean;
}

/** @throws EnvironmentError at cold start when a variable is missing */
export function createExecutionRuntime(telemetry: Telemetry): ExecutionRuntime {
  const { ordersTable, journalTable, riskTable, positionsTable, marketsTable, coordinationTable } = environmentNames;
  const { secretsPrefix, venuesDirectory, liveTrading } = environmentNames;
  const tables = { ordersTable, journalTable, riskTable, positionsTable, marketsTable, coordinationTable };
  const environment = readEnvironment({ ...tables, secretsPrefix, venuesDirectory, liveTrading });
  const dynamoDb = createDynamoDbClient();
  const { ordersTable: orders, journalTable: journal, riskTable: risk, positionsTable: positions } = environment;
  const loadConfig = createDeskConfigProvider();
  const clock = systemClock;
  const fleetOf = openVenueFleets(telemetry);
  const openVenue = createVenueOpener({
    secrets: createAwsSecrets(),
    secretsPrefix: environment.secretsPrefix,
    directory: environment.venuesDirectory,
    clock,
    fleetOf,
  });
  const coordination = createCoordinationTable(dynamoDb, environment.coordinationTable);
  const watch = createVenueWatch({ coordination, clock });
  const markets = cachedMarkets(createMarketsRepository(dynamoDb, environment.marketsTable), clock);
  return {
    loadConfig,
    liveTrading: environment.liveTrading === 'on',
    ports: {
      orders: createOrdersRepository(dynamoDb, { orders, journal, risk, positions }),
      risk: createRiskRepository(dynamoDb, { risk, journal }),
      positions: createPositionsRepository(dynamoDb, positions),
      clock,
      openVenue: async (account) => watch.watch(account.venue, await openVenue(account)),
      isVenueFailing: watch.isFailing,
      findMarket: createMarketFinder({ markets, clock, loadConfig, directory: environment.venuesDirectory, fleetOf }),
    },
  };
}
