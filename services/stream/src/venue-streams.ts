/** Opens the streams of venues and accounts as they are configured, with the keys that their secrets hold. */
import {
  type Clock,
  ConfigurationError,
  type ConfiguredAccount,
  type DeskConfig,
  type Market,
  type MarketStreamPort,
  type Secrets,
  SecretUnavailableError,
  secretNames,
  type VenueId,
} from '@nightdesk/core';
import { createAccountStreams, createMarketStreams, MarketLists, parseCredentials } from '@nightdesk/exchange';
import { publicModeOf } from '@nightdesk/functions/shared/public-venue.ts';
import type { FleetOf } from '@nightdesk/functions/shared/venue-fleets.ts';
import type { StreamServiceDependencies } from './service.ts';
import type { AccountOpening } from './units/account-runner.ts';
import { symbolsOf } from './units/market-runner.ts';

/** Markets are read one by one, so many at once. */
const readsAtOnce = 16;

export interface VenueStreamsDependencies {
  /** Folder of the venue layer. */
  directory: string;
  clock: Clock;
  /** From 0 to 1. */
  random(): number;
  /** Those who share the venues' request limits. */
  fleetOf: FleetOf;
  findMarket(venue: VenueId, symbol: string): Promise<Market | undefined>;
  secrets: Secrets;
  secretsPrefix: string;
}

interface OpenedVenue {
  settings: string;
  port: Promise<MarketStreamPort>;
  /** By symbol: what streams of the venue know. Only what was ever wanted is in it. */
  markets: Map<string, Market>;
}

export function createVenueStreams(
  dependencies: VenueStreamsDependencies,
): Pick<StreamServiceDependencies, 'offersOf' | 'openMarkets' | 'openAccount'> {
  const venues = new Map<VenueId, OpenedVenue>();
  /** One port for each venue: each connection that it opens has a client of its own. */
  const openVenue = (venue: VenueId, config: DeskConfig): OpenedVenue => {
    const mode = publicModeOf(venue, config);
    const exchangeConfig = config.exchanges[venue];
    const settings = JSON.stringify([mode, exchangeConfig]);
    const known = venues.get(venue);
    if (known?.settings === settings) return known;
    if (exchangeConfig === undefined) throw new ConfigurationError(`exchange "${venue}" is not configured`);
    const { directory, clock, random, fleetOf } = dependencies;
    const markets = new Map<string, Market>();
    const fleet = fleetOf(venue);
    const port = createMarketStreams({ venue, directory, mode, exchangeConfig, clock, random, fleet, markets });
    const opened = { settings, port, markets };
    venues.set(venue, opened);
    port.catch(() => venues.get(venue) === opened && venues.delete(venue));
    return opened;
  };
  return {
    offersOf: async (venue, config) => openVenue(venue, config).port,
    async openMarkets(unit, config) {
      const { port, markets } = openVenue(unit.venue, config);
      const read = (symbols: readonly string[]) => readMarkets(unit.venue, { symbols, markets }, dependencies);
      // Steps and checksums depend on them, and they change now and then: whoever begins anew has the latest.
      await read(symbolsOf(unit));
      return {
        port: await port,
        learn: (symbols) => read(symbols.filter((symbol) => !markets.has(symbol))),
      };
    },
    openAccount: createAccountOpener(dependencies),
  };
}

/** Puts markets into the map, as they are stored now. Those that are not stored are left out. */
async function readMarkets(
  venue: VenueId,
  { symbols, markets }: { symbols: readonly string[]; markets: Map<string, Market> },
  { findMarket }: Pick<VenueStreamsDependencies, 'findMarket'>,
): Promise<void> {
  const left = symbols.values();
  const lane = async () => {
    for (const symbol of left) {
      const market = await findMarket(venue, symbol);
      if (market !== undefined) markets.set(symbol, market);
    }
  };
  await Promise.all(Array.from({ length: readsAtOnce }, lane));
}

function createAccountOpener({
  directory,
  clock,
  random,
  fleetOf,
  secrets,
  secretsPrefix,
}: VenueStreamsDependencies): (account: ConfiguredAccount) => Promise<AccountOpening> {
  const marketLists = new MarketLists();
  /** Names of secrets that were not usable as they were read last: whoever mends one need not wait for it to be read anew. */
  const unusable = new Set<string>();
  return async (account) => {
    const { id, venue, exchangeConfig } = account;
    const mode = account.mode === 'live' ? 'live' : 'sandbox';
    // Whoever only listens needs no key that may trade, where there is another.
    const secretName = secretNames[account.readOnlySecret ? 'readOnly' : 'trading'](secretsPrefix, id);
    const secret = await secrets.get(secretName, { fresh: unusable.delete(secretName) });
    try {
      const credentials = parseCredentials(secret, secretName);
      const place = { venue, directory, mode, exchangeConfig, clock, random } as const;
      const fleet = fleetOf(venue, id);
      const port = await createAccountStreams({ ...place, credentials, secretName, fleet, marketLists });
      return { port, hasSameKey: async ({ fresh }) => (await secrets.get(secretName, { fresh })) === secret };
    } catch (error) {
      if (error instanceof SecretUnavailableError) unusable.add(secretName);
      throw error;
    }
  };
}
