/** What a venue can do, and whether it is there. */
import type { Market } from './market-data.ts';
import type { Cause } from './venue.ts';

/** How a venue answered the cheapest question it has. */
export interface VenueProbe {
  /**
   * - `ok`: it answered, and says of itself nothing else;
   * - `maintenance`: it says so;
   * - `unreachable`: no answer, or one from in front of it;
   * - `unknown`: an answer that says neither, a rate limit for one.
   */
  status: 'ok' | 'maintenance' | 'unreachable' | 'unknown';
  /** From the question to its answer, or until it was given up. */
  latencyMs: number;
  /** How far our clock is ahead of the venue's. Absent where the venue does not tell its time. */
  aheadMs?: number;
  /** What went wrong, unless it is `ok`. */
  cause?: Cause;
}

/** What can be asked of a venue, in the words of the library behind the port. */
export interface VenueCapabilities {
  /** Sorted names of what it offers: by itself (`true`), or put together from other answers (`emulated`). */
  methods: Readonly<Record<string, true | 'emulated'>>;
  /** Names of what it needs to sign a request, e.g. `apiKey`, `secret`. */
  requiredCredentials: readonly string[];
  /** Names of its candles, e.g. `1m`; empty where it has none. */
  timeframes: readonly string[];
  /** Shortest time between two requests of the least cost, milliseconds. */
  rateLimitMs: number;
}

export interface StatusPort {
  readonly capabilities: VenueCapabilities;
  /**
   * Never throws: not being there is an answer.
   *
   * @param market asked for its price where the venue tells neither its time nor its status; absent asks for all markets then
   */
  probe(market?: Market): Promise<VenueProbe>;
}
