/** Makes ccxt's class for a venue into a client as configured: with whose keys, to which address, within which limits. */
import type { Clock, ExchangeConfig, NonceLane, VenueId } from '@nightdesk/core';
import { ConfigurationError, LocalBudget } from '@nightdesk/core';
import { rebaseUrls } from './base-url.ts';
import { type Credentials, requireCredentials, splitCredentials } from './credentials.ts';
import { openLoneLane, type VenueFleet } from './fleet.ts';
import { createHttpTransport } from './http-transport.ts';
import { loadVenueClass } from './load-venue-class.ts';
import { type ClientContext, constructObserved } from './observed-client.ts';
import { requestLimits } from './request-limits.ts';
import type { VenueTraits } from './traits/index.ts';
import type { VenueClass, VenueClient } from './venue-client.ts';

export interface ClientOptions {
  venue: VenueId;
  /** The folder `venues` of the layer: `/opt/venues` on Lambda. */
  directory: string;
  /** Absent where only public data is asked for. */
  credentials?: Credentials;
  /** Where the credentials come from, for errors about them. @default "credentials" */
  secretName?: string;
  mode: 'sandbox' | 'live';
  exchangeConfig: Pick<ExchangeConfig, 'baseUrl' | 'timeoutMs' | 'limits' | 'risingNonces' | 'proxies'> &
    Partial<Pick<ExchangeConfig, 'connectionsMax'>>;
  clock: Clock;
  /** Those who share the venue's limits. Absent keeps them for this object alone. */
  fleet?: VenueFleet | undefined;
}

/**
 * Loads the venue's class from the layer and constructs it.
 *
 * @throws ConfigurationError when there is no such venue, or it has no sandbox and no `baseUrl` stands in for one.
 * @throws SecretUnavailableError when the credentials lack a field that the venue asks for.
 */
export async function constructClient(
  options: ClientOptions,
  traits: VenueTraits,
): Promise<{ client: VenueClient; context: ClientContext }> {
  const { venue, directory, clock } = options;
  const Venue = await loadVenueClass(venue, { directory, kind: 'rest' });
  const risingNonces = options.exchangeConfig.risingNonces ?? traits.risingNonces;
  const context: ClientContext = {
    clock,
    budget: new LocalBudget({ limits: traits.limits, clock }),
    refusals: traits.refusals,
    wordings: traits.wordings,
    risingNonces,
    lane: risingNonces && options.credentials !== undefined ? openLane(options) : undefined,
    aheadMs: 0,
    originalUrl: (url) => url,
  };
  const client = construct(Venue, { ...options, traits }, context);
  if (options.credentials !== undefined) {
    const { secretName = 'credentials' } = options;
    requireCredentials(options.credentials, { venue, required: client.requiredCredentials, secretName });
  }
  // Only the object tells ccxt's rate, so the budget comes after it.
  const limits = requestLimits({ venue, traits, rateLimitMs: client.rateLimit, given: options.exchangeConfig.limits });
  context.budget = options.fleet?.openBudget(limits) ?? new LocalBudget({ limits, clock });
  point(client, options, context);
  return { client, context };
}

const openLane = ({ fleet, clock }: ClientOptions): NonceLane => fleet?.openLane?.() ?? openLoneLane(clock);

function construct(
  Venue: VenueClass,
  { traits, credentials, mode, exchangeConfig, clock }: ClientOptions & { traits: VenueTraits },
  context: ClientContext,
): VenueClient {
  const { venue, proxy: proxyCredentials } = splitCredentials(credentials);
  const { connectionsMax, proxies } = exchangeConfig;
  const config = {
    ...venue,
    number: String,
    enableRateLimit: false as const,
    timeout: exchangeConfig.timeoutMs,
    fetchImplementation: createHttpTransport(clock, { connectionsMax, proxies, proxyCredentials }),
    options: {
      ...traits.options,
      ...(mode === 'sandbox' && exchangeConfig.baseUrl === undefined && traits.sandboxOptions),
    },
  };
  return constructObserved(Venue, config, context);
}

/** Sends everything to the configured address, else to the venue's sandbox if that is the account's mode. */
function point(client: VenueClient, { venue, mode, exchangeConfig }: ClientOptions, context: ClientContext): void {
  if (exchangeConfig.baseUrl !== undefined) {
    const rebased = rebaseUrls(client.urls.api, exchangeConfig.baseUrl);
    client.urls = {
      ...client.urls,
      api: rebased.urls,
      test: rebaseUrls(client.urls.test, exchangeConfig.baseUrl).urls,
    };
    context.originalUrl = rebased.original;
    return;
  }
  if (mode === 'live') return;
  if (client.urls.test === undefined) {
    throw new ConfigurationError(`exchange "${venue}" has no sandbox; set its baseUrl or use an account in mode live`);
  }
  client.setSandboxMode(true);
}
