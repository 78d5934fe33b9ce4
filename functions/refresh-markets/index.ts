import {
  createDeskConfigProvider,
  createDynamoDbClient,
  createMarketsRepository,
  createTelemetry,
  readEnvironment,
  systemClock,
} from '@nightdesk/aws';
import { environmentNames } from '@nightdesk/core';
import { refreshMarkets } from '../shared/market-finder.ts';
import { openVenueFleets } from '../shared/venue-fleets.ts';
import { createHandler, RefreshIncompleteError, type RefreshSummary } from './handler.ts';
import { parseEvent } from './schema.ts';

const { marketsTable, venuesDirectory } = environmentNames;
const environment = readEnvironment({ marketsTable, venuesDirectory });
const telemetry = createTelemetry('refresh-markets');
const provider = createDeskConfigProvider();
// What an hourly function knows is always old.
const loadConfig = () => provider({ newest: true });
const markets = createMarketsRepository(createDynamoDbClient(), environment.marketsTable);
const fleetOf = openVenueFleets(telemetry);
const refreshing = { markets, clock: systemClock, loadConfig, directory: environment.venuesDirectory, fleetOf };
const refreshAll = createHandler({ loadConfig, refresh: (venue) => refreshMarkets(venue, refreshing), telemetry });

export async function handler(event: unknown): Promise<RefreshSummary> {
  const summary = await refreshAll(parseEvent(event)).finally(() => telemetry.flush());
  if (summary.failed.length > 0) throw new RefreshIncompleteError(summary.failed);
  return summary;
}
