/** What venues let through, and the port through which every request takes its share of it. */

/**
 * One limit of a venue, in the units in which the venue counts a request's cost.
 *
 * - `window`: at most `unitsMax` in each span of `windowMs` counted from the epoch, as Binance's minutes are;
 * - `bucket`: at most `unitsMax` at once, of which one comes back every `windowMs / unitsMax`, as Kraken's counter does.
 */
export interface RequestLimit {
  /** Stable word, unique within the venue, e.g. `weight`. */
  name: string;
  /** Counted by the venue for all requests of an address, or for those of a key wherever they come from. */
  scope: 'egress' | 'key';
  kind: 'window' | 'bucket';
  unitsMax: number;
  windowMs: number;
  /** Which requests count. */
  counts: 'all' | 'orders';
}

/** One request that is about to be sent. */
export interface RequestCost {
  /** In ccxt's units of cost for `all`; an order counts one against limits of orders. */
  units: number;
  /** Places, changes or cancels an order. */
  order: boolean;
}

export type BudgetAnswer =
  /** Send after this wait; the units are taken. */
  | { kind: 'granted'; delayMs: number }
  /** Not within the wait that was allowed; nothing was taken. */
  | { kind: 'exhausted'; retryInMs: number }
  /** The venue has said that it refuses everything for now: nothing may be sent. */
  | { kind: 'blocked'; retryInMs: number; reason: string };

/** The share of a venue's limits that this process may use, whoever else uses it. */
export interface RequestBudget {
  /** @param delayMsMax longest wait the caller accepts, milliseconds */
  take(cost: RequestCost, delayMsMax: number): Promise<BudgetAnswer>;
  /** The venue answered that it was asked too much (429, 418, a ban): nobody sends until then. */
  report(refusal: { retryAfterMs: number; reason: string }): Promise<void>;
}
