import {
  type AmendOutcome,
  type CancelOutcome,
  type Clock,
  type ConfiguredAccount,
  type DeadManOutcome,
  type PlaceOutcome,
  type PrepareOutcome,
  type Secrets,
  SecretUnavailableError,
  secretNames,
  type VenuePort,
} from '@nightdesk/core';
import { createVenue, MarketLists, parseCredentials } from '@nightdesk/exchange';
import { type KeyDoubt, raiseDoubt } from './key-doubt.ts';
import { withRecentPrices } from './recent-prices.ts';
import type { FleetOf, PreparedFleet } from './venue-fleets.ts';

interface VenueOpenerDependencies {
  secrets: Secrets;
  secretsPrefix: string;
  /** Folder of the venue layer. */
  directory: string;
  clock: Clock;
  /** Those who share the venues' limits. Absent keeps them for this process alone. */
  fleetOf?: FleetOf;
  /** Opens the venues of paper accounts, for which there are no secrets. */
  openPaper?(account: ConfiguredAccount): Promise<VenuePort>;
}

type SecretKind = 'trading' | 'readOnly';

interface OpenedVenue {
  secret: string;
  settings: string;
  port: Promise<VenuePort>;
  fleet: PreparedFleet | undefined;
  doubt: KeyDoubt;
}

/** Code of the cause with which a venue refuses a key. */
const keyRefused = 'authentication_failed';

type KeyOutcome = PlaceOutcome | AmendOutcome | CancelOutcome | PrepareOutcome | DeadManOutcome;

/** An outcome of a call with a key, which is doubted when the venue refused it. */
function doubting<Outcome extends KeyOutcome>(entry: OpenedVenue, outcome: Outcome): Outcome {
  const told: KeyOutcome = outcome;
  const why = 'evidence' in told ? told.evidence : 'cause' in told ? told.cause : undefined;
  if (why?.code === keyRefused) raiseDoubt(entry);
  return outcome;
}

/**
 * Opens venues with an account's credentials and keeps them for the sandbox's life: one built per call would come without
 * its connections and without the count of what it has used of the rate limit. New credentials or settings make a new one.
 *
 * An account with a read-only secret asks with that and only places with the other. When a venue refuses a key, its secret
 * is read anew; then a question is asked again, and an order is not: it was refused, which is an answer.
 */
export function createVenueOpener(dependencies: VenueOpenerDependencies) {
  const opened = new Map<string, OpenedVenue>();
  const marketLists = new MarketLists();
  /** Names of secrets that were not usable as they were read last. Whoever mends one need not wait for it to be read anew. */
  const unusable = new Set<string>();

  async function open(account: ConfiguredAccount, kind: SecretKind): Promise<{ port: VenuePort; entry: OpenedVenue }> {
    const secretName = secretNames[kind](dependencies.secretsPrefix, account.id);
    const fresh = opened.get(secretName)?.doubt === 'raised' || unusable.delete(secretName);
    const secret = await dependencies.secrets.get(secretName, { fresh });
    const settings = JSON.stringify(account);
    const known = opened.get(secretName);
    if (known !== undefined && known.secret === secret && known.settings === settings) {
      if (fresh) known.doubt = 'settled';
      // A lease that is fetched while the order is being recorded costs the order no time.
      if (kind === 'trading') known.fleet?.prepare();
      return { port: await known.port, entry: known };
    }
    const fleet = dependencies.fleetOf?.(account.venue, account.id);
    const port = create(account, { secret, secretName, fleet, marketLists }, dependencies);
    const entry: OpenedVenue = { secret, settings, port, fleet, doubt: 'none' };
    opened.set(secretName, entry);
    // One that could not be opened is not kept: the next order tries again. A newer one stays.
    port.catch((error: unknown) => {
      if (error instanceof SecretUnavailableError) unusable.add(secretName);
      if (opened.get(secretName) === entry) opened.delete(secretName);
    });
    return { port: await port, entry };
  }

  return async (account: ConfiguredAccount): Promise<VenuePort> => {
    if (account.mode === 'paper') return openOnPaper(account, dependencies);
    const kind = account.readOnlySecret ? 'readOnly' : 'trading';
    const trading = await open(account, 'trading');
    const reading = account.readOnlySecret ? await open(account, kind) : trading;
    return {
      ...trading.port,
      fetchMarkets: () => reading.port.fetchMarkets(),
      fetchPrice: (market, side) => reading.port.fetchPrice(market, side),
      fetchTicker: (market) => reading.port.fetchTicker(market),
      fetchTickers: (markets) => reading.port.fetchTickers(markets),
      fetchBalances: (kind) => reading.port.fetchBalances(kind),
      fetchPositions: (markets) => reading.port.fetchPositions(markets),
      fetchOpenOrders: (which) => reading.port.fetchOpenOrders(which),
      fetchOwnTrades: (which, sinceMs) => reading.port.fetchOwnTrades(which, sinceMs),
      fetchTransfers: (sinceMs) => reading.port.fetchTransfers(sinceMs),
      fetchFundingPayments: (market, sinceMs) => reading.port.fetchFundingPayments(market, sinceMs),
      placeOrder: async (...order) => doubting(trading.entry, await trading.port.placeOrder(...order)),
      amendOrder: async (...order) => doubting(trading.entry, await trading.port.amendOrder(...order)),
      cancelOrder: async (...order) => doubting(trading.entry, await trading.port.cancelOrder(...order)),
      setDeadManSwitch: async (...settings) =>
        doubting(trading.entry, await trading.port.setDeadManSwitch(...settings)),
      prepareMarket: async (...settings) => doubting(trading.entry, await trading.port.prepareMarket(...settings)),
      async findOrder(reference, market) {
        const outcome = await reading.port.findOrder(reference, market);
        if (outcome.kind !== 'unknown' || outcome.cause.code !== keyRefused) return outcome;
        if (!raiseDoubt(reading.entry)) return outcome;
        const fresh = await open(account, kind);
        return fresh.entry === reading.entry ? outcome : fresh.port.findOrder(reference, market);
      },
    };
  };
}

/** @throws TypeError where nothing was given to open it with: never the real venue in its place */
async function openOnPaper(account: ConfiguredAccount, { openPaper }: VenueOpenerDependencies): Promise<VenuePort> {
  if (openPaper === undefined) throw new TypeError(`the paper account ${account.id} cannot be opened here`);
  return openPaper(account);
}

interface Creation {
  secret: string;
  secretName: string;
  fleet: PreparedFleet | undefined;
  marketLists: MarketLists;
}

async function create(
  account: ConfiguredAccount,
  { secret, secretName, fleet, marketLists }: Creation,
  { directory, clock }: VenueOpenerDependencies,
): Promise<VenuePort> {
  const { venue, exchangeConfig } = account;
  const credentials = parseCredentials(secret, secretName);
  const mode = account.mode === 'live' ? 'live' : 'sandbox';
  const place = { venue, directory, mode, exchangeConfig, clock } as const;
  const port = await createVenue({ ...place, credentials, secretName, fleet, marketLists });
  fleet?.prepare();
  return withRecentPrices(port, clock);
}
