/** What every route and stream of the simulated Kraken works with. */
import type { SeededVenue } from '../engine/seeded-venue.ts';
import type { FaultBoard } from '../fault-board.ts';
import type { BookHistory } from '../shared/book-history.ts';
import type { CandleVenue } from '../shared/candle-pages.ts';
import type { RequestEffects } from '../shared/request-faults.ts';
import type { Accounts, KrakenAccount, Permission } from './accounts.ts';
import type { Catalog, PairSpec } from './catalog.ts';
import { invalidArguments, unknownPair } from './errors.ts';
import type { Limits, RateLimiter } from './limits.ts';
import type { Params } from './params.ts';
import type { SocketTokens } from './socket-tokens.ts';

export interface KrakenVenue extends CandleVenue {
  readonly catalog: Catalog;
  readonly accounts: Accounts;
  readonly market: SeededVenue;
  readonly faults: FaultBoard;
  readonly books: BookHistory;
  readonly limits: Limits;
  readonly limiter: RateLimiter;
  readonly tokens: SocketTokens;
  /** The venue's own time in epoch milliseconds, skewed when a fault says so. */
  nowMs(): number;
}

/** One request as a route sees it. */
export interface Call {
  readonly venue: KrakenVenue;
  readonly path: string;
  readonly params: Params;
  /** Epoch milliseconds of the venue's clock. */
  readonly nowMs: number;
}

export interface AccountCall extends Call, RequestEffects {
  readonly account: KrakenAccount;
}

/** `/0/public/<name>`. */
export interface PublicRoute {
  readonly name: string;
  handle(call: Call): unknown;
}

/** `/0/private/<name>`. */
export interface PrivateRoute {
  readonly name: string;
  /** One of these is enough; none are needed when it is empty. */
  readonly permissions: readonly Permission[];
  /** What it adds to the key's call counter. */
  readonly points: number;
  handle(call: AccountCall): unknown;
}

/** The pair that a request names. @throws KrakenError. */
export function requiredPair({ venue, params }: Call): PairSpec {
  return findPair(venue, params.required('pair'));
}

/** @throws KrakenError when no pair has this name. */
export function findPair(venue: KrakenVenue, name: string): PairSpec {
  const spec = venue.catalog.find(name);
  if (spec === undefined) throw unknownPair();
  return spec;
}

/** How many rows a request wants. @throws KrakenError when it is none */
export function readCount(call: Call, options: { standard: number; max: number }): number {
  const count = call.params.integer('count') ?? options.standard;
  if (count < 1) throw invalidArguments('count');
  return Math.min(count, options.max);
}
