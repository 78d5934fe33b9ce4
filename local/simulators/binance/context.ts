/** What every route of the simulated Binance works with. */

import type { SeededVenue } from '../engine/seeded-venue.ts';
import type { FaultBoard } from '../fault-board.ts';
import type { BookHistory } from '../shared/book-history.ts';
import type { CandleVenue } from '../shared/candle-pages.ts';
import type { RequestEffects } from '../shared/request-faults.ts';
import type { Accounts, BinanceAccount, Permission } from './accounts.ts';
import type { Catalog, MarketFamily, SymbolSpec } from './catalog.ts';
import { illegalCharacters, invalidSymbol } from './errors.ts';
import type { Limits, RateLimiter } from './limits.ts';
import type { Params } from './params.ts';
import type { UserStreams } from './user-streams.ts';

export interface BinanceVenue extends CandleVenue {
  readonly catalog: Catalog;
  readonly accounts: Accounts;
  readonly market: SeededVenue;
  readonly faults: FaultBoard;
  readonly books: BookHistory;
  readonly limits: Limits;
  readonly limiter: RateLimiter;
  readonly userStreams: UserStreams;
  /** The venue's own time in epoch milliseconds, skewed when a fault says so. */
  nowMs(): number;
}

/** One request as a route sees it. */
export interface Call extends RequestEffects {
  readonly venue: BinanceVenue;
  readonly path: string;
  readonly params: Params;
  readonly address: string;
  /** Whole epoch milliseconds of the venue's clock. */
  readonly nowMs: number;
  /** Headers to send with the answer; routes may add. */
  readonly headers: Record<string, string>;
}

export interface AccountCall extends Call {
  readonly account: BinanceAccount;
}

interface RouteBase {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  /** Request weight, as Binance's documentation gives it. */
  readonly weight: number | ((params: Params) => number);
  /** Weight of a wallet call that is counted per account, for this path alone. */
  readonly uidWeight?: number;
}

/** `none`: open to all. `key`: needs an API key. `signed`: needs key, time and signature. */
export type Route =
  | (RouteBase & { readonly security: 'none'; handle(call: Call): unknown })
  | (RouteBase & {
      readonly security: 'key' | 'signed';
      readonly permission: Permission;
      handle(call: AccountCall): unknown;
    });

const symbolRange = '^[A-Z0-9-_.]{1,20}$';
const symbolPattern = /^[A-Z0-9_.-]{1,20}$/;

/** The symbol that a request names. @throws BinanceError -1102, -1100 or -1121. */
export function requiredSymbol(call: Call, family: MarketFamily = 'spot'): SymbolSpec {
  return findSymbol(call, call.params.required('symbol'), family);
}

/** @throws BinanceError -1100 or -1121. */
export function findSymbol(call: Call, symbol: string, family: MarketFamily = 'spot'): SymbolSpec {
  if (!symbolPattern.test(symbol)) throw illegalCharacters('symbol', symbolRange);
  const spec = call.venue.catalog.find(family, symbol);
  if (spec === undefined) throw invalidSymbol();
  return spec;
}
