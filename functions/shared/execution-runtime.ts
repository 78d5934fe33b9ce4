/** What the functions that place and follow orders have in common at run time. */
import {
  createAwsSecrets,
  createDeskConfigProvider,
  createDynamoDbClient,
  createMarketsRepository,
  createOrdersRepository,
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

export interface ExecutionRuntime {
  loadConfig: LoadDeskConfig;
  ports: ExecutionPorts;
  /** The stage's setting. */
  liveTrading: boolean;
}

/** @throws EnvironmentError at cold start when a variable is missing */
export function createExecutionRuntime(telemetry: Telemetry): ExecutionRuntime {
  const { ordersTable, journalTable, riskTable, marketsTable, secretsPrefix, venuesDirectory, liveTrading } =
    environmentNames;
  const tables = { ordersTable, journalTable, riskTable, marketsTable };
  const environment = readEnvironment({ ...tables, secretsPrefix, venuesDirectory, liveTrading });
  const dynamoDb = createDynamoDbClient();
  const { ordersTable: orders, journalTable: journal, riskTable: risk } = environment;
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
  const markets = cachedMarkets(createMarketsRepository(dynamoDb, environment.marketsTable), clock);
  return {
    loadConfig,
    liveTrading: environment.liveTrading === 'on',
    ports: {
      orders: createOrdersRepository(dynamoDb, { orders, journal, risk }),
      risk: createRiskRepository(dynamoDb, { risk, journal }),
      clock,
      openVenue,
      findMarket: createMarketFinder({ markets, clock, loadConfig, directory: environment.venuesDirectory, fleetOf }),
    },
  };
}
