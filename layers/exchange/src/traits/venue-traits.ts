/** What Nightdesk has to know of a venue beyond what ccxt tells. Each venue that needs words of its own has a file here. */
import type { Market, RequestLimit } from '@nightdesk/core';
import type { RefusalPattern } from '../rate-refusal.ts';
import type { CallParameters } from '../venue-client.ts';
import { type AccountTraits, defaultAccountTraits } from './account-traits.ts';
import { type CandleTraits, defaultCandleTraits } from './candle-traits.ts';
import type { OrderTraits } from './order-traits.ts';

/** What an error of a venue means, where ccxt does not know its words or takes them for something else. */
export interface Wording {
  /** Found in the message, which holds the venue's answer. */
  message: RegExp;
  /** `rejected` is certain: there is no order. */
  meaning: 'rejected' | 'unknown';
  /** Stable word for `Cause.code`. */
  code: string;
}

export interface VenueTraits extends OrderTraits, AccountTraits, CandleTraits {
  /**
   * How long after its timestamp the venue still acts on a request, clock tolerance included; milliseconds. Rather too long
   * where the venue does not say: until then an order that cannot be found may still appear.
   */
  acceptanceMs: number;
  /**
   * What the venue lets through, as it counts it itself. Empty where only ccxt's `rateLimit` is known, which is then
   * kept per address.
   */
  limits: readonly RequestLimit[];
  /** Window over which ccxt's `rateLimit` is kept where `limits` is empty, milliseconds. */
  limitWindowMs: number;
  /** How the venue says that it was asked too much, beside the statuses 429 and 418. */
  refusals: readonly RefusalPattern[];
  /** Requests of one key must arrive with rising nonces: one lane per account, and one sender per key at a time. */
  risingNonces: boolean;
  /** The venue takes an id of ours with an order. Without one, an order whose answer was lost is rarely told from others. */
  carriesClientOrderId: boolean;
  /** Our order id in a form that the venue takes: the same every time. */
  clientOrderIdFor(orderId: string, market: Pick<Market, 'kind'>): string;
  /** ccxt's parameter for it, or the venue's own where ccxt would overwrite it. */
  clientOrderIdParameter: string;
  /** Parameters by which the lists of open and past orders are narrowed to our id; absent where they cannot be. */
  listedBy?: (clientOrderId: string) => CallParameters;
  /** A spot order to buy at market says what it may cost, and ccxt hands an amount on as that: it would buy another quantity. */
  countsMarketBuysInQuote: boolean;
  /** What an order carries beside its terms. @param lastSendMs it leaves no later than that, by the venue's clock */
  orderParameters?: (lastSendMs: number) => CallParameters;
  /** How the venue says of an order asked for by its id that there is none, where ccxt takes it for another error. */
  orderNotFound?: RegExp;
  /** The first that fits is read before ccxt's classes. */
  wordings: readonly Wording[];
  /** `fetchOrder` takes our own id: checked in ccxt's source for each venue that says so here. */
  findsByClientOrderId: boolean;
  /** Most orders or trades the venue returns in one answer. An answer this long may not be the whole. */
  pageSize: number;
  /** Which part of a span of time a full page shows. `unknown` is never read on from: it leaves the answer incomplete. */
  pageOrder: 'oldest_first' | 'newest_first' | 'unknown';
  /** Depths that books are offered in, ascending; absent where any may be asked for. */
  bookDepths?: readonly number[];
  /** How many markets one question about positions may name. */
  positionsAskedAtOnceMax: number;
  /** `fetchOpenOrders` returns all of them, however many there are. */
  listsAllOpenOrders: boolean;
  /** ccxt options of the venue. */
  options: Readonly<Record<string, unknown>>;
  /** Options in sandbox mode, over the above. */
  sandboxOptions: Readonly<Record<string, unknown>>;
}

export const defaultTraits: VenueTraits = {
  ...defaultAccountTraits,
  ...defaultCandleTraits,
  acceptanceMs: 60_000,
  limits: [],
  refusals: [],
  limitWindowMs: 5_000,
  risingNonces: false,
  carriesClientOrderId: true,
  clientOrderIdFor: (orderId) => orderId,
  clientOrderIdParameter: 'clientOrderId',
  countsMarketBuysInQuote: false,
  wordings: [],
  findsByClientOrderId: false,
  pageSize: 100,
  pageOrder: 'unknown',
  positionsAskedAtOnceMax: 50,
  listsAllOpenOrders: false,
  timesDropped: [],
  marginModeIsOfAccount: false,
  leverageIsOfMarginMode: false,
  options: {},
  sandboxOptions: {},
};
