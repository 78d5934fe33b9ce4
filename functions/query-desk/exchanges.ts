/** `GET /exchanges` and `GET /exchanges/{venue}`: what there is, what of it is configured, and how it is. */
import type { HttpAnswer } from '@nightdesk/aws';
import {
  type Clock,
  ConfigurationError,
  type CoordinationStore,
  coordinationKeys,
  type DeskConfig,
  healthOf,
  RequestError,
  type VenueHealth,
  type VenueId,
} from '@nightdesk/core';
import type { VenueDescription, VenueEntry } from '@nightdesk/exchange/venue-catalog.ts';
import { parseExchangesQuery } from './schema.ts';

export interface ExchangesDependencies {
  loadConfig(): Promise<DeskConfig>;
  coordination: Pick<CoordinationStore, 'change'>;
  clock: Clock;
  catalog: {
    list(): Promise<VenueEntry[]>;
    /** @throws ConfigurationError when there is no such venue */
    describe(venue: VenueId): Promise<VenueDescription>;
  };
}

export async function listExchanges(
  parameters: Record<string, string | undefined>,
  dependencies: ExchangesDependencies,
): Promise<HttpAnswer> {
  const { configured } = parseExchangesQuery(parameters);
  const config = await dependencies.loadConfig();
  const entries = await dependencies.catalog.list();
  const wanted = entries.filter(
    ({ venue }) => configured === undefined || configured === Object.hasOwn(config.exchanges, venue),
  );
  const exchanges = await Promise.all(
    wanted.map(async (entry) => ({ ...entry, ...(await standing(entry.venue, config, dependencies)) })),
  );
  return { status: 200, body: { exchanges } };
}

export async function readExchange(name: string, dependencies: ExchangesDependencies): Promise<HttpAnswer> {
  const { catalog, loadConfig } = dependencies;
  const entry = (await catalog.list()).find(({ venue }) => venue === name);
  const description = await catalog.describe(name as VenueId).catch((error: unknown) => {
    throw error instanceof ConfigurationError ? new RequestError('not_found', error.message) : error;
  });
  const config = await loadConfig();
  const body = { venue: name, ...entry, ...description, ...(await standing(name as VenueId, config, dependencies)) };
  return { status: 200, body };
}

/**
 * What the owner made of a venue, and how it is. Addresses and proxies are left out, though the reason of a failing venue may
 * name a proxy that refuses.
 */
async function standing(venue: VenueId, config: DeskConfig, dependencies: ExchangesDependencies) {
  const settings = Object.hasOwn(config.exchanges, venue) ? config.exchanges[venue] : undefined;
  if (settings === undefined) return { configured: false };
  const { enabled, sandbox, timeoutMs, connectionsMax, failover, defaultMarketKind } = settings;
  const accounts = Object.entries(config.accounts)
    .filter(([, { exchange }]) => exchange === venue)
    .map(([id, { mode }]) => ({ id, mode }));
  return {
    configured: true,
    ...{ enabled, sandbox, timeoutMs, connectionsMax, accounts },
    ...(failover && { failover }),
    ...(defaultMarketKind && { defaultMarketKind }),
    health: await readHealth(venue, dependencies),
  };
}

function readHealth(venue: VenueId, { coordination, clock }: ExchangesDependencies): Promise<VenueHealth> {
  return coordination.change(coordinationKeys.health(venue), (row) => ({ result: healthOf(row, clock.nowMs()) }));
}
