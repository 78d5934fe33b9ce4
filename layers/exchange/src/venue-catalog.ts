/** Which venues there are, and what each can do, told without asking any of them. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RequestLimit, VenueCapabilities, VenueId } from '@nightdesk/core';
import { loadVenueClass } from './load-venue-class.ts';
import { requestLimits } from './request-limits.ts';
import { readCapabilities } from './status.ts';
import { traitsOf } from './traits/index.ts';

export interface VenueEntry {
  venue: VenueId;
  /** It has streams as well. */
  streams: boolean;
  /** A class of our own, which ccxt does not have. */
  custom: boolean;
}

export interface VenueDescription {
  capabilities: VenueCapabilities;
  /** What it lets through, as the desk counts it. */
  limits: readonly RequestLimit[];
  /** It has a test network, which accounts in mode `sandbox` trade at. */
  testNetwork: boolean;
}

/** Every venue of the layer, by name. @param directory the folder `venues` of the layer */
export async function listVenues(directory: string): Promise<VenueEntry[]> {
  const index = JSON.parse(await readFile(join(directory, 'index.json'), 'utf8')) as Record<string, string[]>;
  const { rest = [], pro = [], custom = [] } = index;
  return rest.map((name) => ({
    venue: name as VenueId,
    streams: pro.includes(name),
    custom: custom.includes(name),
  }));
}

/**
 * What the library knows of a venue: loads its class, and sends nothing.
 *
 * @throws ConfigurationError when there is no venue of that name, or it closed
 */
export async function describeVenue(venue: VenueId, directory: string): Promise<VenueDescription> {
  const Venue = await loadVenueClass(venue, { directory, kind: 'rest' });
  const client = new Venue({ number: String, enableRateLimit: false, timeout: 0, options: {} });
  return {
    capabilities: readCapabilities(client, traitsOf(venue)),
    limits: requestLimits({ venue, traits: traitsOf(venue), rateLimitMs: client.rateLimit }),
    testNetwork: client.urls.test !== undefined,
  };
}
