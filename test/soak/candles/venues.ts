/** Five simulated venues of which candles are collected, with the request limits that the real ones have. */
import type { VenueId } from '@nightdesk/core';
import type { VenueClock } from '../../../local/simulators/clock.ts';
import { fivePublicVenues, startPublicVenue } from '../../support/public-venues.ts';

export type CollectedVenue = (typeof fivePublicVenues)[number];

export interface RunningVenue {
  name: CollectedVenue;
  venue: VenueId;
  url: string;
  close(): Promise<void>;
}

/** Some of those listed are not traded at the time. */
const listedPerCollected = 1.5;

/** @param symbolsCount how many markets can be collected at least */
export async function startVenue(
  name: CollectedVenue,
  { clock, seed, symbolsCount }: { clock: VenueClock; seed: number; symbolsCount: number },
): Promise<RunningVenue> {
  const listed = Math.ceil(symbolsCount * listedPerCollected) + 20;
  const options = { clock, seed: seed + fivePublicVenues.indexOf(name), symbolsCount: listed };
  const running = await startPublicVenue(name, options);
  return { name, venue: name as string as VenueId, url: running.url, close: () => running.close() };
}

/** A control call of a simulator. @throws Error with its words when it refuses */
export async function control<Answer>(url: string, method: string, path: string, body?: unknown): Promise<Answer> {
  const init =
    body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  const response = await fetch(`${url}/__sim/${path}`, { method, ...init });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return JSON.parse(text) as Answer;
}
