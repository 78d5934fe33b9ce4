import type { Telemetry } from '@nightdesk/aws';
import {
  afterProbe,
  type Clock,
  type CoordinationStore,
  coordinationKeys,
  type DeskConfig,
  healthOf,
  healthRowAgeMsMax,
  metricNames,
  type VenueHealth,
  type VenueId,
  type VenuePort,
  type VenueProbe,
  wasAsked,
} from '@nightdesk/core';

export interface ProbeExchangesDependencies {
  loadConfig(): Promise<DeskConfig>;
  /** The venue without anybody's keys; kept between runs, so that a probe measures the venue and not a new connection. */
  openVenue(venue: VenueId, config: DeskConfig): Promise<Pick<VenuePort, 'probe'>>;
  coordination: Pick<CoordinationStore, 'change'>;
  clock: Clock;
  telemetry: Telemetry;
}

export type ProbeSummary = Record<string, VenueHealth['status']>;

/** Asks every enabled venue for a sign of life, and writes down how it is. One that fails leaves the others alone. */
export function createHandler(dependencies: ProbeExchangesDependencies) {
  return async (): Promise<ProbeSummary> => {
    const config = await dependencies.loadConfig();
    const venues = Object.keys(config.exchanges).filter((venue) => config.exchanges[venue]?.enabled) as VenueId[];
    const statuses = await Promise.all(venues.map((venue) => probeVenue(venue, config, dependencies)));
    return Object.fromEntries(venues.map((venue, index) => [venue, statuses[index] ?? 'unknown']));
  };
}

async function probeVenue(
  venue: VenueId,
  config: DeskConfig,
  { openVenue, coordination, clock, telemetry }: ProbeExchangesDependencies,
): Promise<VenueHealth['status']> {
  try {
    const port = await openVenue(venue, config);
    const probe = await port.probe();
    const nowMs = clock.nowMs();
    const { before, health } = await coordination.change(coordinationKeys.health(venue), (known) => {
      const row = afterProbe(known, probe, nowMs);
      const result = { before: healthOf(known, nowMs).status, health: healthOf(row, nowMs) };
      return { row, expiresAtMs: nowMs + healthRowAgeMsMax, result };
    });
    if (wasAsked(probe)) measure(venue, probe, telemetry);
    if (before !== health.status) {
      telemetry.info('the health of a venue changed', { venue, before, now: health.status, reason: health.reason });
    }
    return health.status;
  } catch (error) {
    telemetry.count(metricNames.probesFailed, 1, venue);
    telemetry.failure(`${venue} could not be probed`, error);
    return 'unknown';
  }
}

function measure(venue: VenueId, { status, latencyMs }: VenueProbe, telemetry: Telemetry): void {
  if (status === 'ok') telemetry.duration(metricNames.venueLatencyMs, latencyMs, venue);
  else telemetry.count(metricNames.probesFailed, 1, venue);
}
