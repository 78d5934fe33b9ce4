/** What a venue can do, and whether it is there. */
import type { Cause, Market, StatusPort, VenueCapabilities, VenueProbe } from '@nightdesk/core';
import type { VenueContext } from './ask-venue.ts';
import type { VenueTraits } from './traits/index.ts';
import { offers, type VenueClient } from './venue-client.ts';
import type { CallResult, VenueSession } from './venue-session.ts';

/** Codes of `outcome.ts` that say that nobody was there to answer. */
const unreachableCodes: ReadonlySet<string> = new Set(['network', 'timeout', 'unavailable']);

export const createStatus = ({ session, traits }: VenueContext): StatusPort => ({
  capabilities: readCapabilities(session.client, traits),
  probe: (market) => probe(session, market),
});

export function readCapabilities(
  client: VenueClient,
  { oddTimeframes }: Pick<VenueTraits, 'oddTimeframes'>,
): VenueCapabilities {
  const offered = Object.entries(client.has).flatMap(([name, value]) =>
    value === true || value === 'emulated' ? [[name, value] as const] : [],
  );
  const required = Object.entries(client.requiredCredentials).filter(([, isRequired]) => isRequired === true);
  return {
    methods: Object.fromEntries(offered.sort(([left], [right]) => (left < right ? -1 : 1))),
    requiredCredentials: required.map(([name]) => name),
    timeframes: timeframesOf(client, { oddTimeframes }),
    rateLimitMs: client.rateLimit,
  };
}

/** Of candles that open when they do everywhere else. */
export const timeframesOf = (
  client: Pick<VenueClient, 'timeframes'>,
  { oddTimeframes }: Pick<VenueTraits, 'oddTimeframes'>,
): string[] => Object.keys(client.timeframes ?? {}).filter((timeframe) => !oddTimeframes.includes(timeframe));

/**
 * Asks for the time, which costs least, and then what the venue says of itself where it says that: during maintenance many
 * still tell the time. Venues without a clock are asked for their word alone, those without that for something public.
 */
async function probe(session: VenueSession, market: Market | undefined): Promise<VenueProbe> {
  const { client } = session;
  const tellsTime = offers(client, 'fetchTime');
  const tellsStatus = offers(client, 'fetchStatus');
  // Markets come in several requests, one after the other.
  const isOneRequest = tellsTime || tellsStatus || market !== undefined;
  const startMs = session.nowMs();
  const first = await session.call(isOneRequest ? 'probe' : 'question', () => {
    if (tellsTime) return client.fetchTime();
    if (tellsStatus) return client.fetchStatus();
    return market === undefined ? client.fetchMarkets() : session.use(market).fetchTicker(market.symbol);
  });
  const endMs = session.nowMs();
  const latencyMs = endMs - startMs;
  if (first.kind === 'failed') return { ...readFailed(first.failure.cause), latencyMs };
  const venueMs = tellsTime ? Number(first.value) : Number.NaN;
  const aheadMs =
    Number.isSafeInteger(venueMs) && venueMs > 0 ? Math.round((startMs + endMs) / 2) - venueMs : undefined;
  const ofItself = tellsTime && tellsStatus ? await session.call('probe', () => client.fetchStatus()) : first;
  return { ...readStatus(tellsStatus ? ofItself : undefined), latencyMs, ...(aheadMs !== undefined && { aheadMs }) };
}

type Finding = Pick<VenueProbe, 'status' | 'cause'>;

function readFailed(cause: Cause): Finding {
  if (cause.code === 'maintenance') return { status: 'maintenance', cause };
  return { status: unreachableCodes.has(cause.code) ? 'unreachable' : 'unknown', cause };
}

/** It has answered the first question: without a word of its own that says otherwise, it is there. */
function readStatus(result: CallResult | undefined): Finding {
  if (result?.kind === 'failed' && result.failure.cause.code === 'maintenance') return readFailed(result.failure.cause);
  const said = result?.kind === 'answered' ? (result.value as { status?: unknown } | null)?.status : undefined;
  if (said !== 'maintenance' && said !== 'shutdown') return { status: 'ok' };
  return { status: 'maintenance', cause: { code: 'maintenance', message: `the venue's status is ${said}` } };
}
