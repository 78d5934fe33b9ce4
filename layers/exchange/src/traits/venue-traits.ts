/** What Nightdesk has to know of a venue beyond what ccxt tells. Each venue that needs words of its own has a file here. */
import type { RequestLimit } from '@nightdesk/core';
import type { RefusalPattern } from '../rate-refusal.ts';

export interface VenueTraits {
  /** How long after its timestamp the venue still acts on a request, clock tolerance included; milliseconds. */
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
  /** `fetchOrder` takes our own id: checked in ccxt's source for each venue that says so here. */
  findsByClientOrderId: boolean;
  /** Most orders or trades the venue returns in one answer. An answer this long may not be the whole. */
  pageSize: number;
  /** `fetchOpenOrders` returns all of them, however many there are. */
  listsAllOpenOrders: boolean;
  /** ccxt options of the venue. */
  options: Readonly<Record<string, unknown>>;
  /** Options in sandbox mode, over the above. */
  sandboxOptions: Readonly<Record<string, unknown>>;
}

export const defaultTraits: VenueTraits = {
  acceptanceMs: 8_000,
  limits: [],
  refusals: [],
  limitWindowMs: 5_000,
  risingNonces: false,
  findsByClientOrderId: false,
  pageSize: 100,
  listsAllOpenOrders: false,
  options: {},
  sandboxOptions: {},
};
