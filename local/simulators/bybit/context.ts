/** What every route of the simulated Bybit works with. */
import type { MarketState } from '../engine/market-state.ts';
import type { SeededVenue } from '../engine/seeded-venue.ts';
import type { FaultBoard } from '../fault-board.ts';
import type { AccountDirectory } from '../shared/accounts.ts';
import type { BookHistory } from '../shared/book-history.ts';
import type { CandleVenue } from '../shared/candle-pages.ts';
import type { RequestEffects } from '../shared/request-faults.ts';
import type { BybitAccount, Permission } from './accounts.ts';
import type { Catalog, SymbolSpec } from './catalog.ts';
import { type Category, invalidParameter, mistake } from './errors.ts';
import type { RateLimiter } from './limits.ts';
import type { OrderLinks } from './order-links.ts';
import type { Params } from './params.ts';

export interface BybitVenue extends CandleVenue {
  readonly catalog: Catalog;
  readonly accounts: AccountDirectory<Permission>;
  readonly market: SeededVenue;
  readonly faults: FaultBoard;
  readonly books: BookHistory;
  readonly limiter: RateLimiter;
  readonly links: OrderLinks;
  /** The venue's own time in epoch milliseconds, skewed when a fault says so. */
  nowMs(): number;
}

/** One request as a route sees it. */
export interface Call extends RequestEffects {
  readonly venue: BybitVenue;
  readonly path: string;
  readonly params: Params;
  /** Whole epoch milliseconds of the venue's clock. */
  readonly nowMs: number;
}

export interface AccountCall extends Call {
  readonly account: BybitAccount;
}

export type Route =
  | {
      readonly method: 'GET';
      readonly path: string;
      readonly access: 'public';
      handle(call: Call): unknown;
    }
  | {
      readonly method: 'GET' | 'POST';
      readonly path: string;
      readonly access: 'private';
      readonly permission: Permission;
      /** Requests a user may send per second; spot first where it differs. */
      readonly perSecond: number | readonly [spot: number, linear: number];
      handle(call: AccountCall): unknown;
    };

/** A result with something in `retExtInfo`, as batches have. */
export class ExtendedResult {
  readonly result: unknown;
  readonly extension: unknown;

  constructor(result: unknown, extension: unknown) {
    this.result = result;
    this.extension = extension;
  }
}

/** The categories that Bybit has; `inverse` and `option` are empty here. */
export const categories = ['spot', 'linear', 'inverse', 'option'] as const;
export type AnyCategory = (typeof categories)[number];

/** @throws BybitError 10001 */
export function requiredCategory(params: Params): AnyCategory {
  const category = params.oneOf('category', categories);
  if (category === undefined) throw invalidParameter('category is required');
  return category;
}

/** A category in which something is listed. @throws BybitError 10001 */
export function listedCategory(params: Params): Category {
  const category = requiredCategory(params);
  if (category === 'spot' || category === 'linear') return category;
  throw mistake('invalidSymbol', 'linear');
}

/** The symbol that a request names. @throws BybitError 10001 or 170121 */
export function requiredSpec({ venue, params }: Pick<Call, 'venue' | 'params'>): SymbolSpec {
  const category = listedCategory(params);
  const spec = venue.catalog.find(category, params.required('symbol'));
  if (spec === undefined) throw mistake('invalidSymbol', category);
  return spec;
}

/** @throws BybitError 10001 for anything but a perpetual. */
export function linearSpec(call: Pick<Call, 'venue' | 'params'>): SymbolSpec {
  const spec = requiredSpec(call);
  if (spec.perpetual === undefined) throw invalidParameter('category must be linear');
  return spec;
}

/** The market of a symbol, awake and up to date. */
export function marketOf(venue: BybitVenue, spec: SymbolSpec): MarketState {
  return venue.market.use(spec.id);
}

/** One page of a list, and the cursor of the next: the place where it begins. @throws BybitError 10001 */
export function pageOf<Item>(
  items: readonly Item[],
  params: Params,
  limits: { standard: number; max: number },
): { list: readonly Item[]; nextPageCursor: string } {
  const limit = params.limit(limits);
  const cursor = params.text('cursor') ?? 'page:0';
  const begin = /^page:(\d{1,9})$/.exec(decodeURIComponent(cursor))?.[1];
  if (begin === undefined) throw invalidParameter('cursor is invalid');
  const end = Number(begin) + limit;
  return { list: items.slice(Number(begin), end), nextPageCursor: end < items.length ? `page:${end}` : '' };
}
