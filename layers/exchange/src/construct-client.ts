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
  /** ccxt's class for questions and orders alone, or the one that streams as well. @default "rest" */
  kind?: 'rest' | 'pro';
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
 * @throws ConfigurationError when there is no such venue, or it has no sandbox and no `baseUrl` stands in for all of it.
 * @throws SecretUnavailableError when the credentials lack a field that the venue asks for.
 */
export async function constructClient(
  options: ClientOptions,
  traits: VenueTraits,
): Promise<{ client: VenueClient; context: ClientContext }> {
  const { venue, directory, clock, kind = 'rest' } = options;
  const Venue = await loadVenueClass(venue, { directory, kind });
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
  // Nonces that rise by time stay on this machine's, as a clock set back would make them fall.
  if (!risingNonces) void options.fleet?.readAheadMs().then((aheadMs) => adoptClock(context, aheadMs));
  return { client, context };
}

/** A smaller difference may be the time that the probe was under way. */
const aheadMsMin = 500;

/** Takes over what a probe has measured, unless the venue itself has set this clock right meanwhile. */
function adoptClock(context: ClientContext, aheadMs = 0): void {
  if (context.aheadMs === 0 && Math.abs(aheadMs) >= aheadMsMin) context.aheadMs = aheadMs;
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
      ...(mode === 'sandbox' && typeof exchangeConfig.baseUrl !== 'string' && traits.sandboxOptions),
    },
  };
  return constructObserved(Venue, config, context);
}

/** Sends everything to the configured address, else to the venue's sandbox if that is the account's mode. */
function point(client: VenueClient, { venue, mode, exchangeConfig }: ClientOptions, context: ClientContext): void {
  const { baseUrl } = exchangeConfig;
  const { api, test } = client.urls;
  if (mode === 'sandbox' && typeof baseUrl !== 'string' && test !== undefined) client.setSandboxMode(true);
  if (baseUrl === undefined) {
    if (mode === 'live' || test !== undefined) return;
    throw new ConfigurationError(`exchange "${venue}" has no sandbox; set its baseUrl or use an account in mode live`);
  }
  // Where only some parts have an address, the others of a sandbox account are in the sandbox, never at the real venue.
  const rebased = rebaseUrls(api, baseUrl, mode === 'live' ? api : (test ?? {}));
  if (test === undefined && rebased.missing.length > 0) {
    const parts = rebased.missing.join(', ');
    throw new ConfigurationError(`exchange "${venue}" has no sandbox; its baseUrl must also name ${parts}`);
  }
  client.urls = { ...client.urls, api: rebased.urls, test: rebaseUrls(test, baseUrl).urls };
  context.originalUrl = rebased.original;
}
