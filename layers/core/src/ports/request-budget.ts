/** What venues let through, and the port through which every request takes its share of it. */

/**
 * One limit of a venue, in the units in which the venue counts.
 *
 * - `window`: at most `unitsMax` in each span of `windowMs` counted from the epoch, as Binance's minutes are;
 * - `rolling`: at most `unitsMax` in any span of `windowMs`, wherever it begins, as Bybit's seconds are;
 * - `bucket`: at most `unitsMax` at once, of which one comes back every `windowMs / unitsMax`, as in Kraken's counter.
 */
export interface RequestLimit {
  /** Stable word, unique within the venue, e.g. `weight`. */
  name: string;
  /** Counted by the venue for all requests of an address, or for those of a key wherever they come from. */
  scope: 'egress' | 'key';
  kind: 'window' | 'rolling' | 'bucket';
  unitsMax: number;
  windowMs: number;
  /** Which requests count. A limit of a key counts only those that are signed with it, whatever this says. */
  counts: 'all' | 'unsigned' | 'orders';
  /** Units per unit of `RequestCost.weight`. Absent where each request counts one, whatever it weighs. */
  unitsPerWeight?: number;
}

/** One request that is about to be sent. */
export interface RequestCost {
  /** What it weighs, in the units that the library behind the venue's port uses for the venue. */
  weight: number;
  /** Carries the account's key. */
  signed: boolean;
  /** Places, changes or cancels an order. */
  order: boolean;
}

export type BudgetAnswer =
  /** Send now; the units are taken. */
  | { kind: 'granted' }
  /** Not within the wait that was allowed; nothing was taken. */
  | { kind: 'exhausted'; retryInMs: number }
  /** The venue has said that it refuses everything for now: nothing may be sent. */
  | { kind: 'blocked'; retryInMs: number; reason: string };

/** The venue's answer that it was asked too much: 429, 418, a ban. */
export interface VenueRefusal {
  /** Whom the venue refuses. */
  scope: RequestLimit['scope'];
  /** How long, where the venue says so. */
  retryAfterMs?: number;
  /** For people and logs, e.g. `418`; holds no secret. */
  reason: string;
}

/** The share of a venue's limits that this process may use, whoever else uses it. */
export interface RequestBudget {
  /**
   * Takes what a request costs, and waits for its turn where it must. Orders go before questions: those may only use
   * `questionShare` of a limit.
   *
   * @param delayMsMax longest wait the caller accepts, milliseconds
   */
  take(cost: RequestCost, delayMsMax: number): Promise<BudgetAnswer>;
  /** Begins to fetch what an order takes, so that the order need not wait for it. Does not throw. */
  prepare(): void;
  /** Nobody sends until the venue takes requests again; resolves when the others can know. Does not throw. */
  refused(refusal: VenueRefusal): Promise<void>;
  /** The venue answered a request that it had let through. Does not throw. */
  answered(): Promise<void>;
}
